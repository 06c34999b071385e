//! What is derived from book changes and prints. Pure.

pub mod flow;
pub mod pace;
mod rank;
mod readings;
mod seconds;
pub mod tape;

pub use readings::{Readings, Settings};
