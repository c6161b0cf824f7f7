//! Files in and out: what people save, export and get from suppliers.
//!
//! Each format has a module that turns bytes into typed values and never guesses silently: what
//! cannot be used is an error that names the place. To add a format, add a module with a `read`
//! function and its own error type.

pub mod keepa_json;
