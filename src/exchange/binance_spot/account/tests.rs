//! The account in virtual time, against a venue made of hands.

mod keys;
mod lines;
mod orders;
mod proofs;
mod rig;
mod truth;
