-- Sums over the history, per stretch, kind of search and one thing more (the facet) at a time.
CREATE TABLE gleaner_history_rollup (
    starts_at TIMESTAMP NOT NULL,
    archived BIGINT NOT NULL,
    facet VARCHAR(20) NOT NULL,
    search_type VARCHAR(50) NOT NULL,
    name VARCHAR(100) NOT NULL,
    detail VARCHAR(100) NOT NULL,
    searches BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    results BIGINT NOT NULL,
    hits BIGINT NOT NULL,
    misses BIGINT NOT NULL,
    tokens_estimated BIGINT NOT NULL,
    tokens_charged BIGINT NOT NULL,
    tokens_saved BIGINT NOT NULL,
    timed BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    PRIMARY KEY (facet, starts_at, archived, search_type, name, detail)
);
CREATE INDEX idx_gleaner_history_rollup_starts_at ON gleaner_history_rollup (starts_at);
