//! The desk: what the trader asks for becomes orders, what the venue says becomes state. Pure.

pub mod acks;
mod act;
pub mod action;
pub mod arm;
pub mod ask;
mod cancel;
mod closing;
pub mod desk;
pub mod distance;
pub mod effect;
pub mod event;
mod exits;
mod exposure;
mod facts;
mod feed;
pub mod guard;
mod hangup;
pub mod health;
pub mod hint;
pub mod ids;
pub mod key;
pub mod ledger;
mod legs;
pub mod line;
mod liquidation;
pub mod market;
mod moves;
pub mod notices;
mod panic;
pub mod presses;
pub mod preview;
mod price;
pub mod protect;
mod queue;
pub mod record;
mod send;
pub mod settings;
pub mod sizing;
pub mod stops;
pub mod suggest;
mod trail;
mod trip;
pub mod volume;
pub mod words;
pub mod working;

pub use desk::Desk;
pub use settings::DeskSettings;

#[cfg(test)]
pub(crate) mod tests;
