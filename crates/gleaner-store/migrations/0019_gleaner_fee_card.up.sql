-- Fee cards as somebody saved them: a version is never changed, a change is a new version. No document: as shipped.
CREATE TABLE gleaner_fee_card (
    id VARCHAR(100) NOT NULL,
    version BIGINT NOT NULL,
    document TEXT,
    author VARCHAR(100),
    note TEXT,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id, version)
);
