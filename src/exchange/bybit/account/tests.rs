//! The account machine driven in virtual time with documented messages.

mod lines;
mod orders;
mod places;
mod proofs;
mod rig;
mod spot;
mod truth;
