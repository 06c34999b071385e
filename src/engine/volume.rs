//! Sizes as a trader gives them: in lots, in coins, in money, as a share, or by what is lost at the stop. Made lots when they are used.

use std::fmt;

use rust_decimal::Decimal;

use crate::domain::{Instrument, InstrumentKind, Price, Qty};

/// The smallest order is computed a little lower than the market, so that it stays large enough when the price falls, percent.
const HEADROOM_PERCENT: i64 = 5;

/// The largest part of what was bought that a spot fee takes in coins: one in so many.
const SPOT_FEE_PART: i64 = 250;

/// Most times the smallest order.
const MAX_TIMES: i64 = 100_000;
/// Largest worth in quote currency, largest amount of base coins or lots.
const MAX_AMOUNT: i64 = 1_000_000_000;
/// Largest share of the equity or the position, percent.
const MAX_PERCENT: i64 = 10_000;
/// Largest share of the equity that may be lost, percent.
const MAX_RISK_PERCENT: i64 = 100;
/// Significant digits of an amount in a message.
const DIGITS: u32 = 4;

/// How large an order should be, as a trader gives it. Shares are fractions of one, money is quote currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// `2x`: so many times the smallest order of the symbol.
    TimesMinimum(u32),
    /// `10l`: so many lots.
    Lots(i64),
    /// `0.05b`: so much of the base coin.
    Base(Decimal),
    /// `500q`: worth so much.
    Quote(Decimal),
    /// `5%`: worth this share of the equity.
    OfEquity(Decimal),
    /// `50%p`: this share of the position.
    OfPosition(Decimal),
    /// `20r`: loses so much between its price and the stop; fees are not counted.
    Risk(Decimal),
    /// `1%r`: loses this share of the equity so.
    RiskOfEquity(Decimal),
}

/// What makes a number a size.
type Make = fn(Decimal) -> Size;

impl Size {
    /// Reads a size; a number without a suffix is what `bare` makes of it.
    ///
    /// # Errors
    /// One sentence that says what is expected.
    pub fn read(text: &str, bare: Make) -> Result<Self, String> {
        Self::find(text, bare).ok_or_else(|| {
            format!(
                "\"{text}\" is no size: write 2x, 10l (lots), 0.05b (base), 500q (quote), 5%, 50%p (of the position), 20r or 1%r (risk)"
            )
        })
    }

    /// Reads a size as typed on an instrument's screen: a bare number counts base coins and must be whole lots.
    ///
    /// # Errors
    /// One sentence that says what is expected.
    pub fn typed(text: &str, instrument: &Instrument) -> Result<Self, String> {
        let size = Self::read(text, Self::Base)?;
        let bare = text.ends_with(|c: char| c.is_ascii_digit());
        match instrument.qty(text.as_bytes()) {
            Err(why) if bare => {
                let step = instrument.qty_text(Qty(1));
                Err(format!("size {text}: {why}; the step is {step}"))
            }
            _ => Ok(size),
        }
    }

    fn find(text: &str, bare: Make) -> Option<Self> {
        if let Some(times) = text.strip_suffix('x') {
            let times = u32::try_from(whole(times, MAX_TIMES)?).ok()?;
            return Some(Self::TimesMinimum(times));
        }
        if let Some(lots) = text.strip_suffix('l') {
            return whole(lots, MAX_AMOUNT).map(Self::Lots);
        }
        let forms: [(&str, Make, i64); 7] = [
            ("%p", |n| Self::OfPosition(share(n)), MAX_PERCENT),
            ("%r", |n| Self::RiskOfEquity(share(n)), MAX_RISK_PERCENT),
            ("%", |n| Self::OfEquity(share(n)), MAX_PERCENT),
            ("b", Self::Base, MAX_AMOUNT),
            ("q", Self::Quote, MAX_AMOUNT),
            ("r", Self::Risk, MAX_AMOUNT),
            ("", bare, MAX_AMOUNT),
        ];
        let (number, make, most) = forms
            .into_iter()
            .find_map(|(suffix, make, most)| Some((text.strip_suffix(suffix)?, make, most)))?;
        number_up_to(number, most).map(make)
    }

