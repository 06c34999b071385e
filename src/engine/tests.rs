//! The desk through its entrance alone: events in, effects and state out.

mod arming;
mod asks;
mod bounds;
mod chase;
mod entries;
mod every_order;
mod exits;
mod external;
mod guard;
mod hedge;
mod held;
mod interplay;
pub(crate) mod kit;
mod lean;
mod moves;
mod orders;
mod pair;
mod presses;
mod preview;
mod properties;
mod protect;
mod replace;
mod scale;
mod stop_entry;
mod takes;
mod trail;
mod truth;
