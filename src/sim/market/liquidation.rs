//! Forced closing: an account whose margin balance falls under its maintenance margin loses its orders, then its positions.

use rust_decimal::Decimal;

use super::Market;
use super::order::{Kind, SelfTrade, Submit};
use super::spec::{AccountNo, SymbolNo};
use crate::domain::{ClientId, Qty, Side};

/// Client ids of forced orders begin so, as on Binance.
const FORCED: &str = "autoclose-";
/// Market orders that one look spends on one position; what is left waits for the next look.
const ORDERS_A_LOOK: usize = 20;

impl Market {
    /// Looks at every account; called when mark prices have moved.
    pub(super) fn liquidate(&mut self) {
        for no in (0..).map(AccountNo).take(self.accounts.len()) {
            if !self.is_under_maintenance(no) {
                continue;
            }
            let symbols: Vec<_> = self.symbols().map(|s| s.0).collect();
            for symbol in &symbols {
                self.cancel_all(self.now_ms, no, *symbol);
            }
            for symbol in symbols {
                self.force_close(no, symbol);
            }
        }
    }

    fn is_under_maintenance(&self, no: AccountNo) -> bool {
        let Some(owner) = self.account_of(no) else {
            return false;
        };
        if owner.holdings.iter().all(|h| h.lots == 0) {
            return false;
        }
        let (mut balance, mut maintenance) = (owner.wallet, Decimal::ZERO);
        for position in self.positions_of(owner) {
            balance += position.unrealised;
            maintenance += position.maintenance;
        }
        balance < maintenance
    }

    fn force_close(&mut self, no: AccountNo, symbol: SymbolNo) {
        for _ in 0..ORDERS_A_LOOK {
            let lots = self.account_of(no).map_or(0, |a| a.lots(symbol));
            let most = self
                .spec(symbol)
                .map_or(0, |s| s.instrument.max_market_qty.0);
            let client = ClientId::new(&format!("{FORCED}{}", self.next_order));
            let ask = Submit {
                symbol,
                client: client.ok(),
                side: if lots > 0 { Side::Sell } else { Side::Buy },
                kind: Kind::Market,
                qty: Qty(lots.abs().min(most)),
                reduce_only: true,
                self_trade: SelfTrade::Allow,
            };
            // A refusal (nothing left, or no counterparty inside the band) ends this look.
            match self.submit(self.now_ms, no, ask) {
                Ok(order) if !order.filled.is_zero() => {}
                _ => return,
            }
        }
    }
}
