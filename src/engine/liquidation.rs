//! Where a position would be liquidated after an order: an estimate from the venue's own number for the position held now.
//!
//! A linear position of signed size q, average E and margin M is liquidated at the price L at which what is left covers no more
//! than the maintenance margin, a rate r of its worth: `M + (L − E)·q = r·L·|q|`. The venue tells L; M is the wallet (cross) or
//! the worth at the average over the leverage (isolated); so r follows, and with r the price for another q, E and M. Tiers of r,
//! margin moved by hand and the fees of the liquidation are left out, so it is an estimate. From flat there is no number of the
//! venue's to start from, and in cross mode other positions share the wallet: then there is no estimate rather than a guess.

use rust_decimal::Decimal;

use crate::domain::message::MarginMode;
use crate::domain::{Instrument, Payoff};

use super::desk::Desk;
use super::market::Market;

/// A position with the margin that carries it.
struct Carried {
    size: Decimal,
    entry: Decimal,
    margin: Decimal,
}

/// Estimated liquidation price, quote currency, when `signed` more trades at `price` and `(size, entry)` is the position then.
pub(super) fn estimate(
    desk: &Desk,
    market: &Market,
    instrument: &Instrument,
    (signed, price): (Decimal, Decimal),
    (size, entry): (Decimal, Decimal),
) -> Option<Decimal> {
    let venue = market
        .ledger
        .venue()
        .filter(|venue| venue.size == market.ledger.size())?;
    let turned = venue.size.is_sign_positive() != size.is_sign_positive();
    if instrument.payoff != Payoff::Linear || venue.size.is_zero() || size.is_zero() || turned {
        return None;
    }
    let settings = market.settings?;
    let leverage = Decimal::from(settings.leverage.filter(|times| *times > 0)?);
    let mode = settings.margin?;
    let margin = match mode {
        MarginMode::Isolated => {
            let worth = instrument.notional(venue.entry, venue.size.abs())?;
            worth.checked_div(leverage)?
        }
        MarginMode::Cross => wallet_of_one(desk, market, instrument)?,
    };
    let now = Carried {
        size: venue.size,
        entry: venue.entry,
        margin,
    };
    let rate = maintenance(&now, venue.liquidation?, instrument)?;
    // The maintenance rate lies below the rate at which the position was opened; anything else is margin moved by hand.
    if rate <= Decimal::ZERO || rate.checked_mul(leverage)? >= Decimal::ONE {
        return None;
    }
    let change = Change {
        signed,
        price,
        leverage,
        mode,
    };
    let then = Carried {
        size,
        entry,
        margin: change.margin(&now, size, instrument)?,
    };
    liquidated(&then, rate, instrument).filter(|at| *at > Decimal::ZERO)
}

/// The wallet of the settle currency, where no other position shares it.
fn wallet_of_one(desk: &Desk, market: &Market, instrument: &Instrument) -> Option<Decimal> {
    let mut others = desk.markets().filter(|other| other.key != market.key);
    if others.any(|other| !other.ledger.size().is_zero()) {
        return None;
    }
    let mut balances = desk.account.balances.iter();
    let balance = balances.find(|balance| balance.asset == instrument.settle)?;
    Some(balance.wallet)
}

/// The rate r at which the venue's price `at` is where it liquidates.
fn maintenance(held: &Carried, at: Decimal, instrument: &Instrument) -> Option<Decimal> {
    let left = held
        .margin
        .checked_add(instrument.pnl(held.size, held.entry, at)?)?;
    left.checked_div(instrument.notional(at, held.size.abs())?)
}

/// The price L of the formula above.
fn liquidated(held: &Carried, rate: Decimal, instrument: &Instrument) -> Option<Decimal> {
    let own = held
        .margin
        .checked_sub(instrument.notional(held.entry, held.size)?)?;
    let slope = rate.checked_mul(held.size.abs())?.checked_sub(held.size)?;
    own.checked_div(slope.checked_mul(instrument.multiplier)?)
}

/// What an order changes.
struct Change {
    signed: Decimal,
    price: Decimal,
    leverage: Decimal,
    mode: MarginMode,
}

impl Change {
    /// The margin after it: isolated, what is added brings its own and what is closed takes its share along; cross, the wallet
    /// takes what is realised.
    fn margin(&self, held: &Carried, size: Decimal, instrument: &Instrument) -> Option<Decimal> {
        let adds = size.abs() > held.size.abs();
        match (self.mode, adds) {
            (MarginMode::Isolated, true) => {
                let worth = instrument.notional(self.price, self.signed.abs())?;
                held.margin.checked_add(worth.checked_div(self.leverage)?)
            }
            (MarginMode::Isolated, false) => held
                .margin
                .checked_mul(size.abs())?
                .checked_div(held.size.abs()),
            (MarginMode::Cross, true) => Some(held.margin),
            (MarginMode::Cross, false) => {
                held.margin
                    .checked_add(instrument.pnl(-self.signed, held.entry, self.price)?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::kit::{dec, instrument};

    fn carried(size: &str, entry: &str, margin: &str) -> Carried {
        Carried {
            size: dec(size),
            entry: dec(entry),
            margin: dec(margin),
        }
    }

    #[test]
    fn the_rate_and_the_price_are_each_others_inverse() {
        let rules = instrument();
        for held in [
            carried("0.5", "60000", "3000"),
            carried("-0.5", "60000", "3000"),
        ] {
            // By hand: 3 000 + (L − 60 000) × 0.5 = 0.004 × L × 0.5 for the long.
            let at = liquidated(&held, dec("0.004"), &rules).unwrap();
            let wanted = if held.size.is_sign_positive() {
                dec("27000") / dec("0.498")
            } else {
                dec("33000") / dec("0.502")
            };
            assert_eq!(at.round_dp(6), wanted.round_dp(6));
            let rate = maintenance(&held, at, &rules).unwrap();
            assert_eq!(rate.round_dp(9), dec("0.004"));
        }
    }

    #[test]
    fn isolated_margin_grows_with_what_is_added_and_goes_with_what_is_closed() {
        let rules = instrument();
        let held = carried("0.5", "60000", "3000");
        let change = |signed: &str, price: &str| Change {
            signed: dec(signed),
            price: dec(price),
            leverage: dec("10"),
            mode: MarginMode::Isolated,
        };
        let more = change("0.5", "62000").margin(&held, dec("1"), &rules);
        assert_eq!(more, Some(dec("6100")));
        let less = change("-0.25", "62000").margin(&held, dec("0.25"), &rules);
        assert_eq!(less, Some(dec("1500")));
    }

    #[test]
    fn a_cross_wallet_takes_what_is_realised_on_either_side() {
        let rules = instrument();
        let change = |signed: &str| Change {
            signed: dec(signed),
            price: dec("62000"),
            leverage: dec("10"),
            mode: MarginMode::Cross,
        };
        let long = carried("0.5", "60000", "3000");
        assert_eq!(
            change("-0.25").margin(&long, dec("0.25"), &rules),
            Some(dec("3500"))
        );
        let short = carried("-0.5", "60000", "3000");
        assert_eq!(
            change("0.25").margin(&short, dec("-0.25"), &rules),
            Some(dec("2500"))
        );
        assert_eq!(
            change("0.25").margin(&long, dec("0.75"), &rules),
            Some(dec("3000"))
        );
    }
}
