use rust_decimal::dec;
use serde_json::{Value, json};

use super::*;
use crate::domain::Side;
use crate::engine::diary::trip::Excursion;

const T: i64 = 1_764_100_000_000;

struct Book {
    rows: String,
}

impl Book {
    fn new() -> Self {
        Self {
            rows: String::new(),
        }
    }

    fn row(&mut self, row: &Value) {
        self.rows.push_str(&row.to_string());
        self.rows.push('\n');
    }

    /// A fill as the desk writes it, `more` laid over it.
    fn fill(
        &mut self,
        market: &Value,
        at: i64,
        trade: &str,
        what: (&str, &str, &str),
        more: Value,
    ) {
        let (side, qty, price) = what;
        let mut row = json!({
            "kind": "fill", "t": T + at, "venue_ms": T + at, "account": "main", "leg": null,
            "env": "live", "id": "s1", "trade": trade, "side": side, "qty": qty, "price": price,
            "fee": "0", "fee_asset": "USDT", "fee_worth": null, "realised": null,
            "setup": { "name": "", "promised": null, "us": [null, null, null] },
        });
        for part in [market.clone(), more] {
            if let (Value::Object(row), Value::Object(part)) = (&mut row, part) {
                row.extend(part);
            }
        }
        self.row(&row);
    }

    fn read(&self, asked: &Asked) -> (Report, Vec<Trip>) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("journal.jsonl"), &self.rows).unwrap();
        let mut trips = Vec::new();
        let report = read(dir.path(), asked, |trip| {
            trips.push(trip.clone());
            Ok(())
        })
        .unwrap();
        (report, trips)
    }
}

fn futures() -> Value {
    json!({ "venue": "binance-futures", "symbol": "BTCUSDT", "terms": {
        "settle": "USDT", "base": "BTC", "tick": "0.1", "lot": "0.001", "multiplier": "1", "spot_least": null } })
}

fn contracts() -> Value {
    json!({ "venue": "okx", "symbol": "ETH-USDT-SWAP", "terms": {
        "settle": "USDT", "base": "ETH", "tick": "0.01", "lot": "0.1", "multiplier": "0.1", "spot_least": null } })
}

fn spot() -> Value {
    json!({ "venue": "binance-spot", "symbol": "BTCUSDT", "terms": {
        "settle": "USDT", "base": "BTC", "tick": "0.01", "lot": "0.00001", "multiplier": "1", "spot_least": "5" } })
}

