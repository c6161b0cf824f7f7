DROP TABLE gleaner_notify_channel;
