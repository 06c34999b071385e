//! A position from fills: signed size, average, realised profit, fees.

use rust_decimal::Decimal;

use super::{Fill, Instrument, Leg, MarketKey, Side, Stamp};

/// What the venue says a position is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionReport {
    /// Whose and where.
    pub key: MarketKey,
    /// Which position of a hedge account; `None` on a one-way account.
    pub leg: Option<Leg>,
    /// Signed size in the instrument's unit: positive is long. Of the short leg never positive.
    pub size: Decimal,
    /// Average entry, quote currency; zero when flat.
    pub entry: Decimal,
    /// Estimated liquidation price, quote currency, where the venue says.
    pub liquidation: Option<Decimal>,
    /// The venue's event time, ms since 1970.
    pub venue_ms: i64,
    /// When it came.
    pub at: Stamp,
}

/// Signed size and average entry after `signed` more traded at `price`: what is through zero opens at its own price. Flat has an
/// average of zero. `None` when the arithmetic overflows.
pub fn after(
    size: Decimal,
    entry: Decimal,
    signed: Decimal,
    price: Decimal,
) -> Option<(Decimal, Decimal)> {
    let total = size.checked_add(signed)?;
    let same_side = size.is_zero() || size.is_sign_positive() == signed.is_sign_positive();
    let average = if total.is_zero() {
        Decimal::ZERO
    } else if same_side {
        let cost = entry
            .checked_mul(size)?
            .checked_add(price.checked_mul(signed)?)?;
        cost.checked_div(total)?
    } else if signed.abs() > size.abs() {
        price
    } else {
        entry
    };
    Some((total, average))
}

/// A position as our own fills make it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Signed size in the instrument's unit: positive is long.
    pub size: Decimal,
    /// Average entry, quote currency; zero when flat.
    pub entry: Decimal,
    /// Profit realised by reducing fills of the session, fees not taken off, quote currency.
    pub realised: Decimal,
    /// Fees paid in the session, settle currency.
    pub fees: Decimal,
    /// Funding received (positive) or paid (negative) in the session, settle currency.
    pub funding: Decimal,
}

impl Position {
    /// Long, short or neither.
    pub fn side(&self) -> Option<Side> {
        if self.size.is_zero() {
            None
        } else if self.size.is_sign_positive() {
            Some(Side::Buy)
        } else {
            Some(Side::Sell)
        }
    }

    /// Takes a fill; a fill through zero closes the old position and opens the rest at its own price.
    /// Returns `None`, leaving the position as it was, when the arithmetic overflows.
    #[must_use]
    pub fn apply(&mut self, fill: &Fill, instrument: &Instrument) -> Option<()> {
        let mut next = *self;
        let signed = instrument.qty_decimal(fill.qty) * Decimal::from(fill.side.sign());
        let reduces =
            !next.size.is_zero() && next.size.is_sign_positive() != signed.is_sign_positive();
        if reduces {
            let closed = signed.abs().min(next.size.abs());
            let closed_signed = if next.size.is_sign_positive() {
                closed
            } else {
                -closed
            };
            next.realised = next.realised.checked_add(instrument.pnl(
                closed_signed,
                next.entry,
                fill.price,
            )?)?;
        }
        (next.size, next.entry) = after(next.size, next.entry, signed, fill.price)?;
        if fill.fee_asset == instrument.settle {
            next.fees = next.fees.checked_add(fill.fee)?;
        } else if instrument.is_spot() && fill.fee_asset == instrument.base {
            // The fee came out of the coins: there are fewer to sell, and they were worth this.
            next.size = next.size.checked_sub(fill.fee)?;
            next.fees = next.fees.checked_add(fill.fee.checked_mul(fill.price)?)?;
        }
        *self = next;
        Some(())
    }

    /// Open profit at `exit`, quote currency; `None` when flat, inverse or overflowing.
    pub fn open_pnl(&self, exit: Decimal, instrument: &Instrument) -> Option<Decimal> {
        if self.size.is_zero() {
            None
        } else {
            instrument.pnl(self.size, self.entry, exit)
        }
    }
}

#[cfg(test)]
mod tests;
