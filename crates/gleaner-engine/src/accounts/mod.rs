//! Who may come in, and what they may do.

mod role;

pub use role::Role;
