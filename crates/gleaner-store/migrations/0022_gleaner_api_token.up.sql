-- Keys that programs come in with. Only the SHA-256 is kept, and the beginning, to tell one from another.
CREATE TABLE gleaner_api_token (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    user_id VARCHAR(36) NOT NULL,
    name VARCHAR(100) NOT NULL,
    scope VARCHAR(20) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    beginning VARCHAR(20) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    used_at TIMESTAMP
);
CREATE UNIQUE INDEX idx_gleaner_api_token_hash ON gleaner_api_token (hash);
CREATE INDEX idx_gleaner_api_token_user_id ON gleaner_api_token (user_id);
