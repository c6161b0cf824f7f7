DROP TABLE gleaner_notice;