/// A ledger by hand.
///
/// 1. Futures, long in two parts, closed in two, the last one through zero.
///    buy 0.2 @ 60 000 (fee 4.8 USDT), buy 0.2 @ 60 010 (fee 4.8): 0.4 @ 60 005.
///    Funding −1.5.
///    sell 0.1 @ 60 105: +10, fee 0.001 BNB, worth 0.6. The venue says +10.
///    sell 0.5 @ 60 045: 0.3 close, (60 045 − 60 005) × 0.3 = +12; fee 15, of it 15 × 0.3/0.5 = 9 close. The venue says +11.99999999.
///    gross 22 by own count, 21.99999999 by the venue's; fees 4.8 + 4.8 + 0.6 + 9 = 19.2; net 21.99999999 − 19.2 − 1.5 = 1.29999999.
///    Seen: 59 990 to 60 020 before the second buy (entry 60 000, 0.2): −2 and +4.
///    60 000 to 60 200 before the first sell (entry 60 005, 0.4): −2 and +78.
///    59 900 to 60 105 before the last one (10 settled; entry 60 005, 0.3): 10 − 31.5 = −21.5 and 10 + 30 = 40.
///    Worst −21.5 and −1 050 ticks (59 900 against 60 005), best +78 and +1 950 ticks.
/// 2. The rest of it: short 0.2 @ 60 045, fee 15 − 9 = 6; buy 0.2 @ 60 050 (fee 6): −1; net −13.
/// 3. Contracts of 0.1 ETH: sell 10 @ 3 000 (a rebate of 0.3), buy 10 @ 2 990: (3 000 − 2 990) × 10 × 0.1 = +10; fee 1.5.
///    Net 10 + 0.3 − 1.5 = 8.8.
/// 4. Spot: buy 0.1 @ 60 000, fee 0.0001 BTC (worth 6): 0.0999 left. Sell 0.0999 @ 60 100, fee 6.00399 USDT.
///    (60 100 − 60 000) × 0.0999 = 9.99; net 9.99 − 6 − 6.00399 = −2.01399.
fn by_hand() -> Book {
    let mut book = Book::new();
    let (f, o, s) = (futures(), contracts(), spot());
    let bnb = json!({ "fee": "0.001", "fee_asset": "BNB", "fee_worth": "0.6", "realised": "10",
        "held": ["0.4", "60005"], "seen": ["60000", "60200"] });
    let first = json!({ "fee": "4.8", "realised": "0", "held": ["0", "0"],
        "setup": { "name": "buy-now", "promised": "59999.5", "us": [400, 2100, 3000] } });
    book.fill(&f, 0, "1", ("BUY", "0.2", "60000"), first.clone());
    book.fill(
        &f,
        1_000,
        "2",
        ("BUY", "0.2", "60010"),
        json!({ "fee": "4.8", "realised": "0", "held": ["0.2", "60000"], "seen": ["59990", "60020"],
            "setup": { "name": "buy-join", "promised": "60010", "us": [300, 900, 4000] } }),
    );
    book.row(
        &json!({ "kind": "funding", "t": T + 1_500, "account": "main", "venue": "binance-futures",
        "symbol": "BTCUSDT", "leg": null, "env": "live", "amount": "-1.5", "asset": "USDT" }),
    );
    // Told again by a query: counted once.
    book.fill(&f, 0, "1", ("BUY", "0.2", "60000"), first);
    book.fill(&f, 2_000, "3", ("SELL", "0.1", "60105"), bnb);
    book.row(
        &json!({ "kind": "diary", "t": T + 2_500, "account": "main", "venue": "binance-futures",
        "symbol": "BTCUSDT", "leg": null, "env": "live", "trip": "1", "tag": "breakout" }),
    );
    book.fill(
        &f,
        61_000,
        "4",
        ("SELL", "0.5", "60045"),
        json!({ "fee": "15", "realised": "11.99999999", "held": ["0.3", "60005"], "seen": ["59900", "60105"],
            "setup": { "name": "stop", "promised": "60050", "us": [null, null, null] } }),
    );
    book.fill(
        &f,
        62_000,
        "5",
        ("BUY", "0.2", "60050"),
        json!({ "fee": "6", "realised": "-1", "held": ["-0.2", "60045"] }),
    );
    book.fill(
        &o,
        63_000,
        "1",
        ("SELL", "10", "3000"),
        json!({ "fee": "-0.3", "realised": "0", "held": ["0", "0"] }),
    );
    book.fill(
        &o,
        64_000,
        "2",
        ("BUY", "10", "2990"),
        json!({ "fee": "1.5", "fee_asset": "USDT", "realised": "10", "held": ["-10", "3000"] }),
    );
    book.fill(
        &s,
        65_000,
        "1",
        ("BUY", "0.1", "60000"),
        json!({ "fee": "0.0001", "fee_asset": "BTC", "held": ["0", "0"] }),
    );
    book.fill(
        &s,
        66_000,
        "2",
        ("SELL", "0.0999", "60100"),
        json!({ "fee": "6.00399", "held": ["0.0999", "60000"] }),
    );
    book.row(&json!({ "kind": "diary", "t": T + 67_000, "account": "main", "venue": "binance-spot",
        "symbol": "BTCUSDT", "leg": null, "env": "live", "trip": "1", "note": "=paid too much, again" }));
    book
}

