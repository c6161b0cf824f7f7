DROP TABLE gleaner_rules;