    /// True where it follows from equity, position or stop, so that it is another amount from one moment to the next.
    pub const fn is_relative(self) -> bool {
        match self {
            Self::TimesMinimum(_) | Self::Lots(_) | Self::Base(_) | Self::Quote(_) => false,
            Self::OfEquity(_) | Self::OfPosition(_) | Self::Risk(_) | Self::RiskOfEquity(_) => true,
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: &Decimal| share.saturating_mul(Decimal::ONE_HUNDRED).normalize();
        match self {
            Self::TimesMinimum(times) => write!(f, "{times}x"),
            Self::Lots(lots) => write!(f, "{lots}l"),
            Self::Base(amount) => write!(f, "{}b", amount.normalize()),
            Self::Quote(worth) => write!(f, "{}q", worth.normalize()),
            Self::OfEquity(share) => write!(f, "{}%", percent(share)),
            Self::OfPosition(share) => write!(f, "{}%p", percent(share)),
            Self::Risk(loss) => write!(f, "{}r", loss.normalize()),
            Self::RiskOfEquity(share) => write!(f, "{}%r", percent(share)),
        }
    }
}

fn share(percent: Decimal) -> Decimal {
    percent / Decimal::ONE_HUNDRED
}

fn whole(text: &str, most: i64) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits)?;
    (1..=most).contains(&number).then_some(number)
}

/// A plain decimal above zero.
fn number_up_to(text: &str, most: i64) -> Option<Decimal> {
    let plain = text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number: Decimal = text.parse().ok().filter(|_| plain)?;
    (number > Decimal::ZERO && number <= Decimal::from(most)).then_some(number)
}

/// What a size is measured by.
#[derive(Clone, Copy, Debug)]
pub struct Measure<'a> {
    /// The venue's rules.
    pub instrument: &'a Instrument,
    /// The order's price.
    pub price: Price,
    /// What the account is worth, quote currency; `None` before it is told.
    pub equity: Option<Decimal>,
    /// The position's size without its sign, the instrument's unit.
    pub position: Decimal,
    /// From the order's price to the stop, ticks above zero; `None` where no stop is wanted or none stands behind that price.
    pub stop_ticks: Option<i64>,
}

/// A size as lots, rounded down. A multiple of the smallest order and a worth are at least that order and at most the largest.
///
/// # Errors
/// Why it cannot be told, for the trader.
pub fn rounded(size: Size, by: &Measure<'_>) -> Result<Qty, String> {
    let instrument = by.instrument;
    let lots = Qty(instrument.lot.floor(amount(size, by)?).ok_or(TOO_LARGE)?);
    if matches!(size, Size::TimesMinimum(_) | Size::Quote(_)) {
        let smallest = smallest(instrument, by.price);
        return Ok(lots.max(smallest).min(instrument.max_qty.max(smallest)));
    }
    Ok(lots)
}

/// The same for an order that opens or adds: one that the venue would find too small is refused.
///
/// # Errors
/// Why it cannot be told, or that it is too small, for the trader.
pub fn lots(size: Size, by: &Measure<'_>) -> Result<Qty, String> {
    let instrument = by.instrument;
    let lots = rounded(size, by)?;
    if matches!(size, Size::TimesMinimum(_) | Size::Quote(_)) {
        return Ok(lots);
    }
    let least = least(instrument, by.price);
    if lots < least {
        let amount = amount(size, by)?;
        let amount = amount.round_sf(DIGITS).unwrap_or(amount).normalize();
        let least = instrument.qty_decimal(least).normalize();
        let base = instrument.base;
        return Err(format!(
            "{amount} {base} is below the venue's least {least}"
        ));
    }
    Ok(lots)
}

const TOO_LARGE: &str = "the size is too large to compute";

