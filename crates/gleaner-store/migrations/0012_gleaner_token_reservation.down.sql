DROP TABLE gleaner_token_reservation;
