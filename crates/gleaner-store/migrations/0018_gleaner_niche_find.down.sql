DROP TABLE gleaner_niche_find;
