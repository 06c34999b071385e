//! The diary of a page: trips one by one, the venue's own words, what was counted.

use rust_decimal::Decimal;

use super::{add, class, escaped};
use crate::engine::diary::trip::Trip;
use crate::stats::Report;
use crate::stats::figure::{self, NONE};
use crate::ui::format;

/// Trips listed.
const TRIPS: usize = 200;

pub(super) fn trips(report: &Report, out: &mut String) {
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
            if many {
                trip.settle.to_string()
            } else {
                String::new()
            },
            money(trip.worst.money),
            money(trip.best.money),
            figure::took(trip.opened_by.acked_us),
            escaped(&trip.opened_by.name),
            escaped(&trip.closed_by),
            escaped(&trip.note),
        ),
    );
}

pub(super) fn told(report: &Report, out: &mut String) {
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

pub(super) fn foot(report: &Report, now_ms: i64, out: &mut String) {
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
