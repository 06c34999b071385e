//! The report as one page of HTML: styles and pictures are in it, it loads nothing and runs nothing. Light or dark as the reader's
//! system is, and for paper.

mod chart;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::domain::{Asset, Environment};
use crate::engine::diary::tally::{Part, Tally};
use crate::engine::diary::trip::Trip;
use crate::ui::format;

use super::figure::{self, NONE};
use super::{KEPT, Report};
use chart::{Column, Point};

/// Names listed of a kind.
const LISTED: usize = 20;
/// Trips listed.
const TRIPS: usize = 200;

/// Text safe inside markup and inside a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn add(out: &mut String, words: std::fmt::Arguments<'_>) {
    // A text takes what it is given.
    let _ = out.write_fmt(words);
    out.push('\n');
}

/// The whole page; `now_ms` is when it is made, ms since 1970.
pub fn page(report: &Report, now_ms: i64) -> String {
    let mut out = String::with_capacity(128 * 1024);
    out.push_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    out.push_str("<meta name=\"color-scheme\" content=\"light dark\"/>\n");
    out.push_str("<title>Round trips</title>\n<style>\n");
    out.push_str(include_str!("html/page.css"));
    out.push_str("</style>\n</head>\n<body>\n");
    head(report, &mut out);
    if report.sheet.is_empty() {
        section(None, &Tally::default(), report, &mut out);
    }
    for (asset, tally) in &report.sheet {
        section(Some(*asset), tally, report, &mut out);
    }
    trips(report, &mut out);
    told(report, &mut out);
    foot(report, now_ms, &mut out);
    out.push_str("</body>\n</html>\n");
    out
}

fn head(report: &Report, out: &mut String) {
    let real = report.world == Some(Environment::Real);
    let class = if real { "world real" } else { "world" };
    let world = report.world.map_or("nothing traded yet", figure::world);
    add(out, format_args!("<header>\n<h1>Round trips</h1>"));
    let span = report.span_ms.map_or_else(String::new, |(first, last)| {
        format!(" {} to {}, UTC", figure::day(first), figure::day(last))
    });
    add(
        out,
        format_args!("<p><span class=\"{class}\">{world}</span>{span}</p>"),
    );
    if !report.only.is_empty() {
        let only = escaped(&report.only);
        add(out, format_args!("<p class=\"soft\">Only {only}.</p>"));
    }
    let others: Vec<String> = report
        .others()
        .map(|(world, fills)| format!("{} ({fills} fills)", figure::world(world)))
        .collect();
    if !others.is_empty() {
        let others = others.join(", ");
        add(
            out,
            format_args!("<p class=\"soft\">Not in it: {others}.</p>"),
        );
    }
    add(out, format_args!("</header>"));
}

fn class(value: Decimal) -> &'static str {
    match value {
        value if value > Decimal::ZERO => "gain",
        value if value < Decimal::ZERO => "loss",
        _ => "",
    }
}

/// One figure of the list at the head of a section.
fn figure(out: &mut String, name: &str, value: &str, class: &str, more: &str) {
    add(
        out,
        format_args!(
            "<div><dt>{name}</dt><dd class=\"{class}\">{value}<small>{more}</small></dd></div>"
        ),
    );
}

fn section(asset: Option<Asset>, tally: &Tally, report: &Report, out: &mut String) {
    let digits = figure::digits(asset);
    let name = asset.map_or_else(|| "Money".to_owned(), |asset| escaped(asset.as_str()));
    let plural = if tally.trips == 1 { "" } else { "s" };
    add(
        out,
        format_args!(
            "<section>\n<h2>{name}, {} round trip{plural}</h2>",
            tally.trips
        ),
    );
    sums(tally, digits, out);
    add(
        out,
        format_args!(
            "<h3>Equity <small>net of every trip, one after the other</small></h3>\n<figure>{}</figure>",
            chart::equity(tally.curve.spans(), &figure::clock)
        ),
    );
    add(
        out,
        format_args!(
            "<h3>Below the high</h3>\n<figure>{}</figure>",
            chart::under(tally.curve.spans())
        ),
    );
    add(out, format_args!("<div class=\"pair\">"));
    by_hour(tally, digits, out);
    results(tally, digits, out);
    let trips: Vec<&Trip> = report
        .latest
        .iter()
        .filter(|trip| Some(trip.settle) == asset)
        .collect();
    scatter(&trips, digits, out);
    add(out, format_args!("</div>\n<div class=\"pair\">"));
    parts("Symbol", named(&tally.by_symbol), digits, out);
    parts("Setup", named(&tally.by_setup), digits, out);
    parts("Tag", named(&tally.by_tag), digits, out);
    parts(
        "Side",
        numbered(&tally.by_side, |side| ["LONG", "SHORT"][side].to_owned()),
        digits,
        out,
    );
    parts(
        "Time held",
        numbered(&tally.by_hold, figure::hold),
        digits,
        out,
    );
    parts(
        "Weekday, UTC",
        numbered(&tally.by_weekday, |day| figure::WEEKDAYS[day].to_owned()),
        digits,
        out,
    );
    add(out, format_args!("</div>\n</section>"));
}

