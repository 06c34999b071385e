//! What is different about the public side of one of the venue's products. Plain data; owns nothing.

use super::listing::Load;
pub use super::streams::Kind;
use crate::domain::VenueId;

/// How the ids of depth events follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sequence {
    /// Ids leave gaps; `pu` names the last id of the event before. (Binance, How to manage a local order book correctly,
    /// USDⓈ-M futures.)
    #[default]
    Linked,
    /// Ids are consecutive: an event begins where the one before ended. (Binance, How to manage a local order book correctly, spot.)
    Consecutive,
}

/// Levels a side of a snapshot, and the request weight that it costs.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Levels a side.
    pub levels: u32,
    /// Request weight.
    pub weight: u32,
}

/// One product.
#[derive(Debug)]
pub struct Product {
    /// The venue's name on the command line.
    pub id: &'static str,
    /// Where its REST calls begin: `/fapi/v1`.
    pub root: &'static str,
    /// How depth events follow each other.
    pub sequence: Sequence,
    /// The streams of a symbol on the public route.
    pub public: &'static [Kind],
    /// The streams of a symbol on the market route.
    pub market: &'static [Kind],
    /// Request weight a minute until the venue states its own.
    pub weight_limit: u32,
    /// Where the instruments are, below the root.
    pub instruments: &'static str,
    /// Request weight of the instruments.
    pub instruments_weight: u32,
    /// The snapshots to ask for: the first that can be afforded.
    pub pages: &'static [Page],
    /// Minutes of the past to ask for, and the request weight that they cost.
    pub past: (u32, u32),
    /// Reads the instruments.
    pub load: fn(&[u8], VenueId) -> Result<Load, serde_json::Error>,
}
