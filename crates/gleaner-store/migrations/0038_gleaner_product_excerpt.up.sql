-- What scoring reads of gleaner_product's facts (JSON, zstd), so that scoring everything again reads a tenth. It belongs
-- to the row with the same key and the same fetched_at; form tells which program wrote it.
CREATE TABLE gleaner_product_excerpt (
    domain BIGINT NOT NULL,
    asin VARCHAR(20) NOT NULL,
    fetched_at TIMESTAMP NOT NULL,
    form BIGINT NOT NULL,
    excerpt BYTEA NOT NULL,
    PRIMARY KEY (domain, asin)
);
