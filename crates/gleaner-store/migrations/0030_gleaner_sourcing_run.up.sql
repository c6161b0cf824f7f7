-- The runs of jobs, with all that is needed to go on after a crash. A job has one run at a time that has not ended.
CREATE TABLE gleaner_sourcing_run (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    job_id VARCHAR(36) NOT NULL,
    number BIGINT NOT NULL,
    state VARCHAR(20) NOT NULL,
    outcome VARCHAR(20),
    started_by VARCHAR(20) NOT NULL,
    source VARCHAR(50) NOT NULL,
    user_id VARCHAR(36),
    scheduled_for TIMESTAMP,
    resume_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    ended_at TIMESTAMP,
    cancel_requested BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    document TEXT NOT NULL,
    progress TEXT NOT NULL,
    report TEXT
);
CREATE UNIQUE INDEX idx_gleaner_sourcing_run_number ON gleaner_sourcing_run (job_id, number);
CREATE UNIQUE INDEX idx_gleaner_sourcing_run_open ON gleaner_sourcing_run (job_id) WHERE state <> 'ended';
CREATE INDEX idx_gleaner_sourcing_run_created_at ON gleaner_sourcing_run (created_at);
