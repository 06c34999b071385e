//! The wiring: threads, channels, the loop. The only file that sees everything.

pub mod channel;
