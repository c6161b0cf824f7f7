-- The rules of each strategy as somebody saved them: a version is never changed, a change is a new version.
CREATE TABLE gleaner_rules (
    strategy VARCHAR(50) NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    author VARCHAR(100),
    note TEXT,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (strategy, version)
);
