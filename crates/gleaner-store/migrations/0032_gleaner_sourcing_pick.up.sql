-- The products that a job chose, each once: its class by the last run, and what the reseller decided.
CREATE TABLE gleaner_sourcing_pick (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    job_id VARCHAR(36) NOT NULL,
    domain BIGINT NOT NULL,
    asin VARCHAR(20) NOT NULL,
    item_condition VARCHAR(10) NOT NULL,
    class VARCHAR(20) NOT NULL,
    active BIGINT NOT NULL,
    state VARCHAR(20) NOT NULL,
    roi_percent DOUBLE PRECISION,
    profit BIGINT,
    first_seen_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    run_id VARCHAR(36) NOT NULL,
    figures TEXT NOT NULL,
    evidence TEXT NOT NULL
);
CREATE UNIQUE INDEX idx_gleaner_sourcing_pick_product ON gleaner_sourcing_pick (job_id, asin, item_condition);
CREATE INDEX idx_gleaner_sourcing_pick_last_seen_at ON gleaner_sourcing_pick (last_seen_at);
