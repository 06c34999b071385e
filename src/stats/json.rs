//! One JSON object: every round trip, then what they come to. Decimals are text, times are ms since 1970.

use std::collections::BTreeMap;
use std::io::{self, Write};

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::domain::Asset;
use crate::engine::diary::tally::{Outcomes, Part, Tally};
use crate::engine::diary::trip::Trip;
use crate::engine::words;

use super::{Report, WORLDS, figure};

/// Writes an object piece by piece: trips as they end, so that none is kept for it.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    trips: u64,
}

impl<W: Write> Writer<W> {
    /// Begins the object.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(b"{\"trips\":[")?;
        Ok(Self { out, trips: 0 })
    }

    /// Writes one trip.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn trip(&mut self, trip: &Trip) -> io::Result<()> {
        let comma = if self.trips == 0 { "\n" } else { ",\n" };
        self.out.write_all(comma.as_bytes())?;
        self.trips = self.trips.saturating_add(1);
        serde_json::to_writer(&mut self.out, &self::trip(trip))?;
        Ok(())
    }

    /// Ends the object with the sums.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn end(mut self, report: &Report) -> io::Result<()> {
        self.out.write_all(b"\n],\n")?;
        let sums = serde_json::to_string(&sums(report))?;
        self.out
            .write_all(sums.trim_start_matches('{').as_bytes())?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

fn number(value: Decimal) -> String {
    value.normalize().to_string()
}

fn maybe(value: Option<Decimal>) -> Option<String> {
    value.map(|value| number(value.round_dp(12)))
}

fn trip(trip: &Trip) -> Value {
    let fees: Vec<Value> = trip
        .fees
        .iter()
        .map(|fee| {
            json!({
                "amount": number(fee.amount),
                "asset": fee.asset.as_str(),
                "worth": fee.worth.map(number),
            })
        })
        .collect();
    json!({
        "account": trip.key.account.as_str(),
        "venue": trip.key.venue.as_str(),
        "symbol": trip.key.symbol.as_str(),
        "leg": trip.key.leg.map(words::leg),
        "trade": trip.id.as_str(),
        "side": figure::side(trip.side),
        "opened_ms": trip.opened_ms,
        "closed_ms": trip.closed_ms,
        "held_ms": trip.held_ms(),
        "size": number(trip.size),
        "entry": number(trip.entry),
        "exit": number(trip.exit),
        "fills": trip.fills,
        "currency": trip.settle.as_str(),
        "gross": number(trip.result()),
        "gross_own": number(trip.gross),
        "gross_venue": trip.told.map(number),
        "fees": fees,
        "paid": number(trip.paid()),
        "funding": number(trip.funding),
        "net": number(trip.net()),
        "worst": { "money": number(trip.worst.money), "ticks": trip.worst.ticks },
        "best": { "money": number(trip.best.money), "ticks": trip.best.ticks },
        "slippage": trip.slippage.map(|slippage| json!({
            "money": number(slippage.money),
            "ticks": number(slippage.ticks),
        })),
        "opened_by": trip.opened_by.name,
        "closed_by": trip.closed_by,
        "latency_us": {
            "written": trip.opened_by.written_us,
            "acked": trip.opened_by.acked_us,
            "filled": trip.opened_by.filled_us,
        },
        "found": trip.is_found,
        "tag": trip.tag,
        "note": trip.note,
    })
}

fn sums(report: &Report) -> Value {
    let worlds: Map<String, Value> = WORLDS
        .iter()
        .zip(report.fills)
        .map(|(world, fills)| (world.word().to_owned(), json!(fills)))
        .collect();
    let currencies: Map<String, Value> = report
        .sheet
        .iter()
        .map(|(asset, tally)| (asset.to_string(), self::tally(tally)))
        .collect();
    let counted = report.counted;
    let trips: u64 = report.sheet.values().map(|tally| tally.trips).sum();
    json!({
        "trip_count": trips,
        "world": report.world.map(|world| world.word()),
        "fills_by_world": worlds,
        "only": report.only,
        "first_ms": report.span_ms.map(|(first, _)| first),
        "last_ms": report.span_ms.map(|(_, last)| last),
        "venue": {
            "realised": by_asset(&report.sums.realised),
            "fees": by_asset(&report.sums.fees),
            "funding": by_asset(&report.sums.funding),
        },
        "counted": {
            "fills": counted.fills,
            "duplicates": counted.duplicates,
            "outside_trips": counted.outside,
            "not_valued": counted.unvalued,
            "open_trips": counted.open,
            "given_up": counted.given_up,
            "unreadable_lines": counted.unreadable,
        },
        "currencies": currencies,
    })
}

fn by_asset(sums: &BTreeMap<Asset, Decimal>) -> Value {
    let sums = sums.iter();
    let sums = sums.map(|(asset, sum)| (asset.to_string(), json!(number(*sum))));
    Value::Object(sums.collect())
}

fn tally(tally: &Tally) -> Value {
    let named = |parts: &BTreeMap<String, Part>| {
        let parts = parts.iter();
        Value::Object(parts.map(|(name, p)| (name.clone(), part(p))).collect())
    };
    let listed = |parts: &[Part], name: &dyn Fn(usize) -> String| {
        let parts = parts.iter().enumerate();
        Value::Object(parts.map(|(at, p)| (name(at), part(p))).collect())
    };
    let drawdown = tally.curve.drawdown();
    let curve: Vec<Value> = tally
        .curve
        .spans()
        .iter()
        .map(|span| json!([span.last_ms, number(span.end)]))
        .collect();
    json!({
        "trips": tally.trips,
        "wins": outcomes(&tally.wins),
        "losses": outcomes(&tally.losses),
        "win_rate": maybe(tally.win_rate()),
        "expectancy": maybe(tally.expectancy()),
        "profit_factor": maybe(tally.profit_factor()),
        "payoff": maybe(tally.payoff()),
        "gross": number(tally.gross),
        "fees": number(tally.fees),
        "fees_not_valued": tally.unvalued.iter().map(|(asset, sum)| (asset.clone(), json!(number(*sum)))).collect::<Map<_, _>>(),
        "fee_share": maybe(tally.fee_share()),
        "funding": number(tally.funding),
        "net": number(tally.net),
        "drawdown": number(drawdown.money),
        "drawdown_fall_ms": drawdown.fall_ms,
        "longest_under_ms": tally.curve.longest_under_ms(),
        "under_now": number(tally.curve.under()),
        "held_ms": tally.held_ms,
        "slippage": maybe(tally.slippage.value()),
        "slippage_ticks": maybe(tally.slippage_ticks.value()),
        "worst": maybe(tally.worst.value()),
        "best": maybe(tally.best.value()),
        "equity": curve,
        "by_hour_utc": listed(&tally.by_hour, &|hour| format!("{hour:02}")),
        "by_weekday_utc": listed(&tally.by_weekday, &|day| figure::WEEKDAYS[day].to_owned()),
        "by_side": listed(&tally.by_side, &|side| ["LONG", "SHORT"][side].to_owned()),
        "by_hold": listed(&tally.by_hold, &figure::hold),
        "by_symbol": named(&tally.by_symbol),
        "by_setup": named(&tally.by_setup),
        "by_tag": named(&tally.by_tag),
    })
}

fn outcomes(of: &Outcomes) -> Value {
    json!({
        "count": of.count,
        "net": number(of.net),
        "average": maybe(of.average()),
        "largest": number(of.largest),
        "streak": of.streak,
        "held_ms": of.average_ms(),
    })
}

fn part(part: &Part) -> Value {
    json!({ "trips": part.trips, "wins": part.wins, "net": number(part.net) })
}
