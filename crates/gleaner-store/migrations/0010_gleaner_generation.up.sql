-- One row: a number that grows whenever answers computed before must not be kept any more.
CREATE TABLE gleaner_generation (
    id BIGINT NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL
);
INSERT INTO gleaner_generation (id, generation) VALUES (1, 0);
