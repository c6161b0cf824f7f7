-- Every token spent: when, for what, how many were expected, how many Keepa charged, what was left.
CREATE TABLE gleaner_token_ledger (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    purpose VARCHAR(50) NOT NULL,
    request TEXT NOT NULL,
    estimated BIGINT NOT NULL,
    charged BIGINT,
    balance_after BIGINT,
    products_bought BIGINT NOT NULL,
    tokens_saved BIGINT NOT NULL
);
CREATE INDEX idx_gleaner_token_ledger_at ON gleaner_token_ledger (at);
