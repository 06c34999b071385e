//! Keys in: bytes become keys, keys become actions, the guard drops what no hand pressed.
//!
//! The road of a key: [`reader`] (bytes) → [`parser`] (keys) → [`hands`] = [`guard`] (a hand, or not?) +
//! [`sequence`] (leader keys) + [`keymap`] (what it means) → an action for the desk or the screen.
//!
//! A reader thread owns the terminal's fd; everything else here is pure. Must not know prices, orders or panels:
//! of the desk only the names of its actions, of the screen only the names of its view actions.

pub mod chord;
pub mod guard;
pub mod hands;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod link;
pub mod listing;
pub mod parser;
pub mod pasted;
pub mod reader;
pub mod sequence;
pub mod window;

pub use chord::{Chord, Code, Stroke};
pub use key::{Click, Input, Key, Kind};
pub use pasted::Pasted;
