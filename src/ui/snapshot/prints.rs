//! What the readings of prints and book say, as far as a panel shows it. Pure.

use std::sync::Arc;

use super::MarketView;
use crate::market::Readings;

/// Adds it to a market whose instrument is known.
pub fn add(market: &mut MarketView, readings: &Readings, panels: &[&'static str]) {
    let shows = |names: &[&str]| panels.iter().any(|panel| names.contains(panel));
    if shows(&["tape", "bubbles"])
        && let Some(instrument) = market.instrument.as_deref()
    {
        market.tape = Some(Arc::new(readings.tape.view(instrument)));
    }
    if shows(&["tape", "flow"]) {
        market.pace = Some(readings.pace.view());
    }
    if shows(&["flow"]) {
        market.flow = Some(Arc::new(readings.flow.view()));
    }
}