#[test]
fn the_statistics_are_those_of_a_ledger_kept_by_hand() {
    let (report, trips) = by_hand().read(&Asked::default());
    assert_eq!(report.world, Some(Environment::Real));
    let nets: Vec<Decimal> = trips.iter().map(|trip| trip.net().normalize()).collect();
    assert_eq!(
        nets,
        [dec!(1.29999999), dec!(-13), dec!(8.8), dec!(-2.01399)]
    );

    let first = &trips[0];
    assert_eq!(first.gross, dec!(22));
    assert_eq!(first.told, Some(dec!(21.99999999)));
    assert_eq!(first.paid(), dec!(19.2));
    assert_eq!(first.funding, dec!(-1.5));
    assert_eq!(
        (first.side, first.size, first.fills),
        (Side::Buy, dec!(0.4), 4)
    );
    assert_eq!(first.entry, dec!(60005));
    // (60 105 × 0.1 + 60 045 × 0.3) / 0.4
    assert_eq!(first.exit, dec!(60060));
    assert_eq!(first.held_ms(), 61_000);
    let stood = |money, ticks| Excursion { money, ticks };
    assert_eq!(first.worst, stood(dec!(-21.5), -1_050));
    assert_eq!(first.best, stood(dec!(78), 1_950));
    // Bought 0.2 half a dollar higher than promised: −0.1; the stop sold 0.3 five dollars lower: −1.5. 1.6 / (0.7 × 0.1) ticks.
    let slippage = first.slippage.unwrap();
    assert_eq!(slippage.money, dec!(-1.6));
    assert_eq!(slippage.ticks, dec!(-22.9));
    assert_eq!(first.opened_by.name, "buy-now");
    assert_eq!(first.opened_by.acked_us, Some(2_100));
    assert_eq!(
        (first.closed_by.as_str(), first.tag.as_str()),
        ("stop", "breakout")
    );

    let second = &trips[1];
    assert_eq!((second.side, second.paid()), (Side::Sell, dec!(12.0)));
    assert_eq!(second.opened_by.name, "stop");
    assert_eq!(trips[3].note, "=paid too much, again");
    assert_eq!(trips[3].size, dec!(0.0999));

    let usdt = Asset::new("USDT").unwrap();
    let tally = &report.sheet[&usdt];
    assert_eq!(
        (tally.trips, tally.wins.count, tally.losses.count),
        (4, 2, 2)
    );
    assert_eq!(tally.net.normalize(), dec!(-4.91399001));
    assert_eq!(tally.gross.normalize(), dec!(40.98999999));
    // +1.3, −13 (a fall of 13), +8.8, −2.01399: the furthest below the high is 13, and no new high came.
    assert_eq!(tally.curve.drawdown().money, dec!(13));
    assert_eq!(tally.curve.longest_under_ms(), 5_000);
    assert_eq!(report.counted.duplicates, 1);
    assert_eq!(report.counted.open, 0);
}

#[test]
fn the_venues_own_words_add_up_exactly() {
    let (report, _) = by_hand().read(&Asked::default());
    let of = |asset: &str| Asset::new(asset).unwrap();
    // 10 + 11.99999999 − 1 + 10.
    assert_eq!(report.sums.realised[&of("USDT")], dec!(30.99999999));
    assert_eq!(report.sums.funding[&of("USDT")], dec!(-1.5));
    // 4.8 + 4.8 + 15 + 6 − 0.3 + 1.5 + 6.00399.
    assert_eq!(report.sums.fees[&of("USDT")], dec!(37.80399));
    assert_eq!(report.sums.fees[&of("BNB")], dec!(0.001));
    assert_eq!(report.sums.fees[&of("BTC")], dec!(0.0001));
}

