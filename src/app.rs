//! The wiring: threads, channels, the loop. The only file that sees everything.

pub mod channel;
mod disk;
mod keys;
mod screen;
mod shown;
mod signals;
mod turn;
