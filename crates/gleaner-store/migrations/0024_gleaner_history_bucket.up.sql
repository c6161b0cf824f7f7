-- Stretches of the history that are counted in gleaner_history_rollup, and how many rows each had when it was counted.
CREATE TABLE gleaner_history_bucket (
    starts_at TIMESTAMP NOT NULL,
    archived BIGINT NOT NULL,
    hours BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    PRIMARY KEY (starts_at, archived)
);
