DROP TABLE gleaner_generation;
