DROP TABLE gleaner_search_outcome;
