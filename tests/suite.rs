//! The one test binary: what crosses a seam. Everything else is tested under the code itself.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod kit; // a terminal, an exchange process, a plain client

mod commands; // the command line as other programs use it
mod readme; // the README says what the program says
mod terminal; // the real binary in a pseudo-terminal
mod tidy; // the rules of the house, read from the source
