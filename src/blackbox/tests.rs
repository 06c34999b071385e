use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::domain::decimal::Step;
use crate::domain::{
    Account, Asset, BookState, ClientId, Depth, Environment, Fact, Fill, Instrument,
    InstrumentKind, Intent, Level, Liquidity, MarketKey, NewOrder, OrderClass, OrderKind, OrderRef,
    OrderReport, OrderStatus, Payoff, PositionReport, Price, Print, Qty, Side, Stamp, Symbol,
    TimeInForce, TradingStatus, Unit, VenueId,
};

const RUN: &str = "lx7";

fn key(symbol: &str) -> MarketKey {
    MarketKey {
        account: Account::new("main").unwrap(),
        venue: VenueId::new("binance-futures").unwrap(),
        symbol: Symbol::new(symbol).unwrap(),
        leg: None,
    }
}

fn rules(symbol: &str) -> Arc<Instrument> {
    Arc::new(Instrument {
        venue: key(symbol).venue,
        symbol: key(symbol).symbol,
        kind: InstrumentKind::Perpetual,
        base: Asset::new("BTC").unwrap(),
        quote: Asset::new("USDT").unwrap(),
        settle: Asset::new("USDT").unwrap(),
        tick: Step::new(1, 1).unwrap(),
        lot: Step::new(1, 3).unwrap(),
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(i64::MAX),
        min_qty: Qty(1),
        max_qty: Qty(i64::MAX),
        max_market_qty: Qty(i64::MAX),
        min_notional: Decimal::new(5, 0),
        band: None,
        max_orders: 0,
        status: TradingStatus::Trading,
    })
}

const START_NS: i64 = 1_764_158_600_123_000_000;

fn at(ms: u64) -> Stamp {
    Stamp {
        mono_ns: 5_000_000_000,
        wall_ns: START_NS,
    }
    .plus_ms(ms)
}

fn bounds() -> Bounds {
    Bounds {
        reach_ms: 3_600_000,
        bytes: 1 << 24,
    }
}

fn told(ms: u64, symbol: &str, what: Wrote) -> Told {
    Told {
        at: at(ms),
        key: key(symbol),
        what,
    }
}

fn begin(symbol: &str) -> Told {
    told(0, symbol, Wrote::Rules(Environment::Sim, rules(symbol)))
}

fn depth(ms: u64, bids: &[(i64, i64)], asks: &[(i64, i64)], state: BookState) -> Arc<Depth> {
    let level = |&(price, qty): &(i64, i64)| Level {
        price: Price(price),
        qty: Qty(qty),
    };
    Arc::new(Depth {
        symbol: key("BTCUSDT").symbol,
        state,
        bids: bids.iter().map(level).collect(),
        asks: asks.iter().map(level).collect(),
        known_down_to: bids.last().map(|(price, _)| Price(*price)),
        known_up_to: None,
        proved: at(ms),
        changed: at(ms),
        lag_ms: 3,
        gaps: 1,
    })
}

/// A picture whose sides lie where they may: bids below the middle, asks from it on.
fn pictures() -> impl Strategy<Value = Vec<(u64, Arc<Depth>)>> {
    let levels = || prop::collection::btree_map(0_i64..30, 1_i64..500, 0..20);
    let one = (levels(), levels(), 1_u64..9_000, 0_u8..4);
    prop::collection::vec(one, 1..25).prop_map(|all| {
        let mut now = 0;
        let mut out = Vec::new();
        for (bids, asks, later, state) in all {
            now += later;
            let bids: Vec<(i64, i64)> = bids.into_iter().map(|(p, q)| (1_000 - p, q)).collect();
            let asks: Vec<(i64, i64)> = asks.into_iter().map(|(p, q)| (1_001 + p, q)).collect();
            let state = match state {
                0 => BookState::Stale("silent 3 s".to_owned()),
                1 => BookState::Resync("gap".to_owned()),
                _ => BookState::Live,
            };
            out.push((now, depth(now, &bids, &asks, state)));
        }
        out
    })
}

fn record(folder: &Path, bounds: Bounds, all: &[Told]) {
    let mut recorder = Recorder::new(folder.to_owned(), bounds, RUN);
    for told in all {
        recorder.take(told);
        recorder.tick(told.at, 0);
    }
    recorder.finish();
    assert!(recorder.trouble().is_none());
}

fn read(folder: &Path) -> Vec<Seen> {
    let mut reader = Reader::open(folder).unwrap();
    std::iter::from_fn(|| reader.next()).collect()
}

