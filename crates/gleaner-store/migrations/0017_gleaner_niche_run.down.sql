DROP TABLE gleaner_niche_run;
