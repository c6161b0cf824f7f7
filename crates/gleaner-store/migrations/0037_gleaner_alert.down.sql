DROP TABLE gleaner_alert;
