//! Lancet: a keyboard-driven order-book scalper for the terminal.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod exchange;
pub mod input;
pub mod journal;
pub mod market;
pub mod nearest;
pub mod replay;
pub mod sim;
pub mod ui;
