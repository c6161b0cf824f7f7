-- Who is logged in. The id is the SHA-256 of what the browser keeps: who reads this table cannot use it.
CREATE TABLE gleaner_session (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    user_id VARCHAR(36) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    address VARCHAR(50),
    client VARCHAR(300)
);
CREATE INDEX idx_gleaner_session_user_id ON gleaner_session (user_id);
CREATE INDEX idx_gleaner_session_expires_at ON gleaner_session (expires_at);
