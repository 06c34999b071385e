//! The built-in exchange: a matching core, a seeded crowd, and a server that speaks a venue's wire with code of its own.

pub mod crowd;
pub mod market;
