DROP TABLE gleaner_sourcing_job;
