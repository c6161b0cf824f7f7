DROP TABLE gleaner_history_filters;