fn sums(tally: &Tally, digits: u32, out: &mut String) {
    let money = |value: Decimal| figure::money(value, digits);
    let maybe = |value: Option<Decimal>| figure::maybe_money(value, digits);
    add(out, format_args!("<dl class=\"sums\">"));
    let unvalued: Vec<String> = tally
        .unvalued
        .iter()
        .map(|(asset, sum)| format!("; {} {} of fees not in it", sum.normalize(), escaped(asset)))
        .collect();
    let made = format!("gross {}{}", money(tally.gross), unvalued.concat());
    figure(out, "Net", &money(tally.net), class(tally.net), &made);
    let fees = format!("{} of gross", figure::percent(tally.fee_share()));
    figure(out, "Fees", &format::fixed(tally.fees, digits), "", &fees);
    figure(
        out,
        "Funding",
        &money(tally.funding),
        "",
        "positive is received",
    );
    let expectancy = tally.expectancy();
    figure(
        out,
        "Expectancy",
        &maybe(expectancy),
        class(expectancy.unwrap_or_default()),
        "net of a trip, on average",
    );
    let won = format!("{} won, {} lost", tally.wins.count, tally.losses.count);
    figure(
        out,
        "Win rate",
        &figure::percent(tally.win_rate()),
        "",
        &won,
    );
    figure(
        out,
        "Profit factor",
        &figure::ratio(tally.profit_factor()),
        "",
        "won for each unit lost",
    );
    figure(
        out,
        "Payoff",
        &figure::ratio(tally.payoff()),
        "",
        "average winner to average loser",
    );
    for (name, of) in [
        ("Average winner", &tally.wins),
        ("Average loser", &tally.losses),
    ] {
        let more = format!(
            "largest {}; {} in a row; held {}",
            money(of.largest),
            of.streak,
            figure::maybe_span(of.average_ms())
        );
        figure(out, name, &maybe(of.average()), "", &more);
    }
    let drawdown = tally.curve.drawdown();
    let fell = format!(
        "fell for {}; longest below a high {}",
        figure::span(drawdown.fall_ms),
        figure::span(tally.curve.longest_under_ms())
    );
    figure(
        out,
        "Drawdown",
        &money(-drawdown.money),
        class(-drawdown.money),
        &fell,
    );
    let stood = format!(
        "worst {}, best {} on average",
        maybe(tally.worst.value()),
        maybe(tally.best.value())
    );
    figure(
        out,
        "In the market",
        &figure::span(tally.held_ms),
        "",
        &stood,
    );
    let ticks = tally.slippage_ticks.value();
    let ticks = ticks.map_or_else(|| NONE.to_owned(), |ticks| format::signed(ticks, 1));
    let slipped = format!("{ticks} ticks a trip, against the preview");
    figure(
        out,
        "Slippage",
        &maybe(tally.slippage.value()),
        "",
        &slipped,
    );
    add(out, format_args!("</dl>"));
}

fn by_hour(tally: &Tally, digits: u32, out: &mut String) {
    let columns: Vec<Column> = tally
        .by_hour
        .iter()
        .enumerate()
        .map(|(hour, part)| Column {
            name: if hour % 4 == 0 {
                format!("{hour:02}")
            } else {
                String::new()
            },
            value: part.net,
            is_loss: part.net.is_sign_negative(),
            title: format!(
                "{hour:02}:00  {}  {} trips",
                figure::money(part.net, digits),
                part.trips
            ),
        })
        .collect();
    picture(
        "Hour <small>of the opening, UTC; net</small>",
        &chart::columns("net by hour", &columns),
        "",
        out,
    );
}

