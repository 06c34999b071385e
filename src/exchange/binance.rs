//! What Binance's products have in common: signing, the text of streams, books kept whole, the public side as a machine.
//!
//! Spot and USDⓈ-M futures are venues of their own; a [`product::Product`] says what is different about one of them.

use super::machine::Out;
use crate::domain::message::MarketFact;

pub mod answer;
pub mod audit;
pub mod caller;
mod calls;
mod depth_json;
pub mod depth_text;
pub mod error;
pub mod feed;
mod followed;
pub mod guide;
mod link;
mod listed;
pub mod listing;
mod market_text;
pub mod pace;
pub mod params;
mod past;
pub mod product;
pub mod read;
pub mod recorded;
pub mod resync;
pub mod sign;
mod streams;
pub mod whole;

/// One line for the trader; the words must be inert already.
fn note(out: &mut Out, words: String) {
    out.market.push(MarketFact::Note { words });
}
