DROP TABLE gleaner_token_ledger;