fn picture(title: &str, svg: &str, caption: &str, out: &mut String) {
    add(
        out,
        format_args!(
            "<div><h3>{title}</h3>\n<figure>{svg}<figcaption>{caption}</figcaption></figure></div>"
        ),
    );
}

fn results(tally: &Tally, digits: u32, out: &mut String) {
    let step = tally.results.step();
    let counts: BTreeMap<Decimal, u64> = tally.results.steps().collect();
    let first = counts.keys().next().copied().unwrap_or_default();
    let last = counts.keys().next_back().copied().unwrap_or_default();
    let mut columns = Vec::new();
    let mut from = first;
    // The steps are bounded by what counts them.
    while from <= last && !counts.is_empty() {
        let to = from.saturating_add(step);
        let count = counts.get(&from).copied().unwrap_or_default();
        let is_end = from == first || from == last || from.is_zero();
        columns.push(Column {
            name: if is_end {
                figure::money(from, digits.min(2))
            } else {
                String::new()
            },
            value: Decimal::from(count),
            is_loss: from.is_sign_negative(),
            title: format!(
                "{} to {}: {count} trips",
                figure::money(from, digits),
                figure::money(to, digits)
            ),
        });
        from = to;
    }
    picture(
        "Results <small>how often which net came</small>",
        &chart::columns("distribution of results", &columns),
        "",
        out,
    );
}

fn scatter(trips: &[&Trip], digits: u32, out: &mut String) {
    let point = |trip: &&Trip, stood: Decimal| Point {
        x: stood.abs(),
        y: trip.net(),
        is_loss: trip.net().is_sign_negative(),
        title: format!(
            "{} {}  {}  stood at {}",
            figure::clock(trip.opened_ms),
            trip.key.symbol,
            figure::money(trip.net(), digits),
            figure::money(stood, digits)
        ),
    };
    let worst: Vec<Point> = trips
        .iter()
        .map(|trip| point(trip, trip.worst.money))
        .collect();
    let best: Vec<Point> = trips
        .iter()
        .map(|trip| point(trip, trip.best.money))
        .collect();
    let caption = if trips.len() >= KEPT {
        format!("The latest {KEPT} trips.")
    } else {
        String::new()
    };
    picture(
        "Heat taken <small>the worst that a trip stood at, and its net</small>",
        &chart::points(
            "worst while open against net",
            &worst,
            ("against it", "net"),
        ),
        &caption,
        out,
    );
    picture(
        "Profit seen <small>the best that a trip stood at, and its net</small>",
        &chart::points(
            "best while open against net",
            &best,
            ("in its favour", "net"),
        ),
        &caption,
        out,
    );
}

fn named(parts: &BTreeMap<String, Part>) -> Vec<(String, Part)> {
    let mut list: Vec<(String, Part)> = parts
        .iter()
        .map(|(name, part)| (name.clone(), *part))
        .collect();
    list.sort_by_key(|(_, part)| std::cmp::Reverse(part.trips));
    list.truncate(LISTED);
    list
}

fn numbered(parts: &[Part], name: impl Fn(usize) -> String) -> Vec<(String, Part)> {
    let parts = parts.iter().enumerate().filter(|(_, part)| part.trips > 0);
    parts.map(|(at, part)| (name(at), *part)).collect()
}

fn parts(title: &str, list: Vec<(String, Part)>, digits: u32, out: &mut String) {
    add(
        out,
        format_args!(
            "<div><h3>{title}</h3>\n<table><thead><tr><th></th><th class=\"n\">trips</th><th class=\"n\">won</th><th class=\"n\">net</th></tr></thead><tbody>"
        ),
    );
    if list.is_empty() {
        add(
            out,
            format_args!("<tr><td class=\"soft\" colspan=\"4\">nothing yet</td></tr>"),
        );
    }
    for (name, part) in list {
        add(
            out,
            format_args!(
                "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n {}\">{}</td></tr>",
                escaped(&name),
                part.trips,
                figure::share(part.wins, part.trips),
                class(part.net),
                figure::money(part.net, digits)
            ),
        );
    }
    add(out, format_args!("</tbody></table></div>"));
}