/// What the book is, times left away.
fn book(depth: &Depth) -> Depth {
    Depth {
        proved: Stamp::default(),
        changed: Stamp::default(),
        ..depth.clone()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What was live when a picture was drawn is what the box shows then: at whole books, between them, over segments.
    #[test]
    fn a_book_read_back_is_the_one_that_was_there(pictures in pictures()) {
        let dir = tempfile::tempdir().unwrap();
        let mut all = vec![begin("BTCUSDT")];
        all.extend(pictures.iter().map(|(ms, depth)| told(*ms, "BTCUSDT", Wrote::Book(depth.clone()))));
        record(dir.path(), bounds(), &all);
        let mut shown: Option<Depth> = None;
        let mut seen = read(dir.path()).into_iter().peekable();
        for (ms, live) in &pictures {
            let now = at(*ms).wall_ns;
            while let Some(next) = seen.next_if(|next| next.at_ns <= now) {
                if let What::Book(depth) | What::Proof(depth) = next.what {
                    shown = Some((*depth).clone());
                }
            }
            let shown = shown.as_ref().unwrap();
            prop_assert_eq!(book(shown), book(live));
            let age = shown.changed.since(shown.proved);
            prop_assert!(age < 1_000, "both were now: {age} ns");
        }
        prop_assert!(seen.next().is_none());
    }

    /// Going to a moment, back or forth, shows what comes after it as going through did.
    #[test]
    fn what_comes_after_a_moment_does_not_depend_on_the_way_there(
        pictures in pictures(),
        moments in prop::collection::vec(0_u64..200_000, 1..6),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut all = vec![begin("BTCUSDT")];
        for (ms, depth) in &pictures {
            all.push(told(*ms, "BTCUSDT", Wrote::Book(depth.clone())));
            all.push(told(*ms, "BTCUSDT", Wrote::Prints(vec![print(*ms)])));
        }
        record(dir.path(), bounds(), &all);
        let whole = read(dir.path());
        let mut reader = Reader::open(dir.path()).unwrap();
        for ms in moments {
            let to = at(ms).wall_ns;
            reader.rewind(to);
            let after: Vec<Seen> = std::iter::from_fn(|| reader.next()).collect();
            let want: Vec<Seen> = whole.iter().filter(|seen| seen.at_ns > to).cloned().collect();
            prop_assert_eq!(after, want);
        }
    }

    /// A file of anything costs a line, never the program.
    #[test]
    fn hostile_lines_are_stepped_over(lines in prop::collection::vec("[mkdstofpyxeg.] ?[0-9 ]{0,12}[ -~]{0,60}", 0..40)) {
        let dir = tempfile::tempdir().unwrap();
        let rules = super::rules::write(&rules("BTCUSDT"));
        let mut text = format!("lancet-box 1 {START_NS} {RUN}\nm 0 sim main {rules}\n.\n");
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        pack(dir.path(), text.as_bytes());
        let seen = read(dir.path());
        prop_assert!(!seen.is_empty());
    }
}

fn print(ms: u64) -> Print {
    Print {
        symbol: key("BTCUSDT").symbol,
        side: Side::Sell,
        price: Price(1_000),
        qty: Qty(7),
        venue_ms: i64::try_from(ms).unwrap(),
    }
}

fn pack(folder: &Path, text: &[u8]) {
    let path = folder.join(segments::name(START_NS / 1_000_000, RUN));
    let file = std::fs::File::create(path).unwrap();
    let mut to = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    to.write_all(text).unwrap();
    to.finish().unwrap();
}

fn busy(seconds: u64, levels: i64) -> Vec<Told> {
    let mut all = vec![begin("BTCUSDT")];
    for n in 0..seconds * 20 {
        let ms = n * 50;
        // Sizes without a pattern: nothing that a compressor could make small.
        let size = |p: i64| 1 + (p * 7_919 + i64::try_from(n).unwrap() * 104_729) % 9_973;
        let bids: Vec<(i64, i64)> = (0..levels).map(|p| (10_000 - p, size(p))).collect();
        let asks: Vec<(i64, i64)> = (0..levels)
            .map(|p| (10_001 + p, size(-p).abs() + 1))
            .collect();
        let depth = depth(ms, &bids, &asks, BookState::Live);
        all.push(told(ms, "BTCUSDT", Wrote::Book(depth)));
    }
    all
}

#[test]
fn the_bounds_hold_under_fire() {
    let dir = tempfile::tempdir().unwrap();
    let bounds = Bounds {
        reach_ms: 10_000,
        bytes: 400_000,
    };
    let mut recorder = Recorder::new(dir.path().to_owned(), bounds, RUN);
    let mut most = 0;
    for told in busy(60, 200) {
        recorder.take(&told);
        recorder.tick(told.at, 0);
        let held: u64 = segments(dir.path()).unwrap().iter().map(|s| s.bytes).sum();
        most = most.max(held);
    }
    recorder.finish();
    // A line that is being written and what the compressor holds back come on top of the last segment.
    assert!(most <= bounds.bytes + 40_000, "{most}");
    assert!(most > bounds.bytes / 2, "it was under fire: {most}");
    let seen = read(dir.path());
    assert!(matches!(seen.last().unwrap().what, What::Book(_)));
}

#[test]
fn a_segment_cut_off_anywhere_is_good_up_to_the_cut() {
    let dir = tempfile::tempdir().unwrap();
    record(dir.path(), bounds(), &busy(3, 20));
    let path = segments(dir.path()).unwrap().remove(0).path;
    let bytes = std::fs::read(&path).unwrap();
    let whole = read(dir.path());
    let mut most = 0;
    for cut in (0..bytes.len()).step_by(61) {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let Ok(mut reader) = Reader::open(dir.path()) else {
            continue;
        };
        let seen: Vec<Seen> = std::iter::from_fn(|| reader.next()).collect();
        assert_eq!(seen, whole[..seen.len()]);
        most = most.max(seen.len());
    }
    assert!(most + 30 > whole.len(), "{most} of {}", whole.len());
}

#[test]
fn a_process_that_is_killed_loses_no_more_than_the_last_second() {
    let dir = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::new(dir.path().to_owned(), bounds(), RUN);
    let all = busy(10, 20);
    for told in &all {
        recorder.take(told);
        recorder.tick(told.at, 0);
    }
    // Nothing is finished: its memory is gone, as after a kill.
    std::mem::forget(recorder);
    let seen = read(dir.path());
    let lost = all.last().unwrap().at.wall_ns - seen.last().unwrap().at_ns;
    assert!(lost <= 1_100_000_000, "{lost}");
}

#[test]
fn a_box_without_a_disk_goes_on_and_says_so_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut recorder = Recorder::new(file.join("box"), bounds(), RUN);
    for told in busy(1, 3) {
        recorder.take(&told);
    }
    assert!(recorder.trouble().is_some());
    assert!(recorder.trouble().is_none());
}

