//! Spot: coins change hands, open orders hold what they would pay with.
//!
//! A buy holds price × size of the quote coin, a sell its size of the base coin. What is held is reckoned from the open orders, so that
//! it cannot drift from them. The fee is taken from what is received.

use rust_decimal::Decimal;

use super::account::{Account, fee, value_per_lot};
use super::event::{Balance, BalanceUpdate, MarketEvent, UserTrade};
use super::matching::Match;
use super::order::{AmendAsk, Kind, OrderView, SelfTrade, Submit};
use super::spec::{AccountNo, SymbolNo, SymbolSpec};
use super::{Market, Refuse};
use crate::domain::{Asset, Price, Qty, Side};

impl Account {
    /// All of an asset, what orders hold included.
    pub fn total(&self, asset: Asset) -> Decimal {
        if asset == self.spec.asset {
            return self.wallet;
        }
        self.coins.get(&asset).copied().unwrap_or_default()
    }

    /// The assets that it has or had, its own first.
    pub fn assets(&self) -> impl Iterator<Item = Asset> {
        let others = self.coins.keys().copied().filter(|a| *a != self.spec.asset);
        std::iter::once(self.spec.asset).chain(others)
    }

    /// Adds to an asset, or takes from it.
    pub fn add(&mut self, asset: Asset, amount: Decimal) {
        if asset == self.spec.asset {
            self.wallet += amount;
        } else {
            *self.coins.entry(asset).or_default() += amount;
        }
    }
}

impl Market {
    /// What an account has of every asset, its own asset first.
    pub fn balances(&self, account: AccountNo) -> Vec<Balance> {
        let Some(owner) = self.account_of(account) else {
            return Vec::new();
        };
        let assets = owner.assets();
        assets.map(|asset| self.balance_of(owner, asset)).collect()
    }

    /// What an account has of one asset.
    pub fn balance(&self, account: AccountNo, asset: Asset) -> Option<Balance> {
        Some(self.balance_of(self.account_of(account)?, asset))
    }

    fn balance_of(&self, owner: &Account, asset: Asset) -> Balance {
        Balance {
            asset,
            total: owner.total(asset),
            locked: self.locked(owner, asset, 0),
        }
    }

    /// The largest size of a market order of `side` that is worth at most `money` (quote currency) at the prices in the book now,
    /// whole lots: how venues size market orders by their worth.
    pub fn lots_for(&self, symbol: SymbolNo, side: Side, money: Decimal) -> Qty {
        let (Some(spec), Some(book)) = (self.spec(symbol), self.book(symbol)) else {
            return Qty::ZERO;
        };
        let (mut left, mut lots) = (money.max(Decimal::ZERO), 0_i64);
        for (price, there) in book.met_by(side, None) {
            let per_lot = value_per_lot(&spec.instrument, price);
            let most = left.checked_div(per_lot).map(|lots| lots.floor());
            let most = most.and_then(|lots| i64::try_from(lots).ok());
            let got = most.unwrap_or(i64::MAX).min(there);
            lots = lots.saturating_add(got);
            left -= per_lot * Decimal::from(got);
            if got < there {
                break;
            }
        }
        Qty(lots)
    }

    /// What open orders on spot symbols hold of an asset, but for one order (zero for none).
    pub(super) fn locked(&self, account: &Account, asset: Asset, except: u64) -> Decimal {
        let spots = self.symbols().filter(|(_, spec)| spec.is_spot());
        let mut locked = Decimal::ZERO;
        for (symbol, spec) in spots {
            for order in account.open_orders(symbol).filter(|o| o.id != except) {
                let (of, amount) = held(spec, order);
                if of == asset {
                    locked += amount;
                }
            }
        }
        locked
    }

    /// Refuses an order that the account cannot pay. `instead_of` is the order that it replaces, zero for none.
    pub(super) fn check_coins(
        &self,
        no: AccountNo,
        ask: &Submit,
        instead_of: u64,
    ) -> Result<(), Refuse> {
        let account = self.account_of(no).ok_or(Refuse::UnknownAccount)?;
        let spec = self.spec(ask.symbol).ok_or(Refuse::UnknownSymbol)?;
        let instrument = &spec.instrument;
        let (asset, need) = match (ask.side, ask.kind) {
            (Side::Sell, _) => (instrument.base, Some(instrument.qty_decimal(ask.qty))),
            (Side::Buy, Kind::Limit { price, .. }) => {
                let at = instrument.price_decimal(price);
                (
                    instrument.quote,
                    at.checked_mul(instrument.qty_decimal(ask.qty)),
                )
            }
            (Side::Buy, Kind::Market) => (instrument.quote, self.cost(no, ask)),
        };
        let need = need.ok_or(Refuse::Overflow)?;
        if need > self.spendable(account, asset, instead_of) {
            return Err(Refuse::BalanceInsufficient);
        }
        Ok(())
    }

