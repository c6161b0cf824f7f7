-- Paid facts: each product as Keepa sent it (JSON, zstd), beside the few columns that are searched.
CREATE TABLE gleaner_product (
    domain BIGINT NOT NULL,
    asin VARCHAR(20) NOT NULL,
    fetched_at TIMESTAMP NOT NULL,
    title VARCHAR(500),
    root_category BIGINT,
    bsr BIGINT,
    facts BYTEA NOT NULL,
    PRIMARY KEY (domain, asin)
);
CREATE INDEX idx_gleaner_product_fetched_at ON gleaner_product (fetched_at);
CREATE INDEX idx_gleaner_product_category_bsr ON gleaner_product (domain, root_category, bsr);
