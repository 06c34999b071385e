//! Numbers and orders as the trader reads them: thousands by an ordinary space, signs where money moves.

use rust_decimal::Decimal;

use crate::domain::{BookState, Instrument, Leg, MarketKey, Price, Qty, Side, TradingStatus};

/// Puts a space between thousands of the whole part: `61239.8` is `61 239.8`.
pub fn spaced(text: &str) -> String {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = match rest.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (rest, None),
    };
    let mut out = String::with_capacity(text.len() + 4);
    out.push_str(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A price of an instrument.
pub fn price(instrument: &Instrument, price: Price) -> String {
    spaced(&instrument.price_text(price))
}

/// A size of an instrument.
pub fn qty(instrument: &Instrument, qty: Qty) -> String {
    spaced(&instrument.qty_text(qty))
}

/// A number with at most `decimals` decimals and no trailing zeros.
pub fn number(value: Decimal, decimals: u32) -> String {
    spaced(&value.round_dp(decimals).normalize().to_string())
}

/// An average price, written one decimal finer than the instrument's own prices.
pub fn average(instrument: &Instrument, value: Decimal) -> String {
    number(value, instrument.tick.decimals().saturating_add(1))
}

/// A size as a decimal, with its sign.
pub fn signed(value: Decimal) -> String {
    let text = spaced(&value.normalize().to_string());
    if value.is_sign_positive() && !value.is_zero() {
        format!("+{text}")
    } else {
        text
    }
}

/// `BUY 0.050`.
pub fn order(instrument: &Instrument, side: Side, size: Qty) -> String {
    format!("{} {}", side.word(), qty(instrument, size))
}

/// `LONG 0.200 @ 61 195.1`, or `FLAT`.
pub fn position(instrument: &Instrument, size: Decimal, entry: Decimal) -> String {
    if size.is_zero() {
        return "FLAT".to_owned();
    }
    let word = if size.is_sign_positive() {
        "LONG"
    } else {
        "SHORT"
    };
    let mut magnitude = size.abs();
    magnitude.rescale(instrument.lot.decimals());
    format!(
        "{word} {} @ {}",
        spaced(&magnitude.to_string()),
        average(instrument, entry)
    )
}

/// `BTCUSDT`, of a hedge account `BTCUSDT LONG`.
pub fn market(key: MarketKey) -> String {
    match key.leg {
        None => key.symbol.to_string(),
        Some(leg) => format!("{} {}", key.symbol, self::leg(leg)),
    }
}

/// The one word of a leg.
pub const fn leg(leg: Leg) -> &'static str {
    match leg {
        Leg::Long => "LONG",
        Leg::Short => "SHORT",
    }
}

/// Microseconds as `0.6ms`.
pub fn took(micros: u64) -> String {
    format!("{}.{}ms", micros / 1000, micros % 1000 / 100)
}

/// Milliseconds as `1.4s`.
pub fn seconds(ms: u64) -> String {
    format!("{}.{}s", ms / 1000, ms % 1000 / 100)
}

/// A wall time, ms since 1970, as `14:35 UTC`; seconds are rounded up, so that it is not said too early.
pub fn utc(ms: i64) -> String {
    let minutes = ms.saturating_add(59_999).div_euclid(60_000);
    let of_day = minutes.rem_euclid(24 * 60);
    format!("{:02}:{:02} UTC", of_day / 60, of_day % 60)
}

/// The one word of a book's state.
pub const fn state(state: &BookState) -> &'static str {
    match state {
        BookState::Down(_) => "DOWN",
        BookState::Resync(_) => "RESYNC",
        BookState::Stale(_) => "STALE",
        BookState::Live => "LIVE",
    }
}

/// Whether an instrument trades, in capitals.
pub const fn status(status: TradingStatus) -> &'static str {
    match status {
        TradingStatus::Trading => "TRADING",
        TradingStatus::CancelOnly => "CANCEL ONLY",
        TradingStatus::Halted => "HALTED",
        TradingStatus::Closed => "CLOSED",
    }
}

/// Basis points as `0.3%`.
pub fn percent(points: u32) -> String {
    format!("{}%", Decimal::new(points.into(), 2).normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted_by_an_ordinary_space() {
        assert_eq!(spaced("61239.80"), "61 239.80");
        assert_eq!(spaced("-1234567"), "-1 234 567");
        assert_eq!(spaced("100"), "100");
        assert_eq!(spaced("0.0001234"), "0.0001234");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(took(640), "0.6ms");
        assert_eq!(took(12_340), "12.3ms");
        assert_eq!(seconds(1_430), "1.4s");
        assert_eq!(
            utc(86_400_000 + 14 * 3_600_000 + 34 * 60_000 + 1),
            "14:35 UTC"
        );
        assert_eq!(utc(86_400_000), "00:00 UTC");
    }
}
