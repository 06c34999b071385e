//! The black box: the last hour of book, prints, keys, own orders and fills of every open ladder, always written down, bounded in time
//! and bytes. [`Recorder`] writes it, [`Reader`] reads it back, [`trip`] finds one's own last trade in it.
//!
//! It lies in segments of a minute, gzip, which can each be opened alone: a segment begins with the rules of its markets, their whole
//! books, and the orders and positions of that moment. A segment that was cut off by a crash is good up to the cut.
//!
//! # The lines of a segment
//!
//! Text, one line each, fields between blanks. The first is `lancet-box 1 NS RUN`: the moment of the segment, ns since 1970, and the
//! name of the run. `T` is µs since that moment, `N` the number of a market; prices and sizes are decimal text; a line of an unknown
//! letter is stepped over.
//!
//! | line | what |
//! |---|---|
//! | `m N ENV ACCOUNT {rules}` | a market and its rules |
//! | `k T N CHANGED PROVED LAG GAPS DOWN UP BIDS ASKS STATE …` | a whole book, every ten seconds |
//! | `d T N …` the same | what became of a book: levels that changed, `0` for one that went |
//! | `s T N CHANGED PROVED STATE …` | a book that did not change: what may be believed of it |
//! | `t T N b\|s PRICE QTY MS` | a print: the aggressor's side, the venue's time |
//! | `o` `f` `p` `e` `g` `T N {…}` | own order, fill, position, account settings, funding |
//! | `y T N {…}` | a key: what it asked for, what was in sight, what it promised |
//! | `.` | the beginning is complete; what follows happens |
//! | `x T COUNT` | so many things could not be written in time |
//!
//! `CHANGED` and `PROVED` are how long ago, µs, the book changed and its line proved itself; `DOWN` and `UP` where it is known to, `-`
//! for everything; `BIDS` and `ASKS` are `PRICE:QTY,…`, best first, `-` for none.

mod lines;
mod own;
mod promise;
mod reader;
mod recorder;
mod rules;
mod segments;
pub mod trip;

pub use promise::{Key, Pressed, Promise};
pub use reader::{Reader, Seen, What};
pub use recorder::{Recorder, Told, Wrote};
pub use segments::{Bounds, Segment, segments};

use std::path::PathBuf;

/// Where a cache folder holds the box.
pub const FOLDER: &str = "blackbox";

/// The box cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BoxError {
    /// A file or a folder of it.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: std::io::Error,
    },
    /// A file that is no segment.
    #[error("{0}: this is no black box of Lancet")]
    Foreign(PathBuf),
    /// A folder without a segment in it.
    #[error("{0}: nothing is recorded here")]
    Empty(PathBuf),
}

#[cfg(test)]
mod tests;
