//! The model by direct calls, in virtual time.

mod exits;
pub mod kit;
mod money;
mod properties;
mod resting;
mod taking;
mod timing;
