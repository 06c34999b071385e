//! The desk: what the trader asks for becomes orders, what the venue says becomes state. Pure.

pub mod acks;
mod act;
pub mod action;
pub mod arm;
pub mod ask;
mod cancel;
mod chase;
mod closing;
pub mod desk;
pub mod effect;
pub mod event;
mod exits;
mod exposure;
mod facts;
mod feed;
mod hangup;
pub mod health;
pub mod hint;
pub mod ids;
pub mod key;
mod lean;
pub mod ledger;
pub mod line;
pub mod market;
mod moves;
pub mod notices;
mod pair;
mod panic;
pub mod plans;
mod price;
pub mod protect;
mod queue;
pub mod record;
mod rejoin;
pub mod replace;
pub mod scale;
mod send;
pub mod settings;
pub mod sizing;
mod stop_entry;
pub mod stops;
pub mod suggest;
mod trail;
pub mod volume;
mod wall;
pub mod words;
pub mod working;

pub use desk::Desk;
pub use settings::DeskSettings;

#[cfg(test)]
pub(crate) mod tests;
