//! The desk: what the trader asks for becomes orders, what the venue says becomes state. Pure.

pub mod action;
pub mod effect;
pub mod event;
