//! What refuses an order before it exists: filters, reduce-only coverage, post-only, fill-or-kill, margin. Changes nothing.

use rust_decimal::Decimal;

use super::account::Account;
use super::margin::Claim;
use super::order::{AmendAsk, Kind, Leg, OrderView, SelfTrade, Submit, Tif, Which};
use super::spec::{AccountNo, SymbolNo, SymbolSpec};
use super::{Market, Refuse};
use crate::domain::{Price, Qty, Side, TradingStatus};

/// Changes that one order may have (Binance, Modify Order: 10000).
const MAX_AMENDS: u32 = 10_000;

impl Market {
    /// Checks a new order and returns the size that it gets: a reduce-only order never gets more than the position.
    pub(super) fn admit(&self, no: AccountNo, ask: &Submit) -> Result<Qty, Refuse> {
        let account = self.account_of(no).ok_or(Refuse::UnknownAccount)?;
        let spec = self.spec(ask.symbol).ok_or(Refuse::UnknownSymbol)?;
        if spec.instrument.status != TradingStatus::Trading {
            return Err(Refuse::NotTrading);
        }
        check_leg(account, spec, ask)?;
        self.check_filters(spec, ask)?;
        self.check_name_and_count(account, spec, ask)?;
        let qty = if ask.reduces() {
            reducing_qty(account, (ask.symbol, ask.leg, ask.side), ask.qty, 0)?
        } else {
            ask.qty
        };
        self.check_book(no, ask, qty)?;
        if spec.is_spot() {
            self.check_coins(no, ask, 0)?;
        } else if !ask.reduces() {
            let claim = Claim {
                symbol: ask.symbol,
                leg: ask.leg,
                side: ask.side,
                price: self.claim_price(ask),
                qty,
                instead_of: 0,
            };
            self.check_margin(account, claim)?;
        }
        Ok(qty)
    }

    fn check_filters(&self, spec: &SymbolSpec, ask: &Submit) -> Result<(), Refuse> {
        let instrument = &spec.instrument;
        let (most, price) = match ask.kind {
            Kind::Limit { price, .. } => (instrument.max_qty, Some(price)),
            Kind::Market => (instrument.max_market_qty, None),
        };
        check_qty(spec, ask.qty, most)?;
        let mark = self.mark_price(ask.symbol);
        match price {
            Some(price) => self.check_price(spec, ask.symbol, ask.side, price)?,
            None => self.check_market_band(ask.symbol, ask.side)?,
        }
        let at = price.map_or(mark, |p| instrument.price_decimal(p));
        let worth = instrument.notional(at, instrument.qty_decimal(ask.qty));
        let worth = worth.ok_or(Refuse::Overflow)?;
        // Binance, MIN_NOTIONAL: market orders at the mark; reduce-only orders are exempt.
        if !ask.reduces() && worth < instrument.min_notional {
            return Err(Refuse::NotionalTooSmall(instrument.min_notional));
        }
        Ok(())
    }

    fn check_price(
        &self,
        spec: &SymbolSpec,
        symbol: SymbolNo,
        side: Side,
        price: Price,
    ) -> Result<(), Refuse> {
        if price.0 <= 0 || price < spec.instrument.min_price {
            return Err(Refuse::PriceTooLow);
        }
        if price > spec.instrument.max_price {
            return Err(Refuse::PriceTooHigh);
        }
        match self.band_limit(symbol, side) {
            Some(limit) if side == Side::Buy && price > limit => Err(Refuse::BandTooHigh(limit)),
            Some(limit) if side == Side::Sell && price < limit => Err(Refuse::BandTooLow(limit)),
            _ => Ok(()),
        }
    }

    fn check_market_band(&self, symbol: SymbolNo, side: Side) -> Result<(), Refuse> {
        let best = self
            .book(symbol)
            .and_then(|b| b.best_price(side.opposite()));
        match (best, self.band_limit(symbol, side)) {
            (Some(best), Some(limit)) if !limit.crosses(side, best) => {
                Err(Refuse::MarketOutsideBand)
            }
            _ => Ok(()),
        }
    }

    /// The worst price that an order of `side` may have: Binance, PERCENT_PRICE around the mark.
    pub(super) fn band_limit(&self, symbol: SymbolNo, side: Side) -> Option<Price> {
        let spec = self.spec(symbol)?;
        let (down, up) = spec.instrument.band?;
        let mark = self.mark_price(symbol);
        let tick = spec.instrument.tick;
        match side {
            Side::Buy => tick.floor(mark.checked_mul(up)?).map(Price),
            Side::Sell => {
                let low = mark.checked_mul(down)?;
                let floor = tick.floor(low)?;
                Some(Price(floor + i64::from(tick.decimal(floor) < low)))
            }
        }
    }

