DROP TABLE gleaner_score_detail;
