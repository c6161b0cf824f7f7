-- What product_discovery_cache has no column for. It belongs to the row with the same key and the same created_at.
CREATE TABLE gleaner_discovery_detail (
    cache_key VARCHAR(255) NOT NULL PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX idx_gleaner_discovery_detail_expires_at ON gleaner_discovery_detail (expires_at);
