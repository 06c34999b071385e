//! What a whole fetch of account truth says, with what the line told beside it. Pure; owns nothing.

use crate::domain::message::Balance;
use crate::domain::{OrderReport, PositionReport, Stamp};
use crate::exchange::bybit::read::ReadError;
use crate::exchange::bybit::read::fill::FillSaid;
use crate::exchange::bybit::read::order::OrderSaid;
use crate::exchange::bybit::read::position::PositionSaid;
use crate::exchange::bybit::read::settings::{AccountInfo, KeyInfo};

/// What a whole fetch brings.
#[derive(Debug)]
pub struct Whole {
    /// Open orders, the positions' own stops among them.
    pub orders: Vec<OrderSaid>,
    /// Positions, some of them more than once, some of them flat.
    pub positions: Vec<PositionSaid>,
    /// Balances.
    pub balances: Vec<Balance>,
    /// Trades and funding since the last fetch, in no order.
    pub fills: Vec<FillSaid>,
    /// The account's modes, where they were asked for.
    pub account: Option<AccountInfo>,
    /// The key's rights, where they were asked for and told.
    pub key: Option<KeyInfo>,
    /// Records that were skipped.
    pub bad: Vec<ReadError>,
    /// When the fetch began.
    pub began: Stamp,
    /// The same in venue time, ms.
    pub began_ms: i64,
    /// When its last part came.
    pub at: Stamp,
}

/// Brings in what the line told of orders while a fetch ran, where it is newer.
pub fn merge_orders(listed: &mut Vec<OrderReport>, beside: &[OrderReport]) {
    for report in beside {
        let same = |o: &OrderReport| o.order.venue == report.order.venue;
        let at = listed.iter().position(same);
        match (report.status.is_final(), at) {
            (true, Some(at)) => {
                listed.remove(at);
            }
            (true, None) => {}
            (false, Some(at)) => {
                if let Some(old) = listed.get_mut(at)
                    && old.venue_ms <= report.venue_ms
                {
                    *old = report.clone();
                }
            }
            (false, None) => listed.push(report.clone()),
        }
    }
}

/// The same for positions; what is flat is left out.
pub fn merge_positions(listed: &mut Vec<PositionReport>, beside: &[PositionReport], began_ms: i64) {
    for report in beside {
        let same = |p: &PositionReport| (p.key, p.leg) == (report.key, report.leg);
        match listed.iter().position(same) {
            Some(at) if listed.get(at).is_some_and(|p| p.venue_ms > report.venue_ms) => {}
            Some(at) => {
                listed.remove(at);
                listed.push(*report);
            }
            None if report.venue_ms >= began_ms => listed.push(*report),
            None => {}
        }
    }
    listed.retain(|p| !p.size.is_zero());
}
