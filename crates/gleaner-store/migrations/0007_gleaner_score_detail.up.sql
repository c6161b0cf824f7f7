-- What product_scoring_cache has no column for. It belongs to the row with the same key and the same created_at.
CREATE TABLE gleaner_score_detail (
    cache_key VARCHAR(255) NOT NULL PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    rules_version BIGINT NOT NULL,
    strategy VARCHAR(50) NOT NULL,
    fee_cards VARCHAR(50) NOT NULL,
    facts_fetched_at TIMESTAMP NOT NULL,
    score TEXT NOT NULL
);
CREATE INDEX idx_gleaner_score_detail_expires_at ON gleaner_score_detail (expires_at);
