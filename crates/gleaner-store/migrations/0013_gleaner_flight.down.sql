DROP TABLE gleaner_flight;
