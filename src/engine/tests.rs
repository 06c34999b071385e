//! The desk through its entrance alone: events in, effects and state out.

mod arming;
mod entries;
mod every_order;
mod exits;
mod held;
pub(crate) mod kit;
mod moves;
mod orders;
mod properties;
mod protect;
mod takes;
mod trail;
mod truth;
