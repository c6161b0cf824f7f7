//! keepa
