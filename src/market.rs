//! What is derived from book changes and prints. Pure.

pub mod tape;
