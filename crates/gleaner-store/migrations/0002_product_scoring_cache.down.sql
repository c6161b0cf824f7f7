DROP TABLE product_scoring_cache;
