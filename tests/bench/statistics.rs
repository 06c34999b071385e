//! `lancet stats` on a long journal, beside a plain reading of it: every line as JSON, one after the other. A million rows under
//! LANCET_DEEP, else a tenth of them.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use lancet::stats::{self, Asked};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::figures::{median, time};

/// When the first row was written, ms since 1970.
const START_MS: i64 = 1_764_100_000_000;
/// Rows of one round trip: two orders that fill, with what is written around them, one that is cancelled, and a word of the trader.
const A_TRIP: usize = 14;
/// Trips of one run.
const A_RUN: usize = 200;
const SYMBOLS: [(&str, &str); 3] = [("BTCUSDT", "BTC"), ("ETHUSDT", "ETH"), ("SOLUSDT", "SOL")];
/// A tenth of a percent less would be lost beside the noise of the machine.
const ROUNDS: usize = 5;

pub fn run() {
    let deep = std::env::var_os("LANCET_DEEP").is_some();
    let trips = if deep { 1_000_000 } else { 100_000 } / A_TRIP;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.jsonl");
    let rows = write(&path, trips);
    let megabytes = path.metadata().unwrap().len() / 1_000_000;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(time(|| count(dir.path(), trips)).as_secs_f64());
        plain.push(time(|| assert_eq!(parse(&path), rows)).as_secs_f64());
    }
    let (ours, plain) = (median(&ours), median(&plain));
    println!("  {rows} rows, {megabytes} MB, {trips} round trips");
    println!("  statistics                {ours:6.2} s");
    println!("  every line as JSON        {plain:6.2} s");
    println!("  ratio                     {:6.2} x", ours / plain);
}

/// The statistics, which must come to what was written.
fn count(dir: &Path, trips: usize) {
    let mut ended = 0;
    let report = stats::read(dir, &Asked::default(), |_| {
        ended += 1;
        Ok(())
    });
    let report = report.unwrap();
    assert_eq!((ended, report.counted.fills), (trips, 2 * trips as u64));
    let fees: Decimal = report.sums.fees.values().sum();
    assert_eq!(fees, Decimal::new(2 * trips as i64, 2));
    assert_eq!(report.counted.unreadable + report.counted.given_up, 0);
}

fn parse(path: &Path) -> usize {
    let lines = BufReader::new(File::open(path).unwrap()).lines();
    let rows = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    rows.filter(Value::is_object).count()
}

/// Writes a journal and says how many rows it has.
fn write(path: &Path, trips: usize) -> usize {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let mut rows = 0;
    let mut put = |row: Value| {
        writeln!(file, "{row}").unwrap();
        rows += 1;
    };
    for number in 0..trips {
        if number % A_RUN == 0 {
            let session = format!("r{}x", number / A_RUN);
            put(json!({ "kind": "session", "t": at(number), "env": "live", "session": session }));
        }
        trip(number, &mut put);
    }
    rows
}

fn at(number: usize) -> i64 {
    START_MS + number as i64 * 20_000
}

/// A buy, what it was sold for 1 to 17 ticks away, an order that was taken back.
fn trip(number: usize, put: &mut impl FnMut(Value)) {
    let price = 60_000 + number as i64 % 977;
    let name = |part: &str| format!("r{}x-{number}{part}", number / A_RUN);
    order(number, (&name("a"), "BUY", price), put);
    put(fill(number, (&name("a"), "BUY", price), ("0", "0")));
    order(number, (&name("c"), "SELL", price + 40), put);
    put(with(number, "cancel", json!({ "id": name("c") })));
    put(said(number, &name("c"), "Cancelled"));
    let out = price - 5 + number as i64 % 17;
    order(number, (&name("b"), "SELL", out), put);
    let held = price.to_string();
    put(fill(number, (&name("b"), "SELL", out), ("0.010", &held)));
    if number.is_multiple_of(3) {
        let more = json!({ "env": "live", "trip": format!("{number}BUY"), "tag": "breakout" });
        put(with(number, "diary", more));
    }
    put(with(
        number,
        "note",
        json!({ "words": "SELL 0.010 filled, fee 0.01" }),
    ));
}

/// Intent, answer, report.
fn order(number: usize, (id, side, price): (&str, &str, i64), put: &mut impl FnMut(Value)) {
    let more = json!({ "id": id, "side": side, "qty": "0.010", "price": price.to_string(), "trigger": null, "type": "Gtc", "exit": false });
    put(with(number, "intent", more));
    let more =
        json!({ "id": id, "asked": "Place", "outcome": "accepted", "words": "", "code": null });
    put(with(number, "answer", more));
    put(said(number, id, "Open"));
}

fn said(number: usize, id: &str, status: &str) -> Value {
    let more = json!({ "id": id, "venue_id": number.to_string(), "status": status, "open": status == "Open", "qty": "0.010", "filled": "0.000", "reason": "" });
    with(number, "order", more)
}

fn fill(number: usize, (id, side, price): (&str, &str, i64), held: (&str, &str)) -> Value {
    let (_, base) = SYMBOLS[number % SYMBOLS.len()];
    let more = json!({
        "env": "live", "id": id, "trade": format!("{number}{side}"), "side": side, "price": price.to_string(), "qty": "0.010",
        "fee": "0.01", "fee_asset": "USDT", "fee_worth": null, "realised": null, "liquidity": "Maker", "recovered": false,
        "venue_ms": at(number), "held": [held.0, held.1], "seen": [(price - 30).to_string(), (price + 30).to_string()],
        "setup": { "name": "buy-join", "promised": price.to_string(), "us": [310, 2_150, 40_200] },
        "terms": { "settle": "USDT", "base": base, "tick": "0.1", "lot": "0.001", "multiplier": "1", "spot_least": null },
    });
    with(number, "fill", more)
}

fn with(number: usize, kind: &str, more: Value) -> Value {
    let (symbol, _) = SYMBOLS[number % SYMBOLS.len()];
    let mut row = json!({ "t": at(number), "kind": kind, "account": "main", "venue": "binance-futures", "symbol": symbol, "leg": null });
    if let (Value::Object(row), Value::Object(more)) = (&mut row, more) {
        row.extend(more);
    }
    row
}
