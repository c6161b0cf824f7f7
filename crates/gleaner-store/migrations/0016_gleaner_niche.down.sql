DROP TABLE gleaner_niche;
