//! What is derived from book changes and prints. Pure.

pub mod outliers;
mod readings;
pub mod tape;

pub use readings::{Readings, Settings};
