DROP TABLE gleaner_fee_card;
