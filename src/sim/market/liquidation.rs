//! Forced closing: a margin balance under its maintenance margin loses its orders, then its positions. Crossed positions share
//! one balance; an isolated one falls alone, and what closing costs beyond its margin the wallet bears.

use rust_decimal::Decimal;

use super::Market;
use super::account::{PositionView, Stake};
use super::order::{Kind, Leg, SelfTrade, Submit};
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
            let fallen = self.fallen(no);
            for position in &fallen {
                self.cancel_all(self.now_ms, no, position.symbol);
            }
            for position in fallen {
                self.force_close(no, position.symbol, position.leg);
            }
        }
    }

    /// The positions that are to be closed, flat crossed ones included: their orders go too.
    fn fallen(&self, no: AccountNo) -> Vec<PositionView> {
        let Some(owner) = self.account_of(no) else {
            return Vec::new();
        };
        if owner.stakes.iter().all(Stake::is_flat) {
            return Vec::new();
        }
        let (isolated, crossed): (Vec<_>, Vec<_>) =
            self.positions_of(owner).partition(|p| p.isolated);
        let (mut balance, mut maintenance) = (owner.cross_wallet(), Decimal::ZERO);
        for position in &crossed {
            balance += position.unrealised;
            maintenance += position.maintenance;
        }
        let alone = |p: &PositionView| p.isolated_wallet + p.unrealised < p.maintenance;
        let mut fallen: Vec<_> = isolated.into_iter().filter(alone).collect();
        if crossed.iter().any(|p| p.lots != 0) && balance < maintenance {
            fallen.extend(crossed);
        }
        fallen
    }

    fn force_close(&mut self, no: AccountNo, symbol: SymbolNo, leg: Leg) {
        for _ in 0..ORDERS_A_LOOK {
            let lots = self.account_of(no).map_or(0, |a| a.lots(symbol, leg));
            let most = self
                .spec(symbol)
                .map_or(0, |s| s.instrument.max_market_qty.0);
            let client = ClientId::new(&format!("{FORCED}{}", self.next_order));
            let ask = Submit {
                symbol,
                client: client.ok(),
                side: if lots > 0 { Side::Sell } else { Side::Buy },
                leg,
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
