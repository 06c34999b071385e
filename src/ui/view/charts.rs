//! How a screen looks at its charts: the time frame, what stands in a cell. Pure.

use std::sync::Arc;

use super::ViewOutcome;
use crate::market::bar::Frame;

/// How charts are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charts {
    /// The time frames that there are.
    pub frames: Arc<[Frame]>,
    /// The number of the one that is shown.
    pub frame: usize,
    /// The footprint.
    pub clusters: ClusterLook,
}

/// How the footprint is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterLook {
    /// What stands in a cell.
    pub text: ClusterText,
    /// What colours it.
    pub colour: ClusterColour,
    /// How many times its diagonal neighbour a side must trade to be an imbalance.
    pub imbalance: i64,
}

impl Default for ClusterLook {
    fn default() -> Self {
        Self {
            text: ClusterText::default(),
            colour: ClusterColour::default(),
            imbalance: 3,
        }
    }
}

/// What stands in a cell of the footprint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClusterText {
    /// What sellers took at the bid, and what buyers took at the ask.
    #[default]
    BidAsk,
    /// Buyers less sellers.
    Delta,
    /// Both together.
    Total,
}

/// What colours a cell of the footprint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClusterColour {
    /// The difference, against the largest one of the column.
    #[default]
    Delta,
    /// Whose share of the cell is larger, and by how much.
    Balance,
    /// Nothing.
    None,
}

impl Charts {
    /// The time frame that is shown.
    pub fn shown(&self) -> Option<Frame> {
        self.frames.get(self.frame).copied()
    }

    /// Goes to the next frame or to the one before.
    pub fn change_frame(&mut self, longer: bool) -> ViewOutcome {
        let next = if longer {
            Some(self.frame + 1).filter(|next| *next < self.frames.len())
        } else {
            self.frame.checked_sub(1)
        };
        match (next, self.shown()) {
            (Some(next), _) => {
                self.frame = next;
                ViewOutcome::Drawn
            }
            (None, Some(shown)) if longer => {
                ViewOutcome::Note(format!("{shown} is the last time frame"))
            }
            (None, Some(shown)) => ViewOutcome::Note(format!("{shown} is the first time frame")),
            (None, None) => ViewOutcome::Drawn,
        }
    }

    /// Goes on to what can stand in a cell next.
    pub fn change_text(&mut self) -> ViewOutcome {
        self.clusters.text = match self.clusters.text {
            ClusterText::BidAsk => ClusterText::Delta,
            ClusterText::Delta => ClusterText::Total,
            ClusterText::Total => ClusterText::BidAsk,
        };
        ViewOutcome::Drawn
    }
}
