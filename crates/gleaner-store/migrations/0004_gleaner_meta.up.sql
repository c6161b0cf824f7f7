-- What the database knows about itself, a name and a value at a time (for example which upstream filled it).
CREATE TABLE gleaner_meta (
    name VARCHAR(100) NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
