DROP TABLE gleaner_session;