fn client(name: &str) -> ClientId {
    ClientId::new(name).unwrap()
}

fn order(name: &str, status: OrderStatus, at: Stamp) -> OrderReport {
    OrderReport {
        key: key("BTCUSDT"),
        order: OrderRef {
            client: client(name),
            venue: None,
            class: OrderClass::Regular,
        },
        side: Side::Buy,
        leg: None,
        price: Some(Price(1_001)),
        trigger: None,
        callback: None,
        triggered: false,
        qty: Qty(50),
        filled: Qty::ZERO,
        average: None,
        reduce_only: false,
        status,
        reason: None,
        venue_ms: 1,
        at,
    }
}

fn fill(name: &str, trade: u64, side: Side, price: i64, qty: i64, at: Stamp) -> Fill {
    Fill {
        key: key("BTCUSDT"),
        client: client(name),
        order: crate::domain::OrderId::of_number(trade),
        trade: crate::domain::TradeId::of_number(trade),
        side,
        leg: None,
        price: Decimal::new(price, 1),
        qty: Qty(qty),
        fee: Decimal::new(5, 2),
        fee_asset: Asset::new("USDT").unwrap(),
        realised: None,
        liquidity: Liquidity::Taker,
        venue_ms: 1,
        at,
        recovered: false,
    }
}

