//! Auto-deleveraging: a bankrupt's position that nobody takes is closed against a winner's. The bankrupt is of the crowd, which has
//! no accounts, so that only the winner's side is booked.

use super::Market;
use super::matching::Match;
use super::order::{Kind, Leg, SelfTrade, Submit};
use super::spec::{AccountNo, SymbolNo};
use crate::domain::{ClientId, Qty, Side};

/// The client id of such an order, as on Binance.
const DELEVERAGED: &str = "adl_autoclose";

impl Market {
    /// Cancels an account's orders on a symbol and closes its position there at the mark price, outside the book: no public trade is
    /// made of it.
    pub fn deleverage(&mut self, now_ms: i64, no: AccountNo, symbol: SymbolNo, leg: Leg) {
        self.cancel_all(now_ms, no, symbol);
        let lots = self.account_of(no).map_or(0, |a| a.lots(symbol, leg));
        let (Ok(client), true) = (ClientId::new(DELEVERAGED), lots != 0) else {
            return;
        };
        let ask = Submit {
            symbol,
            client: Some(client),
            side: if lots > 0 { Side::Sell } else { Side::Buy },
            leg,
            kind: Kind::Market,
            qty: Qty(lots.abs()),
            reduce_only: true,
            self_trade: SelfTrade::Allow,
        };
        let Ok(id) = self.open_order_as(no, ask, ask.qty, None) else {
            return;
        };
        let price = self.mark_ticks(symbol);
        let Some(state) = self.symbols.get_mut(usize::from(symbol.0)) else {
            return;
        };
        let hit = Match {
            price,
            qty: ask.qty,
            trade: state.prints.unprinted(),
            time_ms: self.now_ms,
        };
        self.settle(no, id, false, hit);
    }

    /// Closes an account's position as if its margin were used up.
    pub fn force(&mut self, now_ms: i64, no: AccountNo, symbol: SymbolNo, leg: Leg) {
        self.cancel_all(now_ms, no, symbol);
        self.force_close(no, symbol, leg);
    }
}
