//! Forced closing: a margin balance under its maintenance margin loses its orders, then its positions. Crossed positions share
//! one balance; an isolated one falls alone, and what closing costs beyond its margin the wallet bears.

use rust_decimal::Decimal;

use super::Market;
use super::account::{PositionView, Stake};
use super::event::MarketEvent;
use super::order::{Kind, Leg, SelfTrade, Submit};
use super::spec::{AccountNo, SymbolNo};
use crate::domain::{ClientId, Qty, Side};

/// Client ids of forced orders begin so, as on Binance.
const FORCED: &str = "autoclose-";
/// A margin call comes when maintenance takes this share of the balance (the documents name no number).
const CALL_AT: Decimal = Decimal::from_parts(8, 0, 0, false, 1);
/// Market orders that one look spends on one position; what is left waits for the next look.
const ORDERS_A_LOOK: usize = 20;

impl Market {
    /// Looks at every account; called when mark prices have moved.
    pub(super) fn liquidate(&mut self) {
        for no in (0..).map(AccountNo).take(self.accounts.len()) {
            self.call_margin(no);
            let fallen = self.near(no, Decimal::ONE);
            for position in &fallen {
                self.cancel_all(self.now_ms, no, position.symbol);
            }
            for position in fallen {
                self.force_close(no, position.symbol, position.leg);
            }
        }
    }

    /// Says once that positions came near: when nothing is near any more, it may be said again.
    fn call_margin(&mut self, no: AccountNo) {
        let positions = self.near(no, CALL_AT);
        let Some(owner) = self.account_of_mut(no) else {
            return;
        };
        let told = std::mem::replace(&mut owner.called, !positions.is_empty());
        let positions: Vec<_> = positions.into_iter().filter(|p| p.lots != 0).collect();
        if told || positions.is_empty() {
            return;
        }
        let crossed = positions.iter().any(|p| !p.isolated);
        let cross_wallet = crossed.then(|| owner.cross_wallet());
        self.tell(MarketEvent::MarginCall {
            account: no,
            cross_wallet,
            positions,
            time_ms: self.now_ms,
        });
    }

    /// The positions whose maintenance margin is above this share of their balance, flat crossed ones included: their orders go too.
    fn near(&self, no: AccountNo, share: Decimal) -> Vec<PositionView> {
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
        let alone = |p: &PositionView| (p.isolated_wallet + p.unrealised) * share < p.maintenance;
        let mut near: Vec<_> = isolated.into_iter().filter(alone).collect();
        if crossed.iter().any(|p| p.lots != 0) && balance * share < maintenance {
            near.extend(crossed);
        }
        near
    }

    pub(super) fn force_close(&mut self, no: AccountNo, symbol: SymbolNo, leg: Leg) {
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
