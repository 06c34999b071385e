//! Parts of a section: pictures of hours and results, what trips stood at, tables of names.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::chart::{self, Column, Point};
use super::{add, class, escaped};
use crate::engine::diary::tally::{Part, Tally};
use crate::engine::diary::trip::Trip;
use crate::stats::{KEPT, figure};

/// Names listed of a kind.
const LISTED: usize = 20;

pub(super) fn by_hour(tally: &Tally, digits: u32, out: &mut String) {
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

pub(super) fn results(tally: &Tally, digits: u32, out: &mut String) {
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

pub(super) fn scatter(trips: &[&Trip], digits: u32, out: &mut String) {
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

pub(super) fn named(parts: &BTreeMap<String, Part>) -> Vec<(String, Part)> {
    let mut list: Vec<(String, Part)> = parts
        .iter()
        .map(|(name, part)| (name.clone(), *part))
        .collect();
    list.sort_by_key(|(_, part)| std::cmp::Reverse(part.trips));
    list.truncate(LISTED);
    list
}

pub(super) fn numbered(parts: &[Part], name: impl Fn(usize) -> String) -> Vec<(String, Part)> {
    let parts = parts.iter().enumerate().filter(|(_, part)| part.trips > 0);
    parts.map(|(at, part)| (name(at), *part)).collect()
}

pub(super) fn list(title: &str, list: Vec<(String, Part)>, digits: u32, out: &mut String) {
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
