-- What was decided on picks, step by step: only ever added to; a step that was undone says when.
CREATE TABLE gleaner_sourcing_triage (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    pick_id VARCHAR(36) NOT NULL,
    at TIMESTAMP NOT NULL,
    action VARCHAR(20) NOT NULL,
    state VARCHAR(20) NOT NULL,
    author VARCHAR(100),
    document TEXT NOT NULL,
    undone_at TIMESTAMP
);
CREATE INDEX idx_gleaner_sourcing_triage_pick_id ON gleaner_sourcing_triage (pick_id, at);
