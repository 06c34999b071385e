//! What is derived from book changes and prints. Pure.

pub mod drift;
mod readings;
pub mod tape;

pub use readings::{Readings, Settings};
