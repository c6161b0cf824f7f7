-- What a run judged of each product: only ever added to.
CREATE TABLE gleaner_sourcing_sighting (
    run_id VARCHAR(36) NOT NULL,
    asin VARCHAR(20) NOT NULL,
    item_condition VARCHAR(10) NOT NULL,
    job_id VARCHAR(36) NOT NULL,
    run_number BIGINT NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    facts_at TIMESTAMP,
    passed BIGINT NOT NULL,
    missed VARCHAR(30),
    figures TEXT NOT NULL,
    PRIMARY KEY (run_id, asin, item_condition)
);
CREATE INDEX idx_gleaner_sourcing_sighting_job ON gleaner_sourcing_sighting (job_id, run_number);
