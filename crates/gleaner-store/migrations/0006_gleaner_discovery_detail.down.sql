DROP TABLE gleaner_discovery_detail;
