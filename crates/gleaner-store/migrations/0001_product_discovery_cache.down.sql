DROP TABLE product_discovery_cache;
