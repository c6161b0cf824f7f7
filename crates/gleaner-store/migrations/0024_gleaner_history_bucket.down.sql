DROP TABLE gleaner_history_bucket;
