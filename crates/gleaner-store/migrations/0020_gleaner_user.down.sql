DROP TABLE gleaner_user;