/// What a desk writes down is read again as it counted it.
#[test]
fn rows_of_a_desk_come_back_as_its_own_trips() {
    use crate::domain::{Fact, Side};
    use crate::engine::action::Action;
    use crate::engine::effect::{Effect, Effects};
    use crate::engine::tests::kit::{Kit, dec};

    fn rows(book: &mut Book, effects: Effects) {
        for effect in effects.0 {
            if let Effect::Journal(row) = effect {
                book.row(&row.json());
            }
        }
    }
    let mut kit = Kit::ready();
    let mut book = Book::new();
    let trade = |kit: &mut Kit, book: &mut Book, action, price: &str| {
        kit.forget();
        rows(book, kit.press(action));
        let order = kit.only();
        kit.wait(30);
        let fill = kit.fill_of(&order, order.qty.0, price);
        rows(book, kit.fact(Fact::Fill(fill)));
        let own = *kit.market().ledger.own();
        kit.position(own.size, own.entry);
    };
    trade(&mut kit, &mut book, Action::Now(Side::Buy), "60000.4");
    rows(&mut book, kit.line("tag first pullback"));
    kit.book(599_950, 599_953);
    kit.book(600_100, 600_103);
    trade(&mut kit, &mut book, Action::Close(100), "60009.9");
    rows(&mut book, kit.line("note held on, \"as planned\""));
    trade(&mut kit, &mut book, Action::Now(Side::Sell), "60010");
    trade(&mut kit, &mut book, Action::Close(100), "60010.4");

    let (report, trips) = book.read(&Asked::default());
    assert_eq!(report.world, Some(Environment::Sim));
    let own: Vec<Trip> = kit
        .desk
        .diary()
        .latest()
        .iter()
        .rev()
        .map(|trip| (**trip).clone())
        .collect();
    assert_eq!(trips, own);
    let first = &trips[0];
    assert_eq!(
        (first.tag.as_str(), first.note.as_str()),
        ("first pullback", "held on, \"as planned\"")
    );
    assert_eq!(first.opened_by.name, "buy-now");
    assert_eq!(first.closed_by, "close-100");
    // The preview promised 60 000.3 and 60 010.0 for 0.050: a tick worse each.
    let slippage = first.slippage.unwrap();
    assert_eq!(
        (slippage.money, slippage.ticks),
        (dec("-0.010"), dec("-1.0"))
    );
    // Bought at 60 000.4, the bid then at 59 995.0 and at 60 010.0.
    assert_eq!((first.worst.ticks, first.best.ticks), (-54, 96));
    assert_eq!(first.worst.money, dec("-0.270"));
    // (60 009.9 − 60 000.4) × 0.050 − 2 × 0.6.
    assert_eq!(first.net(), dec("-0.725"));
    assert_eq!(first.opened_by.filled_us, Some(30_000));
    let usdt = Asset::new("USDT").unwrap();
    assert_eq!(kit.desk.diary().session()[&usdt], report.sheet[&usdt]);
}

#[test]
fn rows_of_earlier_versions_count_and_a_new_run_of_the_built_in_exchange_begins_flat() {
    let mut book = Book::new();
    let old = |run: &str, at: i64, trade: &str, side: &str, price: &str| {
        json!({ "kind": "fill", "t": T + at, "account": "sim", "venue": "binance-futures", "symbol": "BTCUSDT",
            "leg": null, "id": format!("{run}1"), "trade": trade, "side": side, "price": price, "qty": "0.100",
            "fee": "2.4", "fee_asset": "USDT", "liquidity": "taker", "recovered": false, "venue_ms": T + at })
    };
    let run = |name: &str| json!({ "t": T, "kind": "session", "session": name, "env": "sim" });
    book.row(&run("mabc12345xy"));
    book.row(&old("mabc12345xy", 1, "1", "BUY", "60000.0"));
    book.row(&old("mabc12345xy", 2, "2", "SELL", "60100.0"));
    // Left open: gone with its exchange.
    book.row(&old("mabc12345xy", 3, "3", "SELL", "60000.0"));
    book.rows.push_str("half a row {\n");
    book.row(&run("mabc99999xy"));
    // The same trade id as in the run before it.
    book.row(&old("mabc99999xy", 9_000, "1", "BUY", "60000.0"));
    book.row(&old("mabc99999xy", 9_001, "2", "SELL", "59990.0"));
    let (report, trips) = book.read(&Asked::default());
    let nets: Vec<Decimal> = trips.iter().map(|trip| trip.net().normalize()).collect();
    assert_eq!(nets, [dec!(5.2), dec!(-5.8)]);
    assert_eq!((report.counted.fills, report.counted.duplicates), (5, 0));
    assert_eq!(report.counted.unreadable, 1);

    let (report, trips) = book.read(&Asked {
        since_ms: Some(T + 9_000),
        ..Asked::default()
    });
    assert_eq!((trips.len(), report.counted.fills), (1, 2));
    let (report, trips) = book.read(&Asked {
        world: Some(Environment::Real),
        ..Asked::default()
    });
    assert!(trips.is_empty() && report.sheet.is_empty());
    assert_eq!(report.others().collect::<Vec<_>>(), [(Environment::Sim, 5)]);
}

