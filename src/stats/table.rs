//! The report as text for a terminal, 80 columns at most.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::domain::Asset;
use crate::engine::diary::tally::{Part, Tally};
use crate::ui::format;

use super::figure::{self, NONE};
use super::{Report, Sums};

/// Columns of the equity line.
const CURVE: usize = 64;
/// Columns of the bar behind a part.
const BAR: usize = 16;
/// Parts listed of names.
const LISTED: usize = 12;
/// Trips listed.
const TRIPS: usize = 10;

/// The whole report.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    head(report, &mut out);
    if report.sheet.is_empty() {
        out.push_str(
            "\nno round trips yet: open a position and close it, and they are counted here\n",
        );
        section(None, &Tally::default(), &mut out);
    }
    for (asset, tally) in &report.sheet {
        section(Some(*asset), tally, &mut out);
    }
    latest(report, &mut out);
    told(&report.sums, &mut out);
    foot(report, &mut out);
    out
}

fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    // A text takes what it is given.
    let _ = out.write_fmt(words);
    while out.ends_with(' ') {
        out.pop();
    }
    out.push('\n');
}

fn head(report: &Report, out: &mut String) {
    let world = report.world.map_or("no fills in any world", figure::world);
    let span = report.span_ms.map_or_else(String::new, |(first, last)| {
        format!("   {} to {} UTC", figure::day(first), figure::day(last))
    });
    let only = if report.only.is_empty() {
        String::new()
    } else {
        format!("   only {}", report.only)
    };
    put(out, format_args!("round trips   {world}{span}{only}"));
    let others: Vec<String> = report
        .others()
        .map(|(world, fills)| format!("{} ({fills} fills)", figure::world(world)))
        .collect();
    if !others.is_empty() {
        put(
            out,
            format_args!("not in it: {}; --env or --paper chooses", others.join(", ")),
        );
    }
}

fn section(asset: Option<Asset>, tally: &Tally, out: &mut String) {
    let digits = figure::digits(asset);
    let money = |value: Decimal| figure::money(value, digits);
    let maybe = |value: Option<Decimal>| figure::maybe_money(value, digits);
    let name = asset.map_or_else(|| "money".to_owned(), |asset| asset.to_string());
    let plural = if tally.trips == 1 { "" } else { "s" };
    out.push('\n');
    put(
        out,
        format_args!("{name}   {} round trip{plural}", tally.trips),
    );
    put(
        out,
        format_args!(
            "  net           {:>12}   gross {}   fees {}   funding {}",
            money(tally.net),
            money(tally.gross),
            format::fixed(tally.fees, digits),
            money(tally.funding),
        ),
    );
    for (asset, amount) in &tally.unvalued {
        put(
            out,
            format_args!(
                "                not in it: fees of {} {asset}, price not known",
                amount.normalize()
            ),
        );
    }
    put(
        out,
        format_args!(
            "  expectancy    {:>12}   a trip; fees {} of gross",
            maybe(tally.expectancy()),
            figure::percent(tally.fee_share()),
        ),
    );
    put(
        out,
        format_args!(
            "  win rate      {:>12}   profit factor {}   payoff {}",
            figure::percent(tally.win_rate()),
            figure::ratio(tally.profit_factor()),
            figure::ratio(tally.payoff()),
        ),
    );
    for (name, of) in [("winners", &tally.wins), ("losers", &tally.losses)] {
        put(
            out,
            format_args!(
                "  {name:<14}{:>12}   average {}   largest {}   in a row {}",
                of.count,
                maybe(of.average()),
                money(of.largest),
                of.streak,
            ),
        );
    }
    put(
        out,
        format_args!(
            "  held          {:>12}   winners {}   losers {}",
            figure::span(tally.held_ms),
            figure::maybe_span(tally.wins.average_ms()),
            figure::maybe_span(tally.losses.average_ms()),
        ),
    );
    rest(tally, digits, out);
}

fn rest(tally: &Tally, digits: u32, out: &mut String) {
    let maybe = |value: Option<Decimal>| figure::maybe_money(value, digits);
    let drawdown = tally.curve.drawdown();
    put(
        out,
        format_args!(
            "  drawdown      {:>12}   fell for {}   now {} from the high",
            figure::money(-drawdown.money, digits),
            figure::span(drawdown.fall_ms),
            figure::money(-tally.curve.under(), digits),
        ),
    );
    put(
        out,
        format_args!(
            "  below a high  {:>12}   at longest",
            figure::span(tally.curve.longest_under_ms()),
        ),
    );
    put(
        out,
        format_args!(
            "  stood at      {:>12}   at worst, {} at best, on average",
            maybe(tally.worst.value()),
            maybe(tally.best.value()),
        ),
    );
    let ticks = tally.slippage_ticks.value();
    put(
        out,
        format_args!(
            "  slippage      {:>12}   {} ticks a trip against the preview ({} trips)",
            maybe(tally.slippage.value()),
            ticks.map_or_else(|| NONE.to_owned(), |ticks| format::signed(ticks, 1)),
            tally.slippage.count,
        ),
    );
    out.push('\n');
    put(out, format_args!("  equity        {}", curve(tally)));
    parts(
        "by hour, UTC",
        numbered(&tally.by_hour, |hour| format!("{hour:02}")),
        digits,
        out,
    );
    let weekday = |day: usize| figure::WEEKDAYS[day].to_owned();
    parts(
        "by weekday, UTC",
        numbered(&tally.by_weekday, weekday),
        digits,
        out,
    );
    parts(
        "by time held",
        numbered(&tally.by_hold, figure::hold),
        digits,
        out,
    );
    let side = |side: usize| ["LONG", "SHORT"][side].to_owned();
    parts("by side", numbered(&tally.by_side, side), digits, out);
    for (title, named) in [
        ("by symbol", &tally.by_symbol),
        ("by setup", &tally.by_setup),
        ("by tag", &tally.by_tag),
    ] {
        let mut list: Vec<(String, Part)> = named.iter().map(|(n, p)| (n.clone(), *p)).collect();
        list.sort_by_key(|(_, part)| std::cmp::Reverse(part.trips));
        list.truncate(LISTED);
        parts(title, list, digits, out);
    }
}

