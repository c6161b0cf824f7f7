-- What administrators did, for ever.
CREATE TABLE gleaner_audit (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor_id VARCHAR(36),
    actor VARCHAR(100) NOT NULL,
    action VARCHAR(100) NOT NULL,
    subject VARCHAR(300),
    detail TEXT,
    source VARCHAR(50) NOT NULL,
    address VARCHAR(50)
);
CREATE INDEX idx_gleaner_audit_at ON gleaner_audit (at);
