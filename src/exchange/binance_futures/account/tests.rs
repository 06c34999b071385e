//! The account machine driven in virtual time with documented messages.

mod algo;
mod hedge;
mod keys;
mod lines;
mod orders;
mod proofs;
mod rig;
mod truth;