#[test]
fn csv_is_one_line_a_trip_and_a_formula_is_none() {
    let (_, trips) = by_hand().read(&Asked::default());
    let mut out = Vec::new();
    csv::header(&mut out).unwrap();
    for trip in &trips {
        csv::line(trip, &mut out).unwrap();
    }
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 5);
    let columns = lines[0].split(',').count();
    assert_eq!(lines[1].split(',').count(), columns);
    assert!(lines[1].starts_with("main,binance-futures,BTCUSDT,,LONG,2025-11-25T19:46:40.000Z,"));
    assert!(
        lines[1].contains(",21.99999999,22,19.2,18.6 USDT; 0.001 BNB,-1.5,1.29999999,"),
        "{}",
        lines[1]
    );
    assert!(
        lines[4].ends_with(",\"'=paid too much, again\",1"),
        "{}",
        lines[4]
    );
}

#[test]
fn json_is_one_object_with_everything() {
    let dir = tempfile::tempdir().unwrap();
    for rows in [String::new(), by_hand().rows] {
        std::fs::write(dir.path().join("journal.jsonl"), &rows).unwrap();
        let mut out = Vec::new();
        let mut writer = json::Writer::begin(&mut out).unwrap();
        let report = read(dir.path(), &Asked::default(), |trip| writer.trip(trip)).unwrap();
        writer.end(&report).unwrap();
        let value: Value = serde_json::from_slice(&out).unwrap();
        let trips = value["trips"].as_array().unwrap();
        assert_eq!(Some(trips.len() as u64), value["trip_count"].as_u64());
        if rows.is_empty() {
            assert_eq!(value["world"], Value::Null);
            continue;
        }
        assert_eq!(trips[0]["net"], "1.29999999");
        assert_eq!(value["venue"]["realised"]["USDT"], "30.99999999");
        assert_eq!(value["currencies"]["USDT"]["net"], "-4.91399001");
        assert_eq!(
            value["currencies"]["USDT"]["by_tag"]["breakout"]["trips"],
            1
        );
    }
}

/// Tags in order, each closed: what a page must be for any reader.
fn is_well_formed(page: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let body = page.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?;
    let css = body
        .find("<style>")
        .zip(body.find("</style>"))
        .ok_or("no style")?;
    for text in [&body[..css.0], &body[css.1 + "</style>".len()..]] {
        for part in text.split('<').skip(1) {
            let (tag, _) = part
                .split_once('>')
                .ok_or_else(|| format!("unended {part}"))?;
            let name = tag
                .trim_start_matches('/')
                .split([' ', '/'])
                .next()
                .unwrap_or_default();
            if tag.starts_with('/') {
                let last = open.pop();
                if last != Some(name) {
                    return Err(format!("</{name}> closes {last:?}"));
                }
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("open: {open:?}"))
    }
}

#[test]
fn the_page_loads_nothing_runs_nothing_and_is_well_formed() {
    let mut hostile = by_hand();
    hostile.row(&json!({ "kind": "diary", "t": T, "account": "main", "venue": "binance-futures",
        "symbol": "BTCUSDT", "leg": null, "env": "live", "trip": "1", "note": "<script>alert('x')</script>" }));
    for book in [hostile, Book::new()] {
        let (report, _) = book.read(&Asked::default());
        let page = html::page(&report, T);
        assert_eq!(is_well_formed(&page), Ok(()));
        for word in [
            "http", "url(", "@import", "<script", "<link", "src=", "onload",
        ] {
            assert!(!page.contains(word), "{word}");
        }
        let charts = page.matches("<svg").count();
        assert_eq!(charts, 6);
        let empty = report.sheet.is_empty();
        assert_eq!(page.contains("no round trips yet"), empty);
    }
}

#[test]
fn the_table_fits_eighty_columns_with_and_without_trips() {
    for (book, word) in [
        (by_hand(), "REAL MONEY"),
        (Book::new(), "no round trips yet"),
    ] {
        let (report, _) = book.read(&Asked::default());
        let text = table::text(&report);
        assert!(text.contains(word), "{text}");
        for line in text.lines() {
            assert!(crate::ui::format::cells(line) <= 80, "{line}");
        }
    }
}
