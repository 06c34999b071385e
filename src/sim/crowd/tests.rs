//! What the crowd promises, measured in virtual time.

use super::*;
use crate::domain::{Asset, Price, Qty, Side};
use crate::sim::market::{
    AccountNo, AccountSpec, Kind, MarketEvent, PublicTrade, SelfTrade, SpotTerms, Status, Submit,
    Tif, Which,
};
use rust_decimal::dec;

const START_MS: i64 = 1_767_225_600_000;
const BTC: SymbolNo = SymbolNo(0);
const DOGE: SymbolNo = SymbolNo(2);

fn bourse(seed: u64, mood: Option<Mood>) -> Bourse {
    Bourse::new(CrowdSettings { seed, mood }, START_MS)
}

fn trades(events: Vec<MarketEvent>) -> impl Iterator<Item = PublicTrade> {
    events.into_iter().filter_map(|event| match event {
        MarketEvent::Trade(trade) => Some(trade),
        _ => None,
    })
}

fn account(bourse: &mut Bourse) -> AccountNo {
    bourse.market.open_account(AccountSpec {
        asset: Asset::new("USDT").unwrap(),
        wallet: dec!(100000),
        maker_fee: dec!(0.0002),
        taker_fee: dec!(0.0005),
        spot: SpotTerms::default(),
    })
}

/// A post-only bid of `account`; returns its id.
fn resting(
    bourse: &mut Bourse,
    account: AccountNo,
    symbol: SymbolNo,
    price: Price,
    qty: Qty,
) -> u64 {
    let ask = Submit {
        symbol,
        client: None,
        side: Side::Buy,
        leg: crate::sim::market::Leg::Both,
        kind: Kind::Limit {
            price,
            tif: Tif::Gtx,
        },
        qty,
        reduce_only: false,
        self_trade: SelfTrade::ExpireMaker,
    };
    let now_ms = bourse.market.now_ms();
    bourse.market.submit(now_ms, account, ask).unwrap().id
}

/// What was seen of one symbol, looked at every 100 ms.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    looks: u64,
    spread_ticks: i64,
    one_tick: u64,
    /// Sum of squared moves of the mid between looks, ticks².
    moved: f64,
    mid: f64,
    prints: u64,
    buys: u64,
    changes: u64,
}

impl Seen {
    fn look(&mut self, bourse: &Bourse, symbol: SymbolNo) {
        let best = bourse.market.best(symbol);
        let (bid, ask) = (best.bid.unwrap().price.0, best.ask.unwrap().price.0);
        assert!(bid < ask, "crossed: {bid} {ask}");
        self.looks += 1;
        self.spread_ticks += ask - bid;
        self.one_tick += u64::from(ask - bid == 1);
        let mid = (bid + ask) as f64 / 2.0;
        if self.mid != 0.0 {
            self.moved += (mid - self.mid).powi(2);
        }
        self.mid = mid;
        self.changes = best.id;
    }

    fn spread(&self) -> f64 {
        self.spread_ticks as f64 / self.looks as f64
    }

    fn a_second(&self, count: u64) -> f64 {
        count as f64 / (self.looks as f64 / 10.0)
    }
}

/// Watches all symbols for that many minutes; no side may ever have fewer than 100 levels.
fn watch(seed: u64, mood: Option<Mood>, minutes: i64) -> Vec<Seen> {
    watch_one(&mut bourse(seed, mood), minutes)
}

fn watch_one(bourse: &mut Bourse, minutes: i64) -> Vec<Seen> {
    let symbols: Vec<_> = bourse.market.symbols().map(|s| s.0).collect();
    let mut seen = vec![Seen::default(); symbols.len()];
    for _ in 0..minutes * 600 {
        for trade in trades(bourse.run(100)) {
            let seen = &mut seen[usize::from(trade.symbol.0)];
            seen.prints += 1;
            seen.buys += u64::from(trade.side == Side::Buy);
        }
        for (&symbol, seen) in symbols.iter().zip(&mut seen) {
            seen.look(bourse, symbol);
            for side in [Side::Buy, Side::Sell] {
                let count = bourse.market.level_count(symbol, side);
                assert!(count >= 100, "{symbol:?} {side:?} has {count} levels");
            }
        }
    }
    seen
}

