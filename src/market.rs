//! What is derived from book changes and prints. Pure.

pub mod amount;
pub mod change;
pub mod drift;
pub mod flow;
pub mod iceberg;
pub mod outliers;
pub mod pace;
mod rank;
mod readings;
mod seconds;
pub mod sizes;
pub mod tape;
pub mod traded;

pub use readings::{Readings, Settings};
