DROP TABLE gleaner_notify_attempt;