fn trips(report: &Report, out: &mut String) {
    add(out, format_args!("<section>\n<h2>Diary</h2>"));
    if report.latest.is_empty() {
        add(
            out,
            format_args!(
                "<p class=\"soft\">No round trips yet. Open a position and close it, and it stands here.</p>\n</section>"
            ),
        );
        return;
    }
    if report.latest.len() > TRIPS {
        add(
            out,
            format_args!("<p class=\"soft\">The latest {TRIPS}; the rest is in the CSV.</p>"),
        );
    }
    add(
        out,
        format_args!(
            "<div class=\"wide\"><table><thead><tr><th>ended, UTC</th><th>symbol</th><th>side</th><th class=\"n\">size</th><th class=\"n\">entry</th><th class=\"n\">exit</th><th class=\"n\">held</th><th class=\"n\">net</th><th class=\"n\">worst</th><th class=\"n\">best</th><th class=\"n\">slip</th><th class=\"n\">ack</th><th>opened by</th><th>closed by</th><th>tag and note</th></tr></thead><tbody>"
        ),
    );
    let many = report.sheet.len() > 1;
    for trip in report.latest.iter().rev().take(TRIPS) {
        line(trip, many, out);
    }
    add(out, format_args!("</tbody></table></div>\n</section>"));
}

/// The currency stands where there is more than one.
fn line(trip: &Trip, many: bool, out: &mut String) {
    let digits = figure::digits(Some(trip.settle));
    let places = trip.tick.normalize().scale();
    let price = |price: Decimal| format::fixed(price, places);
    let money = |value: Decimal| figure::money(value, digits);
    let slip = trip.slippage.map(|slippage| slippage.ticks);
    let slip = slip.map_or_else(
        || NONE.to_owned(),
        |ticks| format!("{}t", format::signed(ticks, 1)),
    );
    let found = if trip.is_found { " (found)" } else { "" };
    let tag = if trip.tag.is_empty() {
        String::new()
    } else {
        format!("<span class=\"tag\">{}</span> ", escaped(&trip.tag))
    };
    add(
        out,
        format_args!(
            "<tr><td>{}</td><td>{}{found}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n {}\">{} {}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{slip}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td><td class=\"words\">{tag}{}</td></tr>",
            figure::day_and_clock(trip.closed_ms),
            escaped(trip.key.symbol.as_str()),
            figure::side(trip.side),
            trip.size.normalize(),
            price(trip.entry),
            price(trip.exit),
            format::span(trip.held_ms()),
            class(trip.net()),
            money(trip.net()),
            if many { trip.settle.to_string() } else { String::new() },
            money(trip.worst.money),
            money(trip.best.money),
            figure::took(trip.opened_by.acked_us),
            escaped(&trip.opened_by.name),
            escaped(&trip.closed_by),
            escaped(&trip.note),
        ),
    );
}

fn told(report: &Report, out: &mut String) {
    add(
        out,
        format_args!(
            "<section>\n<h2>In the venue's own words</h2>\n<p class=\"soft\">Realised profit, fees and funding as the venue told them, fill by fill, added up without rounding; trips that are still open are in it.</p>\n<table><thead><tr><th></th><th class=\"n\">amount</th><th>currency</th></tr></thead><tbody>"
        ),
    );
    let lists = [
        ("realised", &report.sums.realised),
        ("fees", &report.sums.fees),
        ("funding", &report.sums.funding),
    ];
    for (name, list) in lists {
        if list.is_empty() {
            add(
                out,
                format_args!("<tr><td>{name}</td><td class=\"n\">{NONE}</td><td></td></tr>"),
            );
        }
        for (asset, sum) in list {
            add(
                out,
                format_args!(
                    "<tr><td>{name}</td><td class=\"n\">{}</td><td>{}</td></tr>",
                    sum.normalize(),
                    escaped(asset.as_str())
                ),
            );
        }
    }
    add(out, format_args!("</tbody></table>\n</section>"));
}

fn foot(report: &Report, now_ms: i64, out: &mut String) {
    let counted = report.counted;
    add(
        out,
        format_args!(
            "<footer>\n<p>Made {} UTC by Lancet from {} fills: {} told twice and counted once, {} outside a trip, {} not valued; {} trips open, {} whose end was not seen; {} lines of the journal could not be read.</p>\n<p>Net is the venue's realised profit where it told one, else our own count by average price, less fees, with funding. Worst and best are what a trip stood at, at the side that it would have been closed on, before fees. Slippage is the price filled against the average that the preview promised when the key was pressed, and for a stop against its trigger; below zero is worse.</p>\n</footer>",
            figure::clock(now_ms),
            counted.fills,
            counted.duplicates,
            counted.outside,
            counted.unvalued,
            counted.open,
            counted.given_up,
            counted.unreadable,
        ),
    );
}