#[test]
fn an_hour_over_every_mood_keeps_a_hundred_levels_and_moods_differ() {
    // Twenty minutes each, run beside one another.
    let moods = [Mood::Calm, Mood::Trending, Mood::Violent];
    let runs = moods.map(|mood| std::thread::spawn(move || watch(11, Some(mood), 20)));
    let [calm, trending, violent] = runs.map(|run| run.join().unwrap());
    for symbol in 0..calm.len() {
        let (calm, trending, violent) = (&calm[symbol], &trending[symbol], &violent[symbol]);
        assert!(calm.spread() <= trending.spread(), "{symbol}");
        assert!(trending.spread() < violent.spread(), "{symbol}");
        assert!(calm.moved < trending.moved, "{symbol}");
        assert!(trending.moved < violent.moved, "{symbol}");
        assert!(calm.prints < trending.prints && trending.prints < violent.prints);
    }
    let btc = &calm[0];
    assert!((3.0..15.0).contains(&btc.a_second(btc.prints)), "{btc:?}");
    assert!(
        (50.0..150.0).contains(&btc.a_second(btc.changes)),
        "{btc:?}"
    );
    assert!(
        btc.buys * 3 > btc.prints && btc.buys * 3 < btc.prints * 2,
        "{btc:?}"
    );
    let doge = &calm[usize::from(DOGE.0)];
    assert!(doge.one_tick * 100 >= doge.looks * 97, "{doge:?}");
    let kava = &calm[3];
    assert!(kava.spread() >= 4.0, "{kava:?}");
}

#[test]
fn spot_pairs_are_traded_beside_perpetuals_or_alone() {
    let both = [perpetuals(), spots()].concat();
    let settings = CrowdSettings {
        seed: 5,
        mood: Some(Mood::Calm),
    };
    for specs in [spots(), both] {
        let mut bourse = Bourse::of(specs, settings, START_MS);
        let seen = watch_one(&mut bourse, 5);
        for ((symbol, spec), seen) in bourse.market.symbols().zip(&seen) {
            if !spec.is_spot() {
                continue;
            }
            let name = spec.instrument.symbol;
            // Most of the time the spread is one tick, as on the real pairs.
            assert!(seen.spread() < 2.0, "{name}: {seen:?}");
            assert!(seen.a_second(seen.prints) > 0.3, "{name}: {seen:?}");
            assert!(seen.moved > 0.0, "{name}");
            let last = bourse.market.ticker(symbol).unwrap().last;
            let (last, start) = (last.0 as f64, spec.start_price.0 as f64);
            assert!((0.98..1.02).contains(&(last / start)), "{name}: {last}");
            assert!(!bourse.market.klines(symbol).is_empty());
        }
    }
}

