-- Every question that was answered, for ever. Shared with existing deployments: adopted when it is there.
-- A variant for each engine, because a generated UUID is written differently.
CREATE TABLE search_history (
    id VARCHAR(36) NOT NULL DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) PRIMARY KEY,
    user_id VARCHAR(36),
    search_type VARCHAR(50) NOT NULL,
    filters JSON NOT NULL,
    results_count INTEGER NOT NULL,
    source VARCHAR(50),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_history_created_at ON search_history (created_at);
CREATE INDEX idx_history_user_id ON search_history (user_id);
CREATE INDEX idx_history_search_type ON search_history (search_type);
