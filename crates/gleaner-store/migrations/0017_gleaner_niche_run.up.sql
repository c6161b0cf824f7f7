-- Each run of a niche and what it came to.
CREATE TABLE gleaner_niche_run (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    niche_id VARCHAR(36) NOT NULL,
    niche_version BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    milliseconds BIGINT NOT NULL,
    source VARCHAR(50) NOT NULL,
    outcome VARCHAR(50) NOT NULL,
    error VARCHAR(100),
    found BIGINT NOT NULL,
    scored BIGINT NOT NULL,
    verdicts TEXT NOT NULL,
    buys BIGINT NOT NULL,
    median_roi DOUBLE PRECISION,
    tokens_charged BIGINT NOT NULL,
    tokens_saved BIGINT NOT NULL
);
CREATE INDEX idx_gleaner_niche_run_niche ON gleaner_niche_run (niche_id, id);
