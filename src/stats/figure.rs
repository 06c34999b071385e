//! Figures as text: money, moments, spans, shares; the same in every output for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::domain::{Asset, Environment, Side};
use crate::engine::diary::tally::HOLDS_S;
use crate::ui::format;

/// What stands where there is nothing to say.
pub const NONE: &str = "–";

/// Weekdays, as the sums have them.
pub const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// How many decimals money of a currency has for people.
pub fn digits(asset: Option<Asset>) -> u32 {
    let in_coins = asset.is_some_and(|asset| matches!(asset.as_str(), "BTC" | "ETH" | "BNB"));
    if in_coins { 6 } else { 2 }
}

/// Money with its sign.
pub fn money(value: Decimal, digits: u32) -> String {
    format::signed(value, digits)
}

/// The same where there may be none.
pub fn maybe_money(value: Option<Decimal>, digits: u32) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| money(value, digits))
}

/// A ratio with two decimals.
pub fn ratio(value: Option<Decimal>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format::fixed(value, 2))
}

/// A fraction as percent without a sign.
pub fn percent(fraction: Option<Decimal>) -> String {
    fraction.map_or_else(
        || NONE.to_owned(),
        |value| {
            format!(
                "{} %",
                format::fixed(value.saturating_mul(Decimal::ONE_HUNDRED), 1)
            )
        },
    )
}

/// A count of parts as a share of the whole, in percent without decimals.
pub fn share(part: u64, whole: u64) -> String {
    let share = Decimal::from(part)
        .saturating_mul(Decimal::ONE_HUNDRED)
        .checked_div(Decimal::from(whole));
    share.map_or_else(
        || NONE.to_owned(),
        |share| format!("{} %", format::fixed(share, 0)),
    )
}

/// A time for people: `4.2s`, `3:05`, `2 h 10 min`, `3 d 4 h`.
pub fn span(ms: u64) -> String {
    let minutes = ms / 60_000;
    match minutes {
        0..60 => format::span(ms),
        60..1_440 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} d {} h", minutes / 1_440, minutes / 60 % 24),
    }
}

/// The same where there may be none.
pub fn maybe_span(ms: Option<u64>) -> String {
    ms.map_or_else(|| NONE.to_owned(), span)
}

/// A moment, ms since 1970, as `2026-11-26T05:46:22.123Z`.
pub fn moment(ms: i64) -> String {
    at(ms, "%Y-%m-%dT%H:%M:%S.%3fZ")
}

/// The same for people, to the second.
pub fn clock(ms: i64) -> String {
    at(ms, "%Y-%m-%d %H:%M:%S")
}

/// The same without the year.
pub fn day_and_clock(ms: i64) -> String {
    at(ms, "%m-%d %H:%M:%S")
}

/// Its day.
pub fn day(ms: i64) -> String {
    at(ms, "%Y-%m-%d")
}

fn at(ms: i64, form: &str) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(at) => at.to_zoned(TimeZone::UTC).strftime(form).to_string(),
        Err(_) => NONE.to_owned(),
    }
}

/// Long or short.
pub const fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "LONG",
        Side::Sell => "SHORT",
    }
}

/// A world, as the screen calls it.
pub const fn world(world: Environment) -> &'static str {
    match world {
        Environment::Real => "REAL MONEY",
        Environment::Demo => "DEMO",
        Environment::Paper => "PAPER",
        Environment::Sim => "SIM",
        Environment::Replay => "REPLAY",
    }
}

/// How long trips of a part were open: `under 5s`, `5s to 15s`, `over 1 h 0 min`.
pub fn hold(part: usize) -> String {
    let end = |at: usize| HOLDS_S.get(at).map(|s| short(*s));
    match (part.checked_sub(1).and_then(end), end(part)) {
        (None, Some(end)) => format!("under {end}"),
        (Some(from), Some(end)) => format!("{from} to {end}"),
        (Some(from), None) => format!("over {from}"),
        (None, None) => NONE.to_owned(),
    }
}

fn short(s: u64) -> String {
    match s {
        0..60 => format!("{s} s"),
        60..3_600 => format!("{} min", s / 60),
        _ => format!("{} h", s / 3_600),
    }
}

/// Microseconds as `0.6 ms`.
pub fn took(us: Option<u64>) -> String {
    us.map_or_else(
        || NONE.to_owned(),
        |us| format!("{} ms", format::micros_as_ms(us)),
    )
}
