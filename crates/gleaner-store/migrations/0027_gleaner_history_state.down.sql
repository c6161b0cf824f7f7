DROP TABLE gleaner_history_state;