/// A size in the instrument's unit, not rounded yet.
fn amount(size: Size, by: &Measure<'_>) -> Result<Decimal, String> {
    let instrument = by.instrument;
    let price = instrument.price_decimal(by.price);
    let equity = || by.equity.ok_or("the account's equity is not known yet");
    let part = |whole: Decimal, share: Decimal| whole.checked_mul(share).ok_or(TOO_LARGE);
    let worth = |money: Decimal| {
        let unit = price.checked_mul(instrument.multiplier);
        unit.and_then(|unit| money.checked_div(unit))
            .ok_or("there is no price to size by")
    };
    let risk = |money: Decimal| -> Result<Decimal, String> {
        let ticks = by.stop_ticks.ok_or_else(|| {
            format!("{size} needs a stop behind it: put one with i, or set [protect] stop")
        })?;
        let lost = instrument
            .tick
            .decimal(ticks)
            .checked_mul(instrument.multiplier);
        let amount = lost.and_then(|lost| money.checked_div(lost));
        amount.ok_or_else(|| TOO_LARGE.to_owned())
    };
    Ok(match size {
        Size::TimesMinimum(times) => {
            let smallest = smallest(instrument, by.price).0;
            instrument.qty_decimal(Qty(smallest.saturating_mul(i64::from(times))))
        }
        Size::Lots(lots) => instrument.qty_decimal(Qty(lots)),
        Size::Base(coins) => coins.checked_div(instrument.multiplier).ok_or(TOO_LARGE)?,
        Size::Quote(money) => worth(money)?,
        Size::OfEquity(share) => worth(part(equity()?, share)?)?,
        Size::OfPosition(_) if by.position.is_zero() => {
            return Err(format!("{size} needs a position to be a share of"));
        }
        Size::OfPosition(share) => part(by.position, share)?,
        Size::Risk(money) => risk(money)?,
        Size::RiskOfEquity(share) => risk(part(equity()?, share)?)?,
    })
}

/// The smallest order that opens or adds which the venue takes at `price`, lots.
fn least(instrument: &Instrument, price: Price) -> Qty {
    let worth = instrument.notional(
        instrument.price_decimal(price),
        instrument.qty_decimal(Qty(1)),
    );
    let by_worth = worth
        .and_then(|worth| instrument.min_notional.checked_div(worth))
        .map_or(1, whole_up);
    Qty(by_worth.max(instrument.min_qty.0).max(1))
}

/// The smallest order that the venue takes near `price`, lots; on spot, the smallest that can be sold again when its fee was taken in
/// coins: the rest of a smaller one is worth less than the venue's least order, and no key could close it.
pub fn smallest(instrument: &Instrument, price: Price) -> Qty {
    let lower = Decimal::new(100 - HEADROOM_PERCENT, 2);
    let lot_worth = instrument
        .notional(
            instrument.price_decimal(price),
            instrument.qty_decimal(Qty(1)),
        )
        .and_then(|worth| worth.checked_mul(lower));
    let by_worth = lot_worth
        .and_then(|worth| instrument.min_notional.checked_div(worth))
        .map_or(1, whole_up);
    let least = by_worth.max(instrument.min_qty.0).max(1);
    match instrument.kind {
        InstrumentKind::Spot => Qty(least
            .saturating_add(least / SPOT_FEE_PART)
            .saturating_add(1)),
        InstrumentKind::Perpetual | InstrumentKind::Dated => Qty(least),
    }
}

