//! The model by direct calls, in virtual time.

pub mod kit;
