DROP TABLE gleaner_history_archive;
