DROP TABLE gleaner_meta;
