//! The account machine driven in virtual time with documented messages.

mod algo;
mod keys;
mod lines;
mod orders;
mod proofs;
pub mod rig;
mod settings;
mod spot;
mod truth;
