//! The desk through its entrance alone: events in, effects and state out.

mod arming;
mod asks;
mod bounds;
mod chase;
mod entries;
mod exits;
mod external;
pub(crate) mod kit;
mod lean;
mod moves;
mod orders;
mod pair;
mod properties;
mod protect;
mod replace;
mod scale;
mod stop_entry;
mod truth;
