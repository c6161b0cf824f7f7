-- Saved searches: a name, what is looked for and under which rules it is scored.
CREATE TABLE gleaner_niche (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    note TEXT,
    strategy VARCHAR(50) NOT NULL,
    filters TEXT NOT NULL,
    cost BIGINT,
    archived BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
