//! A hedge account holds two positions on a symbol. Each is a market of its own here: orders, ledger, protection and closes of one
//! leg never meet the other's. What the feed says of the symbol is told to both.
//!
//! A venue's machine knows nothing of it: it says the leg beside the key, and is told so.

use crate::domain::message::PositionMode;
use crate::domain::{ClientId, Leg, MarketKey, Side};

use super::desk::Desk;
use super::market::Market;

/// Every market that a symbol can have.
const LEGS: [Option<Leg>; 3] = [None, Some(Leg::Long), Some(Leg::Short)];

impl Desk {
    /// True while the account holds a long and a short position apart.
    pub fn is_hedge(&self) -> bool {
        self.account.mode == Some(PositionMode::Hedge)
    }

    /// The market that a ladder shows: of a hedge account the leg that was last opened or chosen, the long one at first.
    pub fn shown(&self, key: MarketKey) -> MarketKey {
        if !self.is_hedge() {
            return key.of_leg(None);
        }
        let leg = key.leg.or(self.legs_shown.get(&key.symbol).copied());
        key.of_leg(Some(leg.unwrap_or(Leg::Long)))
    }

    /// The other leg of a symbol; `None` on a one-way account.
    pub fn other_key(&self, key: MarketKey) -> Option<MarketKey> {
        let other = match self.shown(key).leg? {
            Leg::Long => Leg::Short,
            Leg::Short => Leg::Long,
        };
        Some(key.of_leg(Some(other)))
    }

    /// Shows the other leg.
    pub(super) fn show_other(&mut self, key: MarketKey) -> Result<(), String> {
        let other = self
            .other_key(key)
            .ok_or("one position here: only a hedge account has two")?;
        if let Some(leg) = other.leg {
            self.legs_shown.insert(key.symbol, leg);
        }
        self.market_mut(other);
        Ok(())
    }

    /// Both legs' markets, so that each can be looked at before anything is opened.
    pub(super) fn make_legs(&mut self, key: MarketKey) {
        for leg in [Leg::Long, Leg::Short] {
            self.market_mut(key.of_leg(Some(leg)));
        }
    }

    /// The market that an order of a side opens or adds to: its own leg, which the ladder shows from here on.
    pub(super) fn opened_by(&mut self, key: MarketKey, side: Side) -> MarketKey {
        let opened = self.opens(key, side);
        if let Some(leg) = opened.leg {
            self.legs_shown.insert(key.symbol, leg);
        }
        self.market_mut(opened);
        opened
    }

    /// The same, to look only.
    pub(super) fn opens(&self, key: MarketKey, side: Side) -> MarketKey {
        let leg = self.is_hedge().then_some(match side {
            Side::Buy => Leg::Long,
            Side::Sell => Leg::Short,
        });
        key.of_leg(leg)
    }

    /// Every market of the symbol that there is.
    pub fn of_symbol(&self, key: MarketKey) -> impl Iterator<Item = &Market> {
        LEGS.into_iter()
            .filter_map(move |leg| self.market(&key.of_leg(leg)))
    }

    /// Their keys.
    pub(super) fn keys_of(&self, key: MarketKey) -> Vec<MarketKey> {
        self.of_symbol(key).map(|market| market.key).collect()
    }

    /// The same, to change them.
    pub(super) fn each_of(&mut self, key: MarketKey, mut what: impl FnMut(&mut Market)) {
        for leg in LEGS {
            if let Some(market) = self.markets.get_mut(&key.of_leg(leg)) {
                what(market);
            }
        }
    }

    /// The market that a word of the venue is about: of the leg that it names, else the one that knows the order.
    pub(super) fn whose(&self, key: MarketKey, leg: Option<Leg>, client: ClientId) -> MarketKey {
        if leg.is_some() {
            return key.of_leg(leg);
        }
        self.of_symbol(key)
            .find(|market| market.orders.get(client).is_some())
            .map_or(key, |market| market.key)
    }
}
