DROP TABLE gleaner_sourcing_triage;
