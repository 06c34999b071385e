//! What is derived from book changes and prints. Pure.

pub mod amount;
pub mod change;
pub mod iceberg;
pub mod outliers;
mod readings;
pub mod sizes;
pub mod tape;
pub mod traded;

pub use readings::{Readings, Settings};
