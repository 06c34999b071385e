//! What is derived from book changes and prints. Pure.

pub mod bar;
pub mod clusters;
#[cfg(test)]
mod sample;
pub mod tape;