    /// Refuses a change of an order whose rest the account could not pay.
    pub(super) fn check_amended_coins(
        &self,
        order: &OrderView,
        ask: &AmendAsk,
    ) -> Result<(), Refuse> {
        let left = Submit {
            symbol: ask.symbol,
            client: None,
            side: order.side,
            leg: order.leg,
            kind: match order.kind {
                Kind::Limit { tif, .. } => Kind::Limit {
                    price: ask.price,
                    tif,
                },
                Kind::Market => Kind::Market,
            },
            qty: ask.qty.less(order.filled),
            reduce_only: false,
            self_trade: order.self_trade,
        };
        self.check_coins(order.account, &left, order.id)
    }

    /// What a buy at the market would pay for what it finds now, quote currency; `None` when it is too large to say. Orders of its
    /// own that would expire rather than trade are nothing that it finds.
    fn cost(&self, no: AccountNo, ask: &Submit) -> Option<Decimal> {
        let spec = self.spec(ask.symbol)?;
        let limit = self.band_limit(ask.symbol, Side::Buy);
        let except = (ask.self_trade != SelfTrade::Allow).then_some(no);
        let (mut left, mut cost) = (ask.qty.0, Decimal::ZERO);
        for (price, there) in self.book(ask.symbol)?.met_by(Side::Buy, except) {
            if left <= 0 || limit.is_some_and(|limit| !limit.crosses(Side::Buy, price)) {
                break;
            }
            let lots = Decimal::from(left.min(there));
            let value = value_per_lot(&spec.instrument, price).checked_mul(lots)?;
            cost = cost.checked_add(value)?;
            left -= there;
        }
        Some(cost)
    }

    /// What may be spent of an asset; of the account's own, margin is left out.
    fn spendable(&self, account: &Account, asset: Asset, instead_of: u64) -> Decimal {
        let locked = self.locked(account, asset, instead_of);
        let there = account.total(asset) - locked;
        if asset != account.spec.asset {
            return there;
        }
        let freed = self.locked(account, asset, 0) - locked;
        there.min(self.free_margin(account) + freed)
    }

    /// Moves coins and writes the fill down.
    pub(super) fn book_coins(
        &mut self,
        account: AccountNo,
        id: u64,
        maker: bool,
        hit: Match,
    ) -> Option<UserTrade> {
        let order = self.order_of(account, id)?;
        let (symbol, side, leg, client) = (order.symbol, order.side, order.leg, order.client);
        let instrument = &self.spec(symbol)?.instrument;
        let (base, quote) = (instrument.base, instrument.quote);
        let size = instrument.qty_decimal(hit.qty);
        let value = value_per_lot(instrument, hit.price) * Decimal::from(hit.qty.0);
        let owner = self.account_of_mut(account)?;
        let terms = &owner.spec.spot;
        let rate = if maker {
            terms.maker_fee
        } else {
            terms.taker_fee
        };
        let (paid, received) = match side {
            Side::Buy => ((quote, value), (base, size)),
            Side::Sell => ((base, size), (quote, value)),
        };
        let fee = fee(received.1, rate);
        owner.add(paid.0, -paid.1);
        owner.add(received.0, received.1 - fee);
        owner.updated_ms = hit.time_ms;
        let fill = UserTrade {
            account,
            symbol,
            trade: hit.trade,
            order: id,
            client,
            side,
            leg,
            price: hit.price,
            qty: hit.qty,
            quote: value,
            fee,
            fee_asset: received.0,
            realised: Decimal::ZERO,
            maker,
            time_ms: hit.time_ms,
        };
        owner.history.add_fill(fill);
        Some(fill)
    }

    /// Tells the balances of a spot symbol's coins that are not as they were told last.
    pub(super) fn tell_coins(&mut self, account: AccountNo, symbol: SymbolNo) {
        let Some(spec) = self.spec(symbol).filter(|spec| spec.is_spot()) else {
            return;
        };
        let coins = [spec.instrument.base, spec.instrument.quote];
        let now = coins.map(|asset| self.balance(account, asset));
        let Some(owner) = self.account_of_mut(account) else {
            return;
        };
        let mut changed = Vec::new();
        for balance in now.into_iter().flatten() {
            let state = (balance.total, balance.locked);
            if owner.told.insert(balance.asset, state) != Some(state) {
                changed.push(balance);
            }
        }
        if changed.is_empty() {
            return;
        }
        let update = BalanceUpdate {
            account,
            balances: changed,
            time_ms: self.now_ms,
        };
        self.tell(MarketEvent::Balances(Box::new(update)));
    }
}

/// What an open order holds. A market order never rests: it pays as it is filled.
fn held(spec: &SymbolSpec, order: &OrderView) -> (Asset, Decimal) {
    let instrument = &spec.instrument;
    let left = order.remaining();
    match (order.side, order.kind) {
        (Side::Sell, _) => (instrument.base, instrument.qty_decimal(left)),
        (Side::Buy, Kind::Market) => (instrument.quote, Decimal::ZERO),
        (Side::Buy, Kind::Limit { price, .. }) => (instrument.quote, value(spec, price, left)),
    }
}

fn value(spec: &SymbolSpec, price: Price, qty: Qty) -> Decimal {
    value_per_lot(&spec.instrument, price) * Decimal::from(qty.0)
}