fn numbered(parts: &[Part], name: impl Fn(usize) -> String) -> Vec<(String, Part)> {
    let parts = parts.iter().enumerate().filter(|(_, part)| part.trips > 0);
    parts.map(|(at, part)| (name(at), *part)).collect()
}

/// The bar is the part's net against the largest of the list; a loss is drawn hollow.
fn parts(title: &str, list: Vec<(String, Part)>, digits: u32, out: &mut String) {
    out.push('\n');
    put(
        out,
        format_args!("  {title:<22}{:>7}{:>8}{:>16}", "trips", "won", "net"),
    );
    if list.is_empty() {
        put(out, format_args!("    {NONE}"));
    }
    let most = list.iter().map(|(_, part)| part.net.abs()).max();
    let most = most.unwrap_or_default();
    for (name, part) in list {
        let share = part.net.abs().checked_div(most).unwrap_or_default();
        let cells = share.saturating_mul(Decimal::from(BAR as u64)).round();
        let cells = cells.to_usize().unwrap_or_default().min(BAR);
        let glyph = if part.net.is_sign_negative() {
            "░"
        } else {
            "█"
        };
        put(
            out,
            format_args!(
                "    {:<20}{:>7}{:>8}{:>16}  {}",
                format::cut(&name, 19),
                part.trips,
                figure::share(part.wins, part.trips),
                figure::money(part.net, digits),
                glyph.repeat(cells),
            ),
        );
    }
}

/// The curve in eighths of a line.
fn curve(tally: &Tally) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let ends: Vec<Decimal> = tally.curve.spans().iter().map(|span| span.end).collect();
    let low = ends
        .iter()
        .copied()
        .min()
        .unwrap_or_default()
        .min(Decimal::ZERO);
    let high = ends
        .iter()
        .copied()
        .max()
        .unwrap_or_default()
        .max(Decimal::ZERO);
    let step = ends.len().div_ceil(CURVE).max(1);
    if ends.is_empty() {
        return NONE.to_owned();
    }
    let level = |end: &Decimal| {
        let share = end
            .saturating_sub(low)
            .checked_div(high.saturating_sub(low));
        let at = share.unwrap_or_default().saturating_mul(Decimal::from(7));
        LEVELS[at.round().to_usize().unwrap_or_default().min(7)]
    };
    let last = |part: &[Decimal]| part.last().map(level);
    ends.chunks(step).filter_map(last).collect()
}

fn latest(report: &Report, out: &mut String) {
    if report.latest.is_empty() {
        return;
    }
    out.push('\n');
    put(out, format_args!("latest"));
    for trip in report.latest.iter().rev().take(TRIPS) {
        let digits = figure::digits(Some(trip.settle));
        put(
            out,
            format_args!(
                "  {}  {:<12} {:<5} {:>8} {:>7} {:>12}  {}",
                figure::day_and_clock(trip.closed_ms),
                format::cut(trip.key.symbol.as_str(), 12),
                figure::side(trip.side),
                trip.size.normalize(),
                format::span(trip.held_ms()),
                figure::money(trip.net(), digits),
                format::cut(&trip.tag, 12),
            ),
        );
    }
}

fn told(sums: &Sums, out: &mut String) {
    out.push('\n');
    put(out, format_args!("the venue's own words, added up"));
    let lists = [
        ("realised", &sums.realised),
        ("fees", &sums.fees),
        ("funding", &sums.funding),
    ];
    for (name, list) in lists {
        let list: Vec<String> = list
            .iter()
            .map(|(asset, sum)| format!("{} {asset}", sum.normalize()))
            .collect();
        let words = if list.is_empty() {
            NONE.to_owned()
        } else {
            list.join("   ")
        };
        put(out, format_args!("  {name:<14}{words}"));
    }
}

fn foot(report: &Report, out: &mut String) {
    let counted = report.counted;
    put(out, format_args!("  counted       fills {}", counted.fills));
    let more = [
        ("still open", counted.open),
        ("told twice, counted once", counted.duplicates),
        ("fills outside a trip", counted.outside),
        ("fills not valued", counted.unvalued),
        ("trips whose end was not seen", counted.given_up),
        ("lines not readable", counted.unreadable),
    ];
    for (what, count) in more.into_iter().filter(|(_, count)| *count > 0) {
        put(out, format_args!("                {what} {count}"));
    }
}
