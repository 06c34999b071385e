//! Orders with what stands beside them, ready to be shown.

use serde_json::{Map, Value};

use super::shapes::{self, Extra, Shown};
use super::{Okx, ids, notes};
use crate::sim::market::{OrderView, SymbolNo, UserTrade};

impl Okx {
    /// The fills of an order, oldest first.
    pub(super) fn fills_of(&self, order: &OrderView) -> Vec<UserTrade> {
        if order.filled.is_zero() {
            return Vec::new();
        }
        let all = self.bourse.market.user_trades(self.account, order.symbol);
        all.into_iter().filter(|f| f.order == order.id).collect()
    }

    /// An order's row, with its fills.
    pub(super) fn order_row(
        &self,
        order: &OrderView,
        fills: &[UserTrade],
    ) -> Option<Map<String, Value>> {
        let spec = self.spec(order.symbol).ok()?;
        let nothing = notes::Note::default();
        let note = self.notes.get(order.id).unwrap_or(&nothing);
        let mut extra: Extra = note.extra.clone();
        if let Some(group) = order.algo.and_then(|id| self.group_of(id)) {
            extra.algo = ids::shown(group.id());
            extra.algo_name = group.client().to_owned();
            extra.source = group.source();
        }
        Some(shapes::order(&Shown {
            spec,
            order,
            fills,
            cancel_source: note.ends_by,
            lever: self.lever(order.symbol),
            mode: self.mode(order.symbol),
            extra,
        }))
    }

    /// `lever` of a symbol; empty on spot.
    pub(super) fn lever(&self, symbol: SymbolNo) -> String {
        let spot = self.spec(symbol).is_ok_and(shapes::is_spot);
        let leverage = self.bourse.market.leverage(self.account, symbol);
        match leverage {
            Some(leverage) if !spot => leverage.to_string(),
            _ => String::new(),
        }
    }

    /// `cash`, `cross` or `isolated`.
    pub(super) fn mode(&self, symbol: SymbolNo) -> &'static str {
        if self.spec(symbol).is_ok_and(shapes::is_spot) {
            return "cash";
        }
        shapes::mode(self.bourse.market.is_isolated(self.account, symbol))
    }
}
