-- Who is working on what: a lease until so many milliseconds after 1970, by the clock of the database.
CREATE TABLE gleaner_flight (
    flight_key VARCHAR(255) NOT NULL PRIMARY KEY,
    owner VARCHAR(36) NOT NULL,
    lease_until BIGINT NOT NULL
);
CREATE INDEX idx_gleaner_flight_owner ON gleaner_flight (owner);
