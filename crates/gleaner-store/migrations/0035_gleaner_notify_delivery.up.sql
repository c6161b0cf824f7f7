-- A message to a channel, about one notice or several: waiting, delivered, failed or dropped. Its words are fixed at
-- the first attempt, so that every attempt says the same under the same id.
CREATE TABLE gleaner_notify_delivery (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    channel_id VARCHAR(36) NOT NULL,
    state VARCHAR(20) NOT NULL,
    trial BIGINT NOT NULL,
    notices TEXT NOT NULL,
    message TEXT,
    attempts BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    delivered_at TIMESTAMP
);
CREATE INDEX idx_gleaner_notify_delivery_due ON gleaner_notify_delivery (state, due_at);
CREATE INDEX idx_gleaner_notify_delivery_channel ON gleaner_notify_delivery (channel_id, created_at);
