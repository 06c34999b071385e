//! The one test binary: what crosses a seam. Everything else is tested under the code itself.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "kit/desk.rs"]
mod desk; // a trader's seat: keys in, screen out, virtual time
mod kit; // a terminal, an exchange process, a plain client

mod alerts; // bells, desktop notices, the list, levels from run to run
mod commands; // the command line as other programs use it
mod conformance; // every venue against its wire: what any connector must do
mod doctor; // what it looks at, and that it looks no further
mod hands; // nothing but a deliberate press trades: held keys, pastes, locked keys, clicks
mod keys; // API keys: the whole road from the key screen to a fill, the commands, the canary
mod lines; // typed lines, and what is remembered of them
mod okx; // the account machine of OKX and its wire, in virtual time
mod paper; // paper trading with the real binary
mod readme; // the README says what the program says
mod scenarios; // market and keys in, orders and screen out
mod screens; // whole screens as a session makes them
mod several; // several venues in one program
mod terminal; // the real binary in a pseudo-terminal
mod venue;
mod workspace; // layouts, tabs, and what comes back at the next start // the whole machine and the built-in exchange as function calls, in virtual time

mod tidy; // the rules of the house, read from the source