fn whole_up(value: Decimal) -> i64 {
    use rust_decimal::prelude::ToPrimitive;
    value.ceil().to_i64().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::kit::{dec, instrument};

    fn measure(instrument: &Instrument) -> Measure<'_> {
        Measure {
            instrument,
            price: Price(600_000),
            equity: Some(dec("12000")),
            position: dec("0.081"),
            stop_ticks: Some(200),
        }
    }

    fn read(text: &str) -> Size {
        Size::read(text, Size::Quote).unwrap()
    }

    #[test]
    fn every_form_of_a_size_is_rounded_down_to_lots() {
        let rules = instrument();
        for (text, expected) in [
            // 50 / (60 000 × 0.95) is 0.00088: one lot of 0.001 is the smallest order.
            ("20x", 20),
            ("10l", 10),
            ("0.0509b", 50),
            ("1000", 16),
            ("1000q", 16),
            // 5 % of 12 000 is 600, a hundredth of a coin.
            ("5%", 10),
            ("50%p", 40),
            // A coin loses 20.0 over 200 ticks of 0.1.
            ("2.07r", 103),
            // 0.02 % of 12 000 is 2.4.
            ("0.02%r", 120),
        ] {
            let got = lots(read(text), &measure(&rules));
            assert_eq!(got, Ok(Qty(expected)), "{text}");
        }
    }

    #[test]
    fn the_smallest_spot_order_can_be_sold_again_after_its_fee() {
        let mut rules = instrument();
        let price = Price(600_000);
        let perpetual = smallest(&rules, price);
        rules.kind = InstrumentKind::Spot;
        // 0.1 % of the coins go, and a part of a lot with them: a lot less can be sold.
        let spot = smallest(&rules, price);
        assert!(spot.0 > perpetual.0, "{spot:?}");
        rules.lot = crate::domain::decimal::Step::parse("0.00001").unwrap();
        rules.min_notional = dec("5");
        rules.min_qty = Qty(1);
        assert_eq!(smallest(&rules, price), Qty(10));
        let worth = rules.notional(dec("60000"), rules.qty_decimal(Qty(9)));
        assert!(worth.unwrap() * dec("0.95") >= rules.min_notional);
    }

    #[test]
    fn what_comes_to_less_than_the_smallest_order_is_raised_only_for_a_worth_or_a_multiple() {
        let rules = instrument();
        assert_eq!(lots(read("1"), &measure(&rules)), Ok(Qty(1)));
        for (text, told) in [
            ("0.0004b", "0.0004 BTC is below the venue's least 0.001"),
            ("0.1%", "0.0002 BTC is below the venue's least 0.001"),
            ("1%p", "0.00081 BTC is below the venue's least 0.001"),
            ("0.01r", "0.0005 BTC is below the venue's least 0.001"),
        ] {
            let got = lots(read(text), &measure(&rules));
            assert_eq!(got, Err(told.to_owned()), "{text}");
        }
        let cheap = Measure {
            price: Price(1_000),
            ..measure(&rules)
        };
        let told = "0.1 BTC is below the venue's least 0.5";
        assert_eq!(lots(read("0.1b"), &cheap), Err(told.to_owned()));
        assert_eq!(lots(read("500l"), &cheap), Ok(Qty(500)));
    }

    #[test]
    fn a_share_or_a_risk_needs_what_it_is_measured_by() {
        let rules = instrument();
        let bare = Measure {
            equity: None,
            position: Decimal::ZERO,
            stop_ticks: None,
            ..measure(&rules)
        };
        for (text, told) in [
            ("5%", "the account's equity is not known yet"),
            ("50%p", "50%p needs a position to be a share of"),
            (
                "20r",
                "20r needs a stop behind it: put one with i, or set [protect] stop",
            ),
            ("1%r", "the account's equity is not known yet"),
        ] {
            assert_eq!(lots(read(text), &bare), Err(told.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_size_is_written_as_it_is_read() {
        for text in [
            "2x", "10l", "0.05b", "500q", "5%", "0.5%", "50%p", "20r", "1%r", "0.25%r",
        ] {
            assert_eq!(read(text).to_string(), text);
        }
        assert_eq!(read("500"), Size::Quote(dec("500")));
        let base = Size::read("0.5", Size::Base);
        assert_eq!(base, Ok(Size::Base(dec("0.5"))));
    }

    #[test]
    fn what_is_no_size_is_told_with_the_forms() {
        for text in [
            "",
            "x",
            "0x",
            "-1",
            "0",
            "1e5",
            "1_0",
            ".5",
            "5%%",
            "0%",
            "20000%",
            "101%r",
            "l",
            "1.5l",
            "5p",
            "99999999999999999999999",
            "0.0b",
            "٣",
        ] {
            let told = Size::read(text, Size::Quote).unwrap_err();
            assert!(told.contains("is no size: write 2x"), "{text}: {told}");
        }
    }

    #[test]
    fn the_smallest_order_stays_large_enough_when_the_price_falls_a_little() {
        let rules = instrument();
        let at = Price(10_000);
        let smallest = smallest(&rules, at);
        let worth = |price: i64| {
            let at = rules.price_decimal(Price(price));
            rules.notional(at, rules.qty_decimal(smallest)).unwrap()
        };
        assert!(worth(9_500) >= rules.min_notional);
    }

    #[test]
    fn hostile_numbers_are_no_trouble() {
        let rules = instrument();
        assert_eq!(smallest(&rules, Price(0)), Qty(1));
        for price in [0, 1, i64::MAX] {
            for text in [
                "1000000000",
                "100000x",
                "1000000000l",
                "1000000000r",
                "10000%p",
            ] {
                let by = Measure {
                    price: Price(price),
                    equity: Some(Decimal::MAX),
                    position: Decimal::MAX,
                    stop_ticks: Some(1),
                    ..measure(&rules)
                };
                if let Ok(qty) = lots(read(text), &by) {
                    assert!(qty.0 > 0, "{text} at {price}");
                }
            }
        }
    }
}
