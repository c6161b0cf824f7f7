-- Tokens promised to calls that are under way, by all processes together.
CREATE TABLE gleaner_token_reservation (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    purpose VARCHAR(50) NOT NULL,
    amount BIGINT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX idx_gleaner_token_reservation_expires_at ON gleaner_token_reservation (expires_at);
