-- Where people are told: the document says where to, what about and when; the secrets stand apart, so that no list
-- shows them.
CREATE TABLE gleaner_notify_channel (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    document TEXT NOT NULL,
    secrets TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX idx_gleaner_notify_channel_name ON gleaner_notify_channel (name);
