-- One row: the balance as Keepa told it last. Empty until then; whoever reserves tokens holds its lock.
CREATE TABLE gleaner_token_account (
    id BIGINT NOT NULL PRIMARY KEY,
    balance BIGINT,
    read_at TIMESTAMP,
    refill_rate BIGINT,
    refill_in_ms BIGINT
);
INSERT INTO gleaner_token_account (id) VALUES (1);
