-- The filters that the facet of that name in gleaner_history_rollup stands for, by the hash of their text.
CREATE TABLE gleaner_history_filters (
    hash VARCHAR(64) NOT NULL PRIMARY KEY,
    filters TEXT NOT NULL
);
