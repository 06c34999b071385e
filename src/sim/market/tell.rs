//! Puts what happened in the queue of events, in order.

use rust_decimal::Decimal;

use super::event::{AccountReason, AccountUpdate, MarketEvent, OrderChange, OrderEvent};
use super::order::Leg;
use super::prints::PublicTrade;
use super::spec::{AccountNo, SymbolNo};
use super::{EVENTS_KEPT, Market};

impl Market {
    pub(super) fn tell(&mut self, event: MarketEvent) {
        if self.events.len() >= EVENTS_KEPT {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    pub(super) fn tell_trade(&mut self, trade: PublicTrade) {
        self.tell(MarketEvent::Trade(trade));
    }

    pub(super) fn tell_order(&mut self, account: AccountNo, id: u64, change: OrderChange) {
        let Some(owner) = self.account_of(account) else {
            return;
        };
        let Some(order) = owner.history.order(id) else {
            return;
        };
        let open = self.open_notional(owner, order.symbol, order.leg, 0);
        let symbol = order.symbol;
        let event = OrderEvent {
            change,
            order: order.clone(),
            bids_notional: open.bids,
            asks_notional: open.asks,
            time_ms: self.now_ms,
        };
        self.tell(MarketEvent::Order(Box::new(event)));
        self.tell_coins(account, symbol);
    }

    pub(super) fn tell_account(
        &mut self,
        account: AccountNo,
        symbol: SymbolNo,
        leg: Leg,
        reason: AccountReason,
        change: Decimal,
    ) {
        let position = self.position_leg(account, symbol, leg);
        let (Some(owner), Some(position)) = (self.account_of(account), position) else {
            return;
        };
        let update = AccountUpdate {
            account,
            reason,
            asset: owner.spec.asset,
            wallet: owner.wallet,
            cross_wallet: owner.cross_wallet(),
            change,
            position,
            time_ms: self.now_ms,
        };
        self.tell(MarketEvent::Account(Box::new(update)));
    }
}
