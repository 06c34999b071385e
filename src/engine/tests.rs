//! The desk through its entrance alone: events in, effects and state out.

mod arming;
mod asks;
mod entries;
mod exits;
mod guard;
pub(crate) mod kit;
mod moves;
mod orders;
mod properties;
mod protect;
mod truth;
