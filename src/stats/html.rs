//! The report as one page of HTML: styles and pictures are in it, it loads nothing and runs nothing. Light or dark as the reader's
//! system is, and for paper.

mod chart;
mod diary;
mod parts;

use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::domain::{Asset, Environment};
use crate::engine::diary::tally::Tally;
use crate::engine::diary::trip::Trip;
use crate::ui::format;

use super::Report;
use super::figure::{self, NONE};

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
    diary::trips(report, &mut out);
    diary::told(report, &mut out);
    diary::foot(report, now_ms, &mut out);
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
    parts::by_hour(tally, digits, out);
    parts::results(tally, digits, out);
    let trips: Vec<&Trip> = report
        .latest
        .iter()
        .filter(|trip| Some(trip.settle) == asset)
        .collect();
    parts::scatter(&trips, digits, out);
    add(out, format_args!("</div>\n<div class=\"pair\">"));
    parts::list("Symbol", parts::named(&tally.by_symbol), digits, out);
    parts::list("Setup", parts::named(&tally.by_setup), digits, out);
    parts::list("Tag", parts::named(&tally.by_tag), digits, out);
    parts::list(
        "Side",
        parts::numbered(&tally.by_side, |side| ["LONG", "SHORT"][side].to_owned()),
        digits,
        out,
    );
    parts::list(
        "Time held",
        parts::numbered(&tally.by_hold, figure::hold),
        digits,
        out,
    );
    parts::list(
        "Weekday, UTC",
        parts::numbered(&tally.by_weekday, |day| figure::WEEKDAYS[day].to_owned()),
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
