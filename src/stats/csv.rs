//! Comma-separated values: one line a round trip, the header first, decimals as text. RFC 4180.

use std::io::{self, Write};

use rust_decimal::Decimal;

use crate::engine::diary::trip::Trip;
use crate::engine::words;

use super::figure;

/// The columns, in their order.
const COLUMNS: &str = "account,venue,symbol,leg,side,opened,closed,held_ms,size,entry,exit,fills,gross,gross_own,fees,fees_by_asset,funding,net,currency,worst,worst_ticks,best,best_ticks,slippage,slippage_ticks,opened_by,closed_by,written_us,acked_us,filled_us,found,tag,note,trade";

/// Writes the header.
///
/// # Errors
/// When `out` cannot be written.
pub fn header(out: &mut impl Write) -> io::Result<()> {
    write!(out, "{COLUMNS}\r\n")
}

/// Writes one trip.
///
/// # Errors
/// When `out` cannot be written.
pub fn line(trip: &Trip, out: &mut impl Write) -> io::Result<()> {
    let number = |value: Decimal| value.normalize().to_string();
    let time = |us: Option<u64>| us.map(|us| us.to_string()).unwrap_or_default();
    let fees: Vec<String> = trip
        .fees
        .iter()
        .map(|fee| format!("{} {}", number(fee.amount), fee.asset))
        .collect();
    let slippage = trip.slippage;
    let fields = [
        trip.key.account.to_string(),
        trip.key.venue.to_string(),
        trip.key.symbol.to_string(),
        trip.key.leg.map_or("", words::leg).to_owned(),
        figure::side(trip.side).to_owned(),
        figure::moment(trip.opened_ms),
        figure::moment(trip.closed_ms),
        trip.held_ms().to_string(),
        number(trip.size),
        number(trip.entry),
        number(trip.exit),
        trip.fills.to_string(),
        number(trip.result()),
        number(trip.gross),
        number(trip.paid()),
        fees.join("; "),
        number(trip.funding),
        number(trip.net()),
        trip.settle.to_string(),
        number(trip.worst.money),
        trip.worst.ticks.to_string(),
        number(trip.best.money),
        trip.best.ticks.to_string(),
        slippage
            .map(|slippage| number(slippage.money))
            .unwrap_or_default(),
        slippage
            .map(|slippage| number(slippage.ticks))
            .unwrap_or_default(),
        trip.opened_by.name.clone(),
        trip.closed_by.clone(),
        time(trip.opened_by.written_us),
        time(trip.opened_by.acked_us),
        time(trip.opened_by.filled_us),
        if trip.is_found { "yes" } else { "" }.to_owned(),
        trip.tag.clone(),
        trip.note.clone(),
        trip.id.to_string(),
    ];
    let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    write!(out, "{}\r\n", fields.join(","))
}

/// Quoted where it has to be. A text that a spreadsheet would take for a formula gets an apostrophe; a number never does.
fn quoted(field: &str) -> String {
    let is_number = field.parse::<Decimal>().is_ok();
    let is_formula = field.starts_with(['=', '+', '-', '@']) && !is_number;
    let field = if is_formula {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if field.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}
