-- Every attempt to deliver: what the receiver answered, or why there was no answer, and how long it took.
CREATE TABLE gleaner_notify_attempt (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    delivery_id VARCHAR(36) NOT NULL,
    at TIMESTAMP NOT NULL,
    status BIGINT,
    error_code VARCHAR(50),
    error TEXT,
    milliseconds BIGINT NOT NULL
);
CREATE INDEX idx_gleaner_notify_attempt_delivery ON gleaner_notify_attempt (delivery_id, at);