#[test]
fn a_new_run_begins_with_what_stands_and_a_new_segment_repeats_it_in_silence() {
    let dir = tempfile::tempdir().unwrap();
    let position = PositionReport {
        key: key("BTCUSDT"),
        leg: None,
        size: Decimal::new(50, 3),
        entry: Decimal::new(10_001, 1),
        liquidation: None,
        venue_ms: 1,
        at: at(20),
    };
    let own = |ms, fact| told(ms, "BTCUSDT", Wrote::Own(fact));
    let all = [
        begin("BTCUSDT"),
        told(
            5,
            "BTCUSDT",
            Wrote::Book(depth(5, &[(1_000, 1)], &[(1_001, 9)], BookState::Live)),
        ),
        own(10, Fact::Order(order("a1", OrderStatus::Working, at(10)))),
        own(15, Fact::Order(order("a2", OrderStatus::Working, at(15)))),
        own(20, Fact::Position(position)),
        own(25, Fact::Order(order("a2", OrderStatus::Cancelled, at(25)))),
        own(
            70_000,
            Fact::Order(order("a3", OrderStatus::Working, at(70_000))),
        ),
    ];
    record(dir.path(), bounds(), &all);
    let found = segments(dir.path()).unwrap();
    assert_eq!(found.len(), 2);
    let truths = |seen: &[Seen]| {
        let truths = seen.iter().filter_map(|seen| match &seen.what {
            What::Own(Fact::Truth { truth, .. }) => Some((**truth).clone()),
            _ => None,
        });
        truths.collect::<Vec<_>>()
    };
    let whole = read(dir.path());
    assert_eq!(truths(&whole).len(), 1, "a run has one beginning");
    let owns = whole
        .iter()
        .filter(|seen| matches!(&seen.what, What::Own(Fact::Order(_))));
    assert_eq!(owns.count(), 4);
    // The second segment alone tells what stood.
    let mut reader = Reader::open(&found[1].path).unwrap();
    let alone: Vec<Seen> = std::iter::from_fn(|| reader.next()).collect();
    let truth = &truths(&alone)[0];
    assert_eq!(truth.orders.len(), 1);
    assert_eq!(truth.orders[0].order.client, client("a1"));
    assert_eq!(truth.positions[0].size, position.size);
    let first = alone.iter().find_map(|seen| match &seen.what {
        What::Book(depth) => Some(depth.asks[0].qty),
        _ => None,
    });
    assert_eq!(first, Some(Qty(9)));
}

#[test]
fn a_key_is_written_with_what_its_order_promised_on_the_book_that_was_drawn() {
    let dir = tempfile::tempdir().unwrap();
    let order = NewOrder {
        key: key("BTCUSDT"),
        id: client("a1"),
        side: Side::Buy,
        qty: Qty(30),
        kind: OrderKind::Limit {
            price: Price(1_010),
            tif: TimeInForce::Ioc,
        },
        intent: Intent::Entry,
        leg: None,
    };
    let pressed = Pressed {
        at: at(95),
        action: "buy-now",
        cursor: Some(Price(990)),
        drawn: (Some(Price(1_000)), Some(Price(1_001))),
        order: Some(order),
        words: String::new(),
        depth: Some(depth(
            90,
            &[(1_000, 5)],
            &[(1_001, 10), (1_002, 20)],
            BookState::Live,
        )),
        rates: Some((Decimal::new(2, 4), Decimal::new(5, 4))),
    };
    record(
        dir.path(),
        bounds(),
        &[
            begin("BTCUSDT"),
            told(100, "BTCUSDT", Wrote::Key(Box::new(pressed))),
        ],
    );
    let seen = read(dir.path());
    let Some(What::Key(key)) = seen.into_iter().map(|seen| seen.what).next_back() else {
        panic!("no key");
    };
    assert_eq!(key.at.wall_ns, at(95).wall_ns);
    assert_eq!(
        (key.action.as_str(), key.cursor),
        ("buy-now", Some(Price(990)))
    );
    let promise = key.promise.unwrap();
    // 10 at 100.1 and 20 at 100.2.
    let worth = Decimal::new(1_001 * 10 + 1_002 * 20, 4);
    assert_eq!(promise.average.unwrap(), worth / Decimal::new(30, 3));
    assert_eq!(promise.takes, Qty(30));
    assert_eq!(promise.fee.unwrap(), worth * Decimal::new(5, 4));
}

