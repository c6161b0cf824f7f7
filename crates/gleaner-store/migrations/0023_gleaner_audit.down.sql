DROP TABLE gleaner_audit;
