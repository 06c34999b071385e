//! Spot: what Lancet may sell. A venue knows balances there and no position, and an account holds coins that are none of Lancet's
//! business. So a position is the net of own fills since a baseline that the trader confirms, and nothing sells more than that.

use rust_decimal::Decimal;

use crate::domain::{Environment, Instrument, MarketKey, Qty, Side, Stamp};

use super::desk::Desk;
use super::effect::{Effects, Loudness};
use super::market::Market;
use super::words;

/// Compares what Lancet holds with what the account holds, after facts and with time.
pub(super) fn step(desk: &mut Desk, now: Stamp) {
    if !desk.account.synced {
        return;
    }
    // Where money is not real nobody else's coins can be sold.
    let begins = matches!(
        desk.settings.environment,
        Environment::Sim | Environment::Paper | Environment::Replay
    );
    let balances = &desk.account.balances;
    for market in desk.markets.values_mut() {
        let Some(base) = market
            .instrument
            .as_deref()
            .filter(|i| i.is_spot())
            .map(|i| i.base)
        else {
            continue;
        };
        if begins && !market.is_based {
            market.is_based = true;
        }
        let held = balances.iter().find(|balance| balance.asset == base);
        let held = held.map_or(Decimal::ZERO, |balance| balance.wallet);
        market.ledger.take_holding(market.key, held, now);
    }
}

/// Whether entries may begin.
///
/// # Errors
/// While nobody said what of the account's coins is Lancet's.
pub(super) fn may_enter(desk: &Desk, market: &Market) -> Result<(), String> {
    let Some(instrument) = market.instrument.as_deref().filter(|i| i.is_spot()) else {
        return Ok(());
    };
    if market.is_based {
        return Ok(());
    }
    Err(format!(
        "say first what is Lancet's to sell: :baseline 0 leaves the account's {} {} alone",
        held(desk, instrument).normalize(),
        instrument.base
    ))
}

/// The trader says how many of the account's coins are Lancet's to sell from here on.
pub(super) fn begin(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    size: Decimal,
    out: &mut Effects,
) -> Result<(), String> {
    let market = desk.market(&key).ok_or("nothing is known of it yet")?;
    let instrument = market
        .instrument
        .clone()
        .filter(|instrument| instrument.is_spot())
        .ok_or("a baseline is for spot: a contract's position is the venue's to tell")?;
    if !desk.account.synced {
        return Err("the account is not read yet".to_owned());
    }
    if market.orders.live().any(|order| !order.external) {
        return Err("orders of Lancet's are open here: cancel them first".to_owned());
    }
    let held = held(desk, &instrument);
    if size.is_sign_negative() || size > held {
        return Err(format!(
            "the account holds {} {}: the baseline lies between 0 and that",
            held.normalize(),
            instrument.base
        ));
    }
    let price = market.best(Side::Buy).or_else(|| market.best(Side::Sell));
    let entry = match price {
        Some(price) => instrument.price_decimal(price),
        None if size.is_zero() => Decimal::ZERO,
        None => return Err("there is no price yet to count from".to_owned()),
    };
    let venue_ms = now
        .wall_ms()
        .saturating_add(desk.account.clock_offset_ms.unwrap_or(0));
    let market = desk.market_mut(key);
    market.is_based = true;
    market.ledger.begin_with(size, entry, venue_ms);
    market.ledger.take_holding(key, held, now);
    let rest = held.saturating_sub(size);
    out.notice(
        Loudness::Good,
        format!(
            "{}: {} {} are Lancet's to sell, {} are left alone",
            words::market(key),
            size.normalize(),
            instrument.base,
            rest.normalize()
        ),
    );
    Ok(())
}

/// Coins of the account.
fn held(desk: &Desk, instrument: &Instrument) -> Decimal {
    let balances = &desk.account.balances;
    let own = balances
        .iter()
        .find(|balance| balance.asset == instrument.base);
    own.map_or(Decimal::ZERO, |balance| balance.wallet)
}

impl Market {
    /// True where the coin itself is traded.
    pub fn is_spot(&self) -> bool {
        self.instrument.as_deref().is_some_and(Instrument::is_spot)
    }

    /// Whole lots that an exit can take: on spot, where no exit is exempt from the venue's least worth of an order, what is worth
    /// less is dust.
    pub(super) fn lots_to_close(&self) -> i64 {
        let Some(instrument) = self.instrument.as_deref() else {
            return 0;
        };
        let lots = self.ledger.lots(instrument);
        if !instrument.is_spot() {
            return lots;
        }
        let price = self.best(Side::Buy).or_else(|| self.best(Side::Sell));
        let size = instrument.qty_decimal(Qty(lots));
        let worth = price.and_then(|at| instrument.notional(instrument.price_decimal(at), size));
        if worth.is_some_and(|worth| worth < instrument.min_notional) {
            0
        } else {
            lots
        }
    }

    /// True where nothing of the venue's keeps an exit from reducing more than there is: against a leg, and on spot. There the
    /// last exit is proved dead before another is sent.
    pub(super) fn lacks_reduce_only(&self) -> bool {
        self.key.leg.is_some() || self.is_spot()
    }
}