#[test]
fn the_last_trip_is_found_with_promise_slippage_times_and_extremes() {
    let dir = tempfile::tempdir().unwrap();
    let book = |ms, bid: i64| {
        let depth = depth(ms, &[(bid, 100)], &[(bid + 1, 100)], BookState::Live);
        told(ms, "BTCUSDT", Wrote::Book(depth))
    };
    let own = |ms, fact| told(ms, "BTCUSDT", Wrote::Own(fact));
    let press = |ms, name: &str, action, side, price| {
        let pressed = Pressed {
            at: at(ms),
            action,
            cursor: None,
            drawn: (None, None),
            order: Some(NewOrder {
                key: key("BTCUSDT"),
                id: client(name),
                side,
                qty: Qty(50),
                kind: OrderKind::Limit {
                    price: Price(price),
                    tif: TimeInForce::Ioc,
                },
                intent: Intent::Entry,
                leg: None,
            }),
            words: String::new(),
            depth: Some(depth(ms, &[(1_000, 100)], &[(1_001, 100)], BookState::Live)),
            rates: None,
        };
        told(ms, "BTCUSDT", Wrote::Key(Box::new(pressed)))
    };
    record(
        dir.path(),
        bounds(),
        &[
            begin("BTCUSDT"),
            book(50, 1_000),
            press(100, "a1", "buy-now", Side::Buy, 1_010),
            own(
                101,
                Fact::Order(order("a1", OrderStatus::Accepted, at(101))),
            ),
            own(
                102,
                Fact::Fill(fill("a1", 1, Side::Buy, 1_003, 50, at(102))),
            ),
            own(
                103,
                Fact::Fill(fill("a1", 1, Side::Buy, 1_003, 50, at(103))),
            ),
            book(200, 990),
            book(70_000, 1_030),
            press(80_000, "a2", "close-100", Side::Sell, 1_000),
            own(
                80_001,
                Fact::Fill(fill("a2", 2, Side::Sell, 1_020, 50, at(80_001))),
            ),
            book(80_100, 500),
        ],
    );
    let found = segments(dir.path()).unwrap();
    assert_eq!(
        found.len(),
        2,
        "the trip begins in one segment and ends in the next"
    );
    let trip = trip::last(&found).unwrap().unwrap();
    assert!(trip.is_closed);
    assert_eq!(trip.size, Decimal::new(50, 3));
    assert_eq!(trip.gross, Decimal::new(17, 1) * Decimal::new(50, 3));
    assert_eq!(trip.fees, Decimal::new(10, 2));
    assert_eq!(trip.entry.action.as_deref(), Some("buy-now"));
    assert_eq!(
        (trip.entry.acked_us, trip.entry.filled_us),
        (Some(1_000), Some(2_000))
    );
    assert_eq!(
        trip.entry.slipped_ticks,
        Some(2),
        "100.1 promised, 100.3 got"
    );
    let exit = trip.exit.clone().unwrap();
    assert_eq!(exit.slipped_ticks, Some(-20), "100.0 promised, 102.0 got");
    let mut reader = Reader::of(found).unwrap();
    let size = Decimal::new(50, 3);
    let (worst, best) = trip::extremes(&trip, &mut reader).unwrap();
    assert_eq!(
        worst,
        (Decimal::new(990, 1) - Decimal::new(1_003, 1)) * size
    );
    assert_eq!(
        best,
        (Decimal::new(1_030, 1) - Decimal::new(1_003, 1)) * size
    );
}

proptest! {
    /// Trips of random fills, against a sum that only counts lots and money.
    #[test]
    fn trips_are_from_flat_to_flat_and_lose_no_money(fills in prop::collection::vec((any::<bool>(), 1_i64..40, 900_i64..1_100), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let mut all = vec![begin("BTCUSDT")];
        let (mut held, mut ends, mut cash) = (0_i64, 0, 0_i64);
        let mut flat_cash = None;
        for (n, (buys, qty, price)) in fills.iter().enumerate() {
            let side = if *buys { Side::Buy } else { Side::Sell };
            let n = n as u64;
            let fill = fill(&format!("a{n}"), n + 1, side, *price, *qty, at(n));
            all.push(told(n, "BTCUSDT", Wrote::Own(Fact::Fill(fill))));
            let before = held;
            held += side.sign() * qty;
            cash -= side.sign() * qty * price;
            if before != 0 && (held == 0 || (held > 0) != (before > 0)) {
                ends += 1;
            }
            if held == 0 {
                flat_cash = Some((ends, cash));
            }
        }
        record(dir.path(), bounds(), &all);
        let own = trip::Own::read(&segments(dir.path()).unwrap()).unwrap();
        let trips = own.trips();
        prop_assert_eq!(trips.iter().filter(|trip| trip.is_closed).count(), ends);
        prop_assert_eq!(trips.iter().filter(|trip| !trip.is_closed).count(), usize::from(held != 0));
        // Up to where it was last flat, money in and money out is what the trips made.
        if let Some((ends, cash)) = flat_cash {
            let made: Decimal = trips.iter().take(ends).map(|trip| trip.gross).sum();
            let off = (made - Decimal::new(cash, 4)).abs();
            prop_assert!(off < Decimal::new(1, 15), "{made} and {cash}");
        }
        prop_assert_eq!(own.marks().len(), fills.len());
    }
}
