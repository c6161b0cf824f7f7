DROP TABLE gleaner_history_rollup;
