-- What a run of a niche saw of each product: enough to compare one run with another. Amounts in the minor unit.
CREATE TABLE gleaner_niche_find (
    run_id VARCHAR(36) NOT NULL,
    asin VARCHAR(20) NOT NULL,
    title VARCHAR(500),
    price BIGINT,
    bsr BIGINT,
    verdict VARCHAR(50),
    roi_percent DOUBLE PRECISION,
    max_cost BIGINT,
    PRIMARY KEY (run_id, asin)
);
