DROP TABLE gleaner_notify_delivery;
