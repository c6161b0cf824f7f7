DROP TABLE gleaner_api_token;
