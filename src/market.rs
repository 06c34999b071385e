//! What is derived from book changes and prints. Pure.

mod readings;
pub mod tape;

pub use readings::{Readings, Settings};
