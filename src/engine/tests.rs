//! The desk through its entrance alone: events in, effects and state out.

mod arming;
mod asks;
mod entries;
mod every_order;
mod exits;
mod guard;
mod hedge;
mod held;
pub(crate) mod kit;
mod moves;
mod orders;
mod presses;
mod preview;
mod properties;
mod protect;
mod takes;
mod trail;
mod truth;
