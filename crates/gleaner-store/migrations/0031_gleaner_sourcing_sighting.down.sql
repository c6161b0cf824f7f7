DROP TABLE gleaner_sourcing_sighting;