#[test]
fn takers_come_in_bursts_and_their_sizes_have_a_heavy_tail() {
    let mut bourse = bourse(21, Some(Mood::Calm));
    let (mut counts, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..900 {
        let prints: Vec<_> = trades(bourse.run(1_000))
            .filter(|t| t.symbol == BTC)
            .collect();
        counts.push(prints.len() as f64);
        sizes.extend(prints.iter().map(|t| t.qty.0));
    }
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let variance = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / counts.len() as f64;
    assert!(variance > 2.0 * mean, "as even as rain: {variance} {mean}");
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(sizes[sizes.len() * 99 / 100] > 20 * median);
    assert!(sizes[sizes.len() - 1] > 100 * median);
}

#[test]
fn an_order_far_through_the_spread_does_not_hold_the_makers_back() {
    let mut bourse = bourse(3, Some(Mood::Calm));
    let me = account(&mut bourse);
    let best = bourse.market.best(SymbolNo(3));
    let (bid, ask) = (best.bid.unwrap().price, best.ask.unwrap().price);
    let price = ask.behind(Side::Buy, 1);
    assert!(price > bid);
    let order = resting(&mut bourse, me, SymbolNo(3), price, Qty(100_000));
    for _ in 0..3_000 {
        bourse.run(100);
        let top = bourse.market.snapshot(SymbolNo(3), 2).unwrap();
        assert!(top.bids[0].price < top.asks[0].price);
        if !bourse
            .market
            .order(me, SymbolNo(3), Which::Id(order))
            .unwrap()
            .status
            .is_open()
        {
            return;
        }
        assert!(top.bids[0].price.0 - top.bids[1].price.0 < 60, "{top:?}");
    }
}

#[test]
fn moods_change_by_themselves_and_prices_stay_near() {
    let mut bourse = bourse(5, None);
    let mut moods = std::collections::BTreeSet::new();
    for _ in 0..900 {
        bourse.run(1_000);
        moods.insert(bourse.crowd.mood(BTC));
    }
    assert_eq!(moods.len(), 3);
    for (symbol, spec) in bourse.market.symbols() {
        let start = spec.start_price.0;
        let now = bourse.market.best(symbol).bid.unwrap().price.0;
        assert!((now - start).abs() < start / 10, "{symbol:?} {start} {now}");
    }
}

#[test]
fn the_same_seed_makes_the_same_tape_and_another_seed_another() {
    let lines: Vec<_> = tape(42, 400).collect();
    assert_eq!(lines.len(), 400);
    assert_eq!(lines, tape(42, 400).collect::<Vec<_>>());
    assert_ne!(lines, tape(43, 400).collect::<Vec<_>>());
    let mut last = 0;
    for line in &lines {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let time = row["time"].as_i64().unwrap();
        assert!(time >= last, "time went back");
        last = time;
        assert!(row["id"].is_u64());
        assert!(matches!(row["side"].as_str(), Some("BUY" | "SELL")));
        for field in ["price", "qty"] {
            let text = row[field].as_str().unwrap();
            assert!(text.parse::<rust_decimal::Decimal>().unwrap() > dec!(0));
        }
    }
}

#[test]
fn how_finely_time_is_cut_does_not_change_the_market() {
    let run = |slice: i64| {
        let mut bourse = bourse(9, None);
        let mut all = Vec::new();
        for _ in 0..(20_000 / slice) {
            let until = bourse.market.now_ms() + slice;
            bourse.crowd.advance(&mut bourse.market, until);
            all.extend(trades(bourse.market.drain_events()));
        }
        all
    };
    assert_eq!(run(5), run(200));
}

#[test]
fn a_resting_order_at_the_touch_is_filled_by_takers_in_its_turn() {
    let mut bourse = bourse(3, Some(Mood::Calm));
    bourse.run(1_000);
    let me = account(&mut bourse);
    let bid = bourse.market.best(BTC).bid.unwrap();
    let id = resting(&mut bourse, me, BTC, bid.price, Qty(10));
    let order = bourse.market.order(me, BTC, Which::Id(id)).unwrap().clone();
    assert_eq!(bourse.market.queue_ahead(&order), Some(bid.qty));
    for _ in 0..600 {
        bourse.run(500);
        let order = bourse.market.order(me, BTC, Which::Id(order.id)).unwrap();
        if order.status == Status::Filled {
            let fill = bourse.market.user_trades(me, BTC)[0];
            assert!(fill.maker && fill.price == bid.price);
            return;
        }
    }
    panic!("five minutes at the touch without a fill");
}

#[test]
fn a_swept_side_is_quoted_again() {
    let mut bourse = bourse(3, Some(Mood::Calm));
    for side in [Side::Buy, Side::Sell] {
        let limit = Price(if side == Side::Buy { i64::MAX / 4 } else { 1 });
        let now = bourse.market.now_ms();
        bourse
            .market
            .crowd_take(now, BTC, side, limit, Qty(i64::MAX / 4));
        assert_eq!(bourse.market.level_count(BTC, side.opposite()), 0);
        bourse.run(2_000);
        assert!(bourse.market.level_count(BTC, side.opposite()) >= 100);
    }
}

#[test]
fn a_suspended_host_does_not_relive_the_night() {
    let mut bourse = bourse(3, None);
    let morning = START_MS + 8 * 3_600_000;
    bourse.crowd.advance(&mut bourse.market, morning);
    assert!(
        trades(bourse.market.drain_events()).all(|t| t.time_ms >= morning - CATCH_UP_MS - 1_000)
    );
}

#[test]
fn the_day_before_has_candles_that_join_the_first_price() {
    let bourse = bourse(1, None);
    for (symbol, spec) in bourse.market.symbols() {
        let klines = bourse.market.klines(symbol);
        assert_eq!(klines.len(), 1_441);
        assert_eq!(klines[1_439].close, spec.start_price);
        let joined = |pair: &[crate::sim::market::Kline]| {
            pair[1].open_ms - pair[0].open_ms == 60_000 && pair[0].close == pair[1].open
        };
        assert!(klines.windows(2).all(joined));
        assert!(
            klines
                .iter()
                .all(|k| k.low <= k.open.min(k.close) && k.high >= k.open.max(k.close))
        );
    }
}
