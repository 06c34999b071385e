//! What the tests of the whole program share: a terminal, an exchange in a process of its own, a plain client of it.

pub mod canary;
pub mod exchange;
pub mod net;
pub mod spoil;
pub mod terminal;
pub mod venue;

use std::time::{Duration, Instant};

/// The longest that any condition is waited for. A test that needs it has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Between two questions: the built-in exchange counts them as a venue does, and shares the count with the program under test.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// Waits until `check` gives something.
#[allow(clippy::disallowed_methods)]
pub fn eventually<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(Instant::now() < end, "never came: {what}");
        std::thread::park_timeout(ASK_AGAIN);
    }
}

/// The program under test: the one just built, or the one that `LANCET_BIN` names.
pub fn binary() -> String {
    std::env::var("LANCET_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_lancet").to_owned())
}

/// Lets real time pass between two key presses of a simulated hand, and says how much it was; never used to wait for a result.
#[allow(clippy::disallowed_methods)]
pub fn pace(time: Duration) -> Duration {
    let start = Instant::now();
    while let Some(left) = time.checked_sub(start.elapsed()) {
        std::thread::park_timeout(left);
    }
    start.elapsed()
}
