DROP TABLE gleaner_token_account;
