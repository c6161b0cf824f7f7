DROP TABLE gleaner_sourcing_pick;
