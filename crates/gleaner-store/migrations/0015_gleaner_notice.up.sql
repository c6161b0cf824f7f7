-- The outbox: what people are to be told, written in the transaction of what it tells about.
CREATE TABLE gleaner_notice (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    kind VARCHAR(50) NOT NULL,
    subject VARCHAR(300) NOT NULL,
    text TEXT NOT NULL,
    payload TEXT NOT NULL,
    handed_out_at TIMESTAMP
);
CREATE INDEX idx_gleaner_notice_handed_out_at ON gleaner_notice (handed_out_at, at);
