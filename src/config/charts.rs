//! The settings of charts: which values can be.

use super::Settings;
use super::settings::within;
use crate::market::bar::MOST_FRAMES;

/// The first value that cannot be, as one sentence.
pub(super) fn out_of_range(settings: &Settings) -> Option<String> {
    let charts = &settings.charts;
    let count = charts.frames.len();
    if count == 0 || count > MOST_FRAMES {
        return Some(format!(
            "charts.frames are {count}, they must be 1 to {MOST_FRAMES}"
        ));
    }
    if !charts.frames.contains(&charts.frame) {
        let frame = charts.frame;
        return Some(format!(
            "charts.frame is {frame}, it must be one of charts.frames"
        ));
    }
    within("clusters.imbalance", settings.clusters.imbalance, (2, 100))
        .or_else(|| within("heat.seconds", settings.heat.seconds, (1, 60)))
}
