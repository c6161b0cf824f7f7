-- Months of the history that were moved into files, and what each file must hold.
CREATE TABLE gleaner_history_archive (
    file VARCHAR(255) NOT NULL PRIMARY KEY,
    folder TEXT NOT NULL,
    month TIMESTAMP NOT NULL,
    state VARCHAR(20) NOT NULL,
    row_count BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    archived_at TIMESTAMP NOT NULL
);