    fn check_name_and_count(
        &self,
        account: &Account,
        spec: &SymbolSpec,
        ask: &Submit,
    ) -> Result<(), Refuse> {
        let taken = |client| {
            let named = account.history.find(Which::Client(client));
            named.is_some_and(|o| o.status.is_open())
        };
        if ask.client.is_some_and(taken) {
            return Err(Refuse::DuplicateClientId);
        }
        let most = spec.instrument.max_orders as usize;
        let may_rest = matches!(
            ask.kind,
            Kind::Limit {
                tif: Tif::Gtc | Tif::Gtx,
                ..
            }
        );
        if may_rest && most > 0 && account.open_orders(ask.symbol).count() >= most {
            return Err(Refuse::TooManyOrders);
        }
        Ok(())
    }

    /// Post-only must not cross; fill-or-kill must find all of its size.
    fn check_book(&self, no: AccountNo, ask: &Submit, qty: Qty) -> Result<(), Refuse> {
        let book = self.book(ask.symbol).ok_or(Refuse::UnknownSymbol)?;
        match ask.kind {
            Kind::Limit {
                price,
                tif: Tif::Gtx,
            } if self.would_take(ask.symbol, ask.side, price) => Err(Refuse::PostOnlyWouldTake),
            Kind::Limit {
                price,
                tif: Tif::Fok,
            } => {
                // On spot such an order is taken and expires.
                let spot = self.spec(ask.symbol).is_some_and(SymbolSpec::is_spot);
                let own = (ask.self_trade != SelfTrade::Allow).then_some(no);
                if spot || book.can_fill(ask.side, price, qty.0, own) {
                    Ok(())
                } else {
                    Err(Refuse::FokNotFillable)
                }
            }
            _ => Ok(()),
        }
    }

    /// True when an order of `side` at this price would find a counterparty.
    pub fn would_take(&self, symbol: SymbolNo, side: Side, price: Price) -> bool {
        let best = self
            .book(symbol)
            .and_then(|b| b.best_price(side.opposite()));
        best.is_some_and(|best| price.crosses(side, best))
    }

    /// Checks a change of an open order whose size stays above what is filled.
    pub(super) fn admit_amend(
        &self,
        account: &Account,
        order: &OrderView,
        ask: &AmendAsk,
    ) -> Result<(), Refuse> {
        let spec = self.spec(ask.symbol).ok_or(Refuse::UnknownSymbol)?;
        if spec.instrument.status != TradingStatus::Trading {
            return Err(Refuse::NotTrading);
        }
        if order.amends >= MAX_AMENDS {
            return Err(Refuse::TooManyAmends);
        }
        check_qty(spec, ask.qty, spec.instrument.max_qty)?;
        self.check_price(spec, ask.symbol, ask.side, ask.price)?;
        let instrument = &spec.instrument;
        let at = instrument.price_decimal(ask.price);
        let worth = instrument.notional(at, instrument.qty_decimal(ask.qty));
        let worth: Decimal = worth.ok_or(Refuse::Overflow)?;
        let left = ask.qty.less(order.filled);
        if order.reduce_only {
            let whose = (ask.symbol, order.leg, order.side);
            let allowed = reducing_qty(account, whose, left, order.id)?;
            return if allowed < left {
                Err(Refuse::ReduceOnlyCovered)
            } else {
                Ok(())
            };
        }
        if worth < instrument.min_notional {
            return Err(Refuse::NotionalTooSmall(instrument.min_notional));
        }
        if spec.is_spot() {
            return self.check_amended_coins(order, ask);
        }
        let claim = Claim {
            symbol: ask.symbol,
            leg: order.leg,
            side: order.side,
            price: ask.price,
            qty: left,
            instead_of: order.id,
        };
        self.check_margin(account, claim)
    }
}

/// A spot symbol has no positions; elsewhere the account's mode says which ones there are.
fn check_leg(account: &Account, spec: &SymbolSpec, ask: &Submit) -> Result<(), Refuse> {
    if spec.is_spot() {
        if ask.reduce_only || ask.leg != Leg::Both {
            return Err(Refuse::Spot);
        }
    } else if account.hedge_mode == (ask.leg == Leg::Both) {
        return Err(Refuse::PositionSide);
    }
    Ok(())
}

pub(super) fn check_qty(spec: &SymbolSpec, qty: Qty, most: Qty) -> Result<(), Refuse> {
    if qty.0 <= 0 || qty < spec.instrument.min_qty {
        return Err(Refuse::QtyTooSmall);
    }
    if most.0 > 0 && qty > most {
        return Err(Refuse::QtyTooLarge);
    }
    Ok(())
}

/// What a reduce-only order of `qty` gets. The venue counts open reduce-only orders against the position: with some
/// open, one that would exceed it together with them is refused; alone, it is cut to the position.
fn reducing_qty(
    account: &Account,
    (symbol, leg, side): (SymbolNo, Leg, Side),
    qty: Qty,
    instead_of: u64,
) -> Result<Qty, Refuse> {
    let reducible = account.reducible(symbol, leg, side);
    if reducible == 0 {
        return Err(Refuse::ReduceOnlyRejected);
    }
    let covered = account.covered(symbol, leg, side, instead_of);
    if covered > 0 && covered.saturating_add(qty.0) > reducible {
        return Err(Refuse::ReduceOnlyCovered);
    }
    Ok(qty.min(Qty(reducible)))
}
