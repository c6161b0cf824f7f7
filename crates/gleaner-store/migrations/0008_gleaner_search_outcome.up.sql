-- What the seven columns of search_history cannot hold, one row beside each of its rows.
CREATE TABLE gleaner_search_outcome (
    history_id VARCHAR(36) NOT NULL PRIMARY KEY,
    hits BIGINT NOT NULL,
    misses BIGINT NOT NULL,
    tokens_estimated BIGINT NOT NULL,
    tokens_charged BIGINT NOT NULL,
    tokens_saved BIGINT NOT NULL,
    verdicts TEXT NOT NULL,
    milliseconds BIGINT NOT NULL,
    error TEXT
);
