-- The sourcing jobs. A deleted one stays for its runs; its name_key is free again.
CREATE TABLE gleaner_sourcing_job (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    name_key VARCHAR(140) NOT NULL UNIQUE,
    document TEXT NOT NULL,
    version BIGINT NOT NULL,
    paused BIGINT NOT NULL,
    next_run_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    deleted_at TIMESTAMP
);
CREATE INDEX idx_gleaner_sourcing_job_next_run_at ON gleaner_sourcing_job (next_run_at);
