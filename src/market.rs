//! What is derived from book changes and prints. Pure.

pub mod bar;
pub mod candles;
pub mod clusters;
pub mod heat;
mod readings;
#[cfg(test)]
mod sample;
pub mod tape;

pub use readings::{Readings, Settings};
