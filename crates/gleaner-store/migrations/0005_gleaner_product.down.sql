DROP TABLE gleaner_product;
