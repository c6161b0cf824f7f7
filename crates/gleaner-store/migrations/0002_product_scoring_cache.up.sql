-- Scores, kept for 6 hours. Shared with existing deployments: adopted when it is there.
CREATE TABLE product_scoring_cache (
    cache_key VARCHAR(255) NOT NULL PRIMARY KEY,
    asin VARCHAR(20) NOT NULL,
    roi_percent DOUBLE PRECISION NOT NULL,
    velocity_score DOUBLE PRECISION NOT NULL,
    recommendation VARCHAR(50) NOT NULL,
    title VARCHAR(500),
    price DOUBLE PRECISION,
    bsr INTEGER,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMP NOT NULL,
    hit_count INTEGER DEFAULT 0
);
CREATE INDEX idx_scoring_expires_at ON product_scoring_cache (expires_at);
CREATE INDEX idx_scoring_asin ON product_scoring_cache (asin);
CREATE INDEX idx_scoring_roi ON product_scoring_cache (roi_percent);
CREATE INDEX idx_scoring_velocity ON product_scoring_cache (velocity_score);
