//! What is derived from book changes and prints. Pure.

pub mod amount;
pub mod bar;
pub mod candles;
pub mod change;
pub mod clusters;
pub mod drift;
pub mod flow;
pub mod heat;
pub mod iceberg;
pub mod outliers;
pub mod pace;
mod rank;
mod readings;
#[cfg(test)]
mod sample;
mod seconds;
pub mod sizes;
pub mod tape;
pub mod traded;

pub use readings::{Readings, Settings};
