//! The ranges of what is read from prints and book.

use super::settings::within;
use crate::market::{flow, tape};

/// The first value beyond its hard range, as one sentence.
pub fn out_of_range(tape: &tape::Settings, flow: &flow::Settings) -> Option<String> {
    let checks = [
        within("tape.merge_ms", tape.merge_ms, (0, 5_000)),
        within("tape.sweep_prices", tape.sweep_prices, (2, 100)),
        within("tape.from_percentile", tape.from_percentile, (1, 99)),
        within("tape.large_percentile", tape.large_percentile, (50, 100)),
        within("flow.levels", flow.levels, (1, 50)),
    ];
    checks.into_iter().flatten().next()
}
