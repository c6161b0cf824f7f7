-- One row: up to where the history was counted last, and where the table's insertions stood then.
CREATE TABLE gleaner_history_state (
    id BIGINT NOT NULL PRIMARY KEY,
    checked_at TIMESTAMP,
    mark BIGINT,
    marker VARCHAR(36),
    accounted BIGINT NOT NULL
);
INSERT INTO gleaner_history_state (id, accounted) VALUES (1, 0);
