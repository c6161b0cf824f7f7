DROP TABLE gleaner_sourcing_run;
