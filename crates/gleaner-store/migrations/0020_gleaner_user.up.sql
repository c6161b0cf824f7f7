-- Accounts. A name is written in small letters; whoever comes from an identity provider has a subject instead of a
-- password.
CREATE TABLE gleaner_user (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    role VARCHAR(20) NOT NULL,
    password_hash TEXT,
    subject VARCHAR(500),
    created_at TIMESTAMP NOT NULL,
    disabled_at TIMESTAMP,
    login_at TIMESTAMP
);
CREATE UNIQUE INDEX idx_gleaner_user_name ON gleaner_user (name);
CREATE UNIQUE INDEX idx_gleaner_user_subject ON gleaner_user (subject);
