-- Answers to discoveries, kept for 24 hours. Shared with existing deployments: adopted when it is there.
CREATE TABLE product_discovery_cache (
    cache_key VARCHAR(255) NOT NULL PRIMARY KEY,
    asins JSON NOT NULL,
    filters_applied JSON,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMP NOT NULL,
    hit_count INTEGER DEFAULT 0
);
CREATE INDEX idx_discovery_expires_at ON product_discovery_cache (expires_at);
CREATE INDEX idx_discovery_created_at ON product_discovery_cache (created_at);
