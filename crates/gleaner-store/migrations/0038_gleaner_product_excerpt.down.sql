DROP TABLE gleaner_product_excerpt;
