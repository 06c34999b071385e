//! Numbers and texts as the screen writes them. Owns nothing. It must not round what the venue wrote without saying so in a name.
//!
//! Thousands are parted by an ordinary space, money always has its sign, widths are counted in cells.

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::{Instrument, Price, Qty, decimal};

/// Cells that a text takes.
pub fn cells(text: &str) -> usize {
    text.width()
}

/// The text cut to `width` cells, with `…` where something was cut off.
pub fn cut(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let mut out = String::with_capacity(width + 3);
    let mut used = 0;
    for c in text.chars() {
        let w = c.width().unwrap_or(0);
        if used + w + 1 > width {
            break;
        }
        used += w;
        out.push(c);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

/// The longest head of the text that fits `width` cells and ends at a blank; cut inside a word only when that is longer.
/// The blank between thousands ends nothing: a number stays whole.
pub fn words_within(text: &str, width: usize) -> &str {
    if cells(text) <= width {
        return text;
    }
    let mut used = 0;
    let mut end = 0;
    let mut blank = None;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        if c == ' ' && !parts_thousands(text, at) {
            blank = Some(at);
        }
        end = at + c.len_utf8();
    }
    &text[..blank.filter(|at| *at > 0).unwrap_or(end)]
}

/// True for the blank of `59 972.5`: a digit before it, and exactly three after it.
fn parts_thousands(text: &str, at: usize) -> bool {
    let digits = text[at + 1..].chars().take_while(char::is_ascii_digit);
    text[..at].ends_with(|c: char| c.is_ascii_digit()) && digits.count() == 3
}

/// Right-aligned in `width` cells; a longer text stays whole.
pub fn right(text: &str, width: usize) -> String {
    let mut out = " ".repeat(width.saturating_sub(cells(text)));
    out.push_str(text);
    out
}

/// Left-aligned in `width` cells, cut when longer.
pub fn left(text: &str, width: usize) -> String {
    let mut out = cut(text, width);
    let used = cells(&out);
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
    out
}

/// Plain decimal text with a space between thousands (`61240.5` is `61 240.5`).
pub fn grouped(text: &str) -> String {
    let (sign, rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (&text[..1], rest),
        None => ("", text),
    };
    let (int, frac) = match rest.find('.') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let mut out = String::with_capacity(text.len() + int.len() / 3);
    out.push_str(sign);
    for (i, digit) in int.chars().enumerate() {
        if i > 0 && (int.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out.push_str(frac);
    out
}

/// A price with all decimals of its tick.
pub fn price(instrument: &Instrument, price: Price) -> String {
    grouped(&instrument.price_text(price))
}

/// A size with all decimals of its lot.
pub fn qty(instrument: &Instrument, qty: Qty) -> String {
    grouped(&instrument.qty_text(qty))
}

/// Columns for these sizes of one's own, six at least; those of the book may be far wider.
pub fn widest(instrument: &Instrument, sizes: impl Iterator<Item = Qty>) -> u16 {
    let cells = sizes.map(|size| cells(&qty(instrument, size)));
    u16::try_from(cells.max().unwrap_or(0)).unwrap_or(0).max(6)
}

/// A size in at most four cells: `.005`, `1.23`, `340`, `1.2K`, `12M`; what is less than `.001` is `~0`.
pub fn narrow(value: Decimal) -> String {
    const STEPS: [(i64, &str); 4] = [
        (1_000_000_000_000, "T"),
        (1_000_000_000, "B"),
        (1_000_000, "M"),
        (1_000, "K"),
    ];
    let size = value.abs();
    if size.is_zero() {
        return "0".to_owned();
    }
    // From half a step on, the next larger unit is shorter: 999.6 is 1.0K.
    let reaches = |unit: i64| {
        let nearly = Decimal::from(unit).checked_sub(Decimal::new(unit, 3) / Decimal::TWO);
        nearly.is_some_and(|nearly| size >= nearly)
    };
    let Some((unit, letter)) = STEPS.iter().find(|(unit, _)| reaches(*unit)) else {
        let tenfold = |times: i64| size >= Decimal::new(times * 1_000 - 5 * times, 3);
        return match (tenfold(100), tenfold(10), tenfold(1)) {
            (true, ..) => fixed(size, 0),
            (_, true, _) => fixed(size, 1),
            (.., true) => fixed(size, 2),
            _ if size < Decimal::new(5, 4) => "~0".to_owned(),
            _ => fixed(size, 3).trim_start_matches('0').to_owned(),
        };
    };
    let count = size / Decimal::from(*unit);
    if count >= Decimal::ONE_THOUSAND {
        return ">1P".to_owned();
    }
    let places = u32::from(count < Decimal::new(995, 2));
    format!("{}{letter}", fixed(count, places))
}

/// A size from a thousand on in at most five cells, cut and not rounded: `1.2K`, `12.3K`, `123K`, `3.4M`; a smaller one as a whole.
pub fn short(value: Decimal) -> String {
    const UNITS: [&str; 8] = ["", "K", "M", "B", "T", "P", "E", "Z"];
    let mut value = value.abs();
    let mut unit = 0;
    while value >= Decimal::ONE_THOUSAND && unit + 1 < UNITS.len() {
        value /= Decimal::ONE_THOUSAND;
        unit += 1;
    }
    let places = u32::from(unit > 0 && value < Decimal::ONE_HUNDRED);
    let cut = value.trunc_with_scale(places);
    format!("{}{}", fixed(cut, places), UNITS[unit])
}

/// A size of zero or more in three digits or so, cut and not rounded, where there is little room: `0.12`, `1.25`, `12.5`, `125`;
/// short from a thousand on.
pub fn brief(value: Decimal) -> String {
    let value = value.abs();
    if value >= Decimal::ONE_THOUSAND {
        return short(value);
    }
    let places = match value {
        value if value >= Decimal::ONE_HUNDRED => 0,
        value if value >= Decimal::TEN => 1,
        value if value >= Decimal::ONE => 2,
        // Two digits that say something.
        value => {
            let digits = value.mantissa().unsigned_abs().checked_ilog10();
            value
                .scale()
                .saturating_sub(digits.map_or(1, |log| log + 1))
                + 2
        }
    };
    let cut = value.trunc_with_scale(places).normalize();
    fixed(cut, cut.scale())
}

/// A figure beside the ladder, cut and not rounded, its point always so far from the end: with up to three of these decimals under a
/// thousand, short from there on (`12.345`, `1.2K `, `123K   `). At most seven cells with three decimals, six with fewer.
pub fn figure(value: Decimal, places: u32) -> String {
    let value = value.abs();
    let places = places.min(3);
    let mut text = if value >= Decimal::ONE_THOUSAND {
        short(value)
    } else {
        fixed(value.trunc_with_scale(places), places)
    };
    let whole = text.find(|c: char| !c.is_ascii_digit());
    let behind = text.len() - whole.unwrap_or(text.len());
    let room = 1 + places.max(2) as usize;
    text.extend(std::iter::repeat_n(' ', room.saturating_sub(behind)));
    text
}

/// The same with its sign; nothing where nothing of it would be seen.
pub fn signed_figure(value: Decimal, places: u32) -> String {
    let text = figure(value, places);
    if text.chars().all(|c| matches!(c, '0' | '.' | ' ')) {
        return String::new();
    }
    let sign = if value.is_sign_negative() { '-' } else { '+' };
    format!("{sign}{text}")
}

/// A decimal at exactly `places` decimals, half away from zero.
pub fn fixed(value: Decimal, places: u32) -> String {
    let rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    let mut text = String::with_capacity(32);
    // Decimal's own Display panics when a precision makes a huge number longer than its buffer.
    decimal::write_scaled(rounded.mantissa(), rounded.scale(), &mut text);
    if rounded.is_zero() {
        text.retain(|c| c != '-');
    }
    if rounded.scale() == 0 && places > 0 {
        text.push('.');
    }
    text.extend(std::iter::repeat_n(
        '0',
        places.saturating_sub(rounded.scale()) as usize,
    ));
    grouped(&text)
}

/// The same with its sign (`+9.06`, `-3.10`, `0.00`).
pub fn signed(value: Decimal, places: u32) -> String {
    let text = fixed(value, places);
    if text.starts_with('-') || text.chars().all(|c| matches!(c, '0' | '.' | ' ')) {
        text
    } else {
        format!("+{text}")
    }
}

/// A fraction as percent with its sign (`+0.10%`).
pub fn percent(fraction: Decimal, places: u32) -> String {
    let hundred = Decimal::ONE_HUNDRED;
    match fraction.checked_mul(hundred) {
        Some(value) => format!("{}%", signed(value, places)),
        None => "?%".to_owned(),
    }
}

/// Ticks with sign and unit (`+604t`).
pub fn ticks(count: i64) -> String {
    if count > 0 {
        format!("+{}t", grouped(&count.to_string()))
    } else {
        format!("{}t", grouped(&count.to_string()))
    }
}

/// A short time: `4ms`, `1.4s`, `12s`, `3:05`.
pub fn span(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms}ms"),
        1_000..10_000 => format!("{}.{}s", ms / 1_000, ms % 1_000 / 100),
        10_000..120_000 => format!("{}s", ms / 1_000),
        _ => countdown(ms),
    }
}

/// An age in whole seconds: `4s`, `59s`, `3:05`.
pub fn seconds(ms: u64) -> String {
    if ms < 60_000 {
        format!("{}s", ms / 1_000)
    } else {
        countdown(ms)
    }
}

/// A countdown: `0:09`, `2:41`, `7:02:41`.
pub fn countdown(ms: u64) -> String {
    let s = ms / 1_000;
    if s < 3_600 {
        format!("{}:{:02}", s / 60, s % 60)
    } else {
        format!("{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
    }
}

/// Microseconds as milliseconds: `0.4`, `12`, `1 204`.
pub fn micros_as_ms(us: u64) -> String {
    if us < 10_000 {
        format!("{}.{}", us / 1_000, us % 1_000 / 100)
    } else {
        grouped(&(us / 1_000).to_string())
    }
}

/// Time of day `12:03:58` from ms since 1970, moved by `offset_s` seconds.
pub fn time_of_day(ms: i64, offset_s: i32) -> String {
    let s = ms
        .div_euclid(1_000)
        .saturating_add(i64::from(offset_s))
        .rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

/// A position size without trailing zeros beyond `places`.
pub fn size(value: Decimal, places: u32) -> String {
    let places = places.max(value.normalize().scale());
    fixed(value, places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn a_number_is_not_parted_at_the_end_of_a_line() {
        let text = "cancelled SELL 0.001 stop at 59 972.5";
        assert_eq!(words_within(text, 32), "cancelled SELL 0.001 stop at");
        assert_eq!(words_within("1 024 500 lots of 5", 12), "1 024 500");
        assert_eq!(words_within("orders 5 10 20", 10), "orders 5");
        assert_eq!(words_within("1 024 500", 6), "1 024 ");
    }

    #[test]
    fn thousands_are_parted_and_signs_stay() {
        assert_eq!(grouped("61240.5"), "61 240.5");
        assert_eq!(grouped("-1234567"), "-1 234 567");
        assert_eq!(grouped("123"), "123");
        assert_eq!(signed(dec!(9.055), 2), "+9.06");
        assert_eq!(signed(dec!(-3.1), 2), "-3.10");
        assert_eq!(signed(dec!(-0.001), 2), "0.00");
        assert_eq!(percent(dec!(0.001), 2), "+0.10%");
        assert_eq!(ticks(-604), "-604t");
        assert_eq!(size(dec!(0.15), 3), "0.150");
        assert_eq!(fixed(dec!(7), 2), "7.00");
        assert_eq!(fixed(dec!(7), 0), "7");
        assert_eq!(
            fixed(Decimal::MAX, 2),
            "79 228 162 514 264 337 593 543 950 335.00"
        );
    }

    #[test]
    fn a_narrow_size_takes_four_cells_at_most() {
        for (value, text) in [
            (dec!(0), "0"),
            (dec!(0.0004), "~0"),
            (dec!(0.0005), ".001"),
            (dec!(0.0051), ".005"),
            (dec!(0.9949), ".995"),
            (dec!(0.995), "1.00"),
            (dec!(9.949), "9.95"),
            (dec!(9.96), "10.0"),
            (dec!(99.4), "99.4"),
            (dec!(99.96), "100"),
            (dec!(340.2), "340"),
            (dec!(999.4), "999"),
            (dec!(999.6), "1.0K"),
            (dec!(1234), "1.2K"),
            (dec!(9960), "10K"),
            (dec!(999400), "999K"),
            (dec!(999600), "1.0M"),
            (dec!(12000000), "12M"),
            (Decimal::MAX, ">1P"),
            (Decimal::MIN, ">1P"),
        ] {
            assert_eq!(narrow(value), text, "{value}");
        }
        for step in 0..4_000_u32 {
            let value = Decimal::new(7, 4) * Decimal::from(u64::from(step).pow(3));
            assert!(cells(&narrow(value)) <= 4, "{value} {}", narrow(value));
        }
    }

    #[test]
    fn brief_sizes_are_never_more_than_they_are() {
        for (value, text) in [
            (dec!(0), "0"),
            (dec!(0.120), "0.12"),
            (dec!(0.00001234), "0.000012"),
            (dec!(1.004), "1"),
            (dec!(4.126), "4.12"),
            (dec!(12.58), "12.5"),
            (dec!(999.9), "999"),
            (dec!(1204), "1.2K"),
        ] {
            assert_eq!(brief(value), text);
        }
    }

    #[test]
    fn sizes_are_shortened_by_cutting() {
        for (value, text) in [
            (dec!(999.9), "999"),
            (dec!(1000), "1.0K"),
            (dec!(1299), "1.2K"),
            (dec!(99999), "99.9K"),
            (dec!(999999), "999K"),
            (dec!(3456789), "3.4M"),
        ] {
            assert_eq!(short(value), text);
        }
        for (value, places, text) in [
            (dec!(999.9999), 3, "999.999"),
            (dec!(12.3), 5, "12.300"),
            (dec!(1299), 3, "1.2K "),
            (dec!(129999), 3, "129K   "),
            (dec!(12), 0, "12   "),
            (dec!(1299), 0, "1.2K"),
        ] {
            assert_eq!(figure(value, places), text);
        }
        assert_eq!(signed_figure(dec!(-1299), 3), "-1.2K ");
        assert_eq!(signed_figure(dec!(0.0004), 3), "");
        assert!(cells(&short(Decimal::MAX)) < 20);
    }

    #[test]
    fn times_are_short() {
        assert_eq!(span(4), "4ms");
        assert_eq!(span(1_450), "1.4s");
        assert_eq!(span(12_999), "12s");
        assert_eq!(countdown(161_000), "2:41");
        assert_eq!(countdown(25_361_000), "7:02:41");
        assert_eq!(time_of_day(-1, 0), "23:59:59");
        assert_eq!(time_of_day(0, 3_600), "01:00:00");
    }

    #[test]
    fn f15_texts_are_cut_by_cells() {
        assert_eq!(cut("币安人生USDT", 5), "币安…");
        assert_eq!(cells(&left("币安人生", 10)), 10);
        assert_eq!(cut("abc", 0), "");
        assert_eq!(right("12", 4), "  12");
    }
}
