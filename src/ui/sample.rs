//! Snapshots for tests: a busy market, an empty one, a hostile one.

mod charts;
pub mod prints;

use std::sync::Arc;

use rust_decimal::{Decimal, dec};

use crate::alerts::kind::KINDS;
use crate::alerts::{Alert, Folds, Kind, Market, Weight};
use crate::domain::decimal::Step;
use crate::domain::message::Balance;
use crate::domain::*;
use crate::engine::effect::Loudness;
use crate::engine::hint::{Line, Outcome};
use crate::engine::preview::{Foreseen, Liquidation, Preview, Taken};
use crate::ui::help::{HelpGroup, HelpRow, HelpText};
use crate::ui::snapshot::*;
use crate::ui::view::View;

/// 12:03:58 on some day, and a monotonic clock that has run for a while.
pub const NOW: Stamp = Stamp {
    mono_ns: 5_000_000_000_000,
    wall_ns: 1_700_049_838_000_000_000,
};

pub fn instrument(symbol: &str, tick: &str, lot: &str) -> Instrument {
    Instrument {
        venue: VenueId::new("binance-futures").unwrap(),
        symbol: Symbol::new(symbol).unwrap(),
        kind: crate::domain::InstrumentKind::Perpetual,
        base: Asset::new("BTC").unwrap(),
        quote: Asset::new("USDT").unwrap(),
        settle: Asset::new("USDT").unwrap(),
        tick: Step::parse(tick).unwrap(),
        lot: Step::parse(lot).unwrap(),
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(10_000_000),
        min_qty: Qty(1),
        max_qty: Qty(1_000_000),
        max_market_qty: Qty(100_000),
        min_notional: dec!(5),
        band: None,
        max_orders: 200,
        status: TradingStatus::Trading,
    }
}

pub fn key(symbol: &str) -> MarketKey {
    MarketKey {
        account: Account::new("sim").unwrap(),
        venue: VenueId::new("binance-futures").unwrap(),
        symbol: Symbol::new(symbol).unwrap(),
        leg: None,
    }
}

/// Numbers that look random and are the same each time.
pub fn noise(seed: u64) -> u64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x51_7cc1_b727_220a;
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 32)
}

pub fn depth(symbol: &str, bid: i64, ask: i64, levels: i64, state: BookState) -> Depth {
    let side = |first: i64, step: i64| -> Arc<[Level]> {
        let level = |i: i64| {
            let draw = noise(first.unsigned_abs() + i.unsigned_abs() * 7) % 1_000;
            let wall = if draw % 17 == 3 { 9_000 } else { 0 };
            Level {
                price: Price(first + step * i),
                qty: Qty(150 + draw as i64 + wall),
            }
        };
        (0..levels).map(level).collect()
    };
    Depth {
        symbol: Symbol::new(symbol).unwrap(),
        state,
        bids: side(bid, -1),
        asks: side(ask, 1),
        known_down_to: Some(Price(bid - levels + 1)),
        known_up_to: Some(Price(ask + levels - 1)),
        proved: NOW,
        changed: NOW,
        lag_ms: 4,
        gaps: 0,
    }
}

pub fn order(side: Side, price: i64, lots: i64, status: OrderStatus) -> OrderRow {
    OrderRow {
        side,
        price: Some(Price(price)),
        trigger: None,
        amending_to: None,
        remaining: Qty(lots),
        total: Qty(lots),
        exit: false,
        status,
        cancelling: false,
        follows: false,
        trails: None,
        plan: String::new(),
        external: false,
        selected: false,
        ahead: Some(Qty(412)),
        wall: None,
        since: NOW,
    }
}

fn trades(around: i64) -> Arc<[Print]> {
    (0..120_u64)
        .map(|i| {
            let draw = noise(i + 3);
            let side = if draw.is_multiple_of(3) {
                Side::Sell
            } else {
                Side::Buy
            };
            let lots = [33, 120, 250, 1_004, 4_120, 18, 6][(draw / 7 % 7) as usize];
            Print {
                symbol: Symbol::new("BTCUSDT").unwrap(),
                side,
                price: Price(around + side.sign() + (draw % 3) as i64 - i as i64 / 9),
                qty: Qty(lots),
                venue_ms: NOW.wall_ms() - 2_100 * i as i64,
            }
        })
        .collect()
}

fn fill(at: usize, side: Side, price: Decimal, liquidity: Liquidity) -> Fill {
    Fill {
        leg: None,
        key: key("BTCUSDT"),
        client: ClientId::new("s1").unwrap(),
        order: crate::domain::OrderId::of_number(1),
        trade: crate::domain::OrderId::of_number(at as u64),
        side,
        price,
        qty: Qty(50),
        fee: dec!(0.61),
        fee_asset: Asset::new("USDT").unwrap(),
        realised: None,
        liquidity,
        venue_ms: NOW.wall_ms() - 7_000 * at as i64,
        at: NOW,
        recovered: false,
    }
}

fn notice(loudness: Loudness, words: &str, age_ms: u64) -> Notice {
    let at = Stamp {
        mono_ns: NOW.mono_ns - age_ms * 1_000_000,
        ..NOW
    };
    Notice {
        loudness,
        words: words.to_owned(),
        at,
        count: 1,
    }
}

fn volume(lots: i64) -> Volume {
    Volume {
        given: String::new(),
        qty: Some(Qty(lots)),
    }
}

fn line(action: &'static str, outcome: Outcome) -> Line {
    Line {
        actions: vec![action],
        outcome,
    }
}

/// What an order of a key would come to.
pub fn foreseen(side: Side, qty: Qty, price: Price, tif: TimeInForce) -> Foreseen {
    Foreseen {
        order: NewOrder {
            key: key("BTCUSDT"),
            id: ClientId::new("next").unwrap(),
            side,
            qty,
            kind: OrderKind::Limit { price, tif },
            intent: Intent::Entry,
            leg: None,
        },
        takes: None,
        ahead: Some(Qty(622)),
        fee: Some(dec!(0.612404)),
        cost_ticks: Some(429),
        after: Some((dec!(0.200), dec!(61_195.125))),
        liquidation: Some(Liquidation {
            price: dec!(55_310.96),
            away: Some(dec!(0.0968)),
        }),
    }
}

/// Lines of the kinds that there are: words, orders that rest, take and close, a refusal.
pub fn lines() -> Vec<Line> {
    let does = |action, preview| line(action, Outcome::Does(Box::new(preview)));
    let bid = Price(612_404);
    let rests = foreseen(Side::Buy, Qty(50), bid, TimeInForce::PostOnly);
    let takes = Foreseen {
        takes: Some(Taken {
            qty: Qty(50),
            average: dec!(61_240.62),
            worst: Price(612_407),
            is_all_seen: true,
        }),
        ahead: None,
        fee: Some(dec!(1.531)),
        cost_ticks: Some(615),
        ..foreseen(Side::Buy, Qty(50), Price(612_406), TimeInForce::Ioc)
    };
    let closes = Foreseen {
        takes: takes.takes.map(|taken| Taken {
            qty: Qty(110),
            ..taken
        }),
        ahead: None,
        cost_ticks: None,
        after: Some((Decimal::ZERO, Decimal::ZERO)),
        liquidation: None,
        order: NewOrder {
            intent: Intent::Exit,
            ..foreseen(Side::Sell, Qty(150), bid, TimeInForce::Ioc).order
        },
        ..takes.clone()
    };
    vec![
        line(
            "cancel-entries",
            Outcome::Words("cancels 2 entries".to_owned()),
        ),
        does("close-100", Preview::Order(closes)),
        line(
            "sell-join",
            Outcome::Refused("exits already cover the position".to_owned()),
        ),
        does("buy-join", Preview::Order(rests)),
        does("buy-now", Preview::Order(takes)),
    ]
}

/// A long position in a busy market.
pub fn full() -> Snapshot {
    let mut orders = vec![
        order(Side::Buy, 612_398, 50, OrderStatus::Working),
        order(Side::Buy, 612_391, 50, OrderStatus::Sent),
        OrderRow {
            cancelling: true,
            ..order(Side::Buy, 612_385, 120, OrderStatus::Working)
        },
        OrderRow {
            exit: true,
            ..order(Side::Sell, 612_419, 50, OrderStatus::Working)
        },
    ];
    orders.push(OrderRow {
        trigger: Some(Price(611_500)),
        price: None,
        exit: true,
        ahead: None,
        ..order(Side::Sell, 0, 150, OrderStatus::Working)
    });
    let mut market = MarketView {
        key: Some(key("BTCUSDT")),
        instrument: Some(Arc::new(instrument("BTCUSDT", "0.10", "0.001"))),
        depth: Some(Arc::new(depth(
            "BTCUSDT",
            612_404,
            612_406,
            600,
            BookState::Live,
        ))),
        state: Some(BookState::Live),
        quiet_ms: 12,
        lag_ms: 4,
        last: trades(612_405).first().copied(),
        prints: trades(612_405),
        mark: Some(dec!(61240.31)),
        funding: Some((dec!(0.0001), 161_000)),
        orders,
        position: PositionRow {
            size: dec!(0.150),
            entry: dec!(61180.0),
            open: Some(dec!(9.06)),
            open_ticks: Some(604),
            open_fraction: Some(dec!(0.00098)),
            realised: dec!(34.89),
            fees: dec!(2.75),
            break_even: Some(dec!(61229.0)),
            liquidation: Some(dec!(55311.2)),
            ..PositionRow::default()
        },
        fills: vec![
            fill(0, Side::Buy, dec!(61181.6), Liquidity::Maker),
            fill(1, Side::Buy, dec!(61176.8), Liquidity::Taker),
            fill(9, Side::Sell, dec!(61204.1), Liquidity::Maker),
        ],
        margin: "10x isolated".to_owned(),
        fees: Some((dec!(0.0002), dec!(0.0005))),
        volumes: [10, 50, 100, 500, 1_000].map(volume).to_vec(),
        volume: 2,
        hints: lines(),
        range: Some((Price(612_300), Price(612_520))),
        ..MarketView::default()
    };
    prints::read(&mut market);
    let mut snapshot = Snapshot {
        now: NOW,
        environment: Environment::Sim,
        venue: "Binance USDⓈ-M".to_owned(),
        account: "sim".to_owned(),
        market,
        symbols: ["BTCUSDT", "BTCUSDC", "ETHUSDT", "DOGEUSDT", "WIFUSDT"]
            .map(str::to_owned)
            .into(),
        arm: ArmState::Armed,
        acks: AckTimes {
            p50_us: 412,
            p99_us: 1_180,
            count: 40,
        },
        terminal_ms: Some(18),
        balances: vec![Balance {
            asset: Asset::new("USDT").unwrap(),
            wallet: dec!(10032.14),
            available: Some(dec!(9114.40)),
        }],
        session: dec!(41.20),
        trips: 7,
        notices: vec![
            notice(Loudness::Info, "BUY 0.050 rests at 61 239.8  0.6ms", 900),
            notice(
                Loudness::Good,
                "bought 0.100 at 61 181.6, maker, fee 0.61",
                3_000,
            ),
            notice(
                Loudness::Warn,
                "SELL refused: it would take; post-only",
                5_000,
            ),
            notice(Loudness::Info, "stop accepted 61 150.0  0.5ms", 20_000),
        ],
        ..Snapshot::default()
    };
    let mut prints: Vec<Print> = snapshot.market.prints.to_vec();
    prints.reverse();
    charts::add(&mut snapshot, &prints, |second| {
        let bid = 612_400 + second as i64 / 20;
        Arc::new(depth("BTCUSDT", bid, bid + 2, 40, BookState::Live))
    });
    snapshot
}

/// Every number extreme, every text foreign.
pub fn hostile() -> Snapshot {
    let nasty = "\u{1b}]0;x\u{7}\u{1b}[2J\u{202e}币安人生\u{200b}e\u{301}\u{9b}31m\r\n";
    let mut snapshot = full();
    let market = &mut snapshot.market;
    market.depth = Some(Arc::new(Depth {
        bids: [(i64::MAX, i64::MAX), (0, 1), (-7, i64::MAX), (i64::MIN, -1)]
            .map(|(p, q)| Level {
                price: Price(p),
                qty: Qty(q),
            })
            .into(),
        asks: [(i64::MIN, i64::MAX), (i64::MAX, i64::MAX)]
            .map(|(p, q)| Level {
                price: Price(p),
                qty: Qty(q),
            })
            .into(),
        ..depth("BTCUSDT", 5, 6, 3, BookState::Live)
    }));
    market.state = Some(BookState::Stale(nasty.repeat(20)));
    market.quiet_ms = u64::MAX;
    market.lag_ms = i64::MIN;
    market.dropped = u64::MAX;
    prints::spoil(market);
    market.funding = Some((Decimal::MAX, i64::MIN));
    market.mark = Some(Decimal::MIN);
    market.margin = nasty.repeat(9);
    market.volumes = [i64::MAX, i64::MIN, 0, -1, 1].map(volume).to_vec();
    market.volumes[4].given = nasty.repeat(9);
    market.volume = 255;
    let odd = Foreseen {
        fee: Some(Decimal::MAX),
        cost_ticks: Some(i64::MIN),
        after: Some((Decimal::MIN, Decimal::MAX)),
        liquidation: Some(Liquidation {
            price: Decimal::MAX,
            away: Some(Decimal::MAX),
        }),
        ..foreseen(Side::Sell, Qty(i64::MIN), Price(i64::MAX), TimeInForce::Gtc)
    };
    market.hints = vec![
        line("\u{1b}", Outcome::Refused(nasty.repeat(30))),
        line("buy-now", Outcome::Words(String::new())),
        line("buy-join", Outcome::Does(Box::new(Preview::Order(odd)))),
    ];
    market.range = Some((Price(i64::MIN), Price(i64::MAX)));
    market.position = PositionRow {
        unread: false,
        size: Decimal::MIN,
        entry: Decimal::MAX,
        open: Some(Decimal::MIN),
        open_ticks: Some(i64::MIN),
        open_fraction: Some(Decimal::MAX),
        realised: Decimal::MAX,
        fees: Decimal::MIN,
        funding: Decimal::MAX,
        break_even: Some(Decimal::MAX),
        liquidation: Some(Decimal::MIN),
        mismatch: true,
        dust: false,
        unknown: true,
        naked: true,
    };
    let status = [
        OrderStatus::Sent,
        OrderStatus::Unknown,
        OrderStatus::Accepted,
        OrderStatus::Working,
    ];
    market.orders = (0..60)
        .map(|i| OrderRow {
            amending_to: Some(Price(i64::MIN)),
            trigger: (i % 3 == 0).then_some(Price(i64::MAX)),
            external: true,
            selected: i % 7 == 0,
            ..order(Side::Sell, i64::MAX - i, i64::MAX, status[(i % 4) as usize])
        })
        .collect();
    snapshot.account = nasty.to_owned();
    snapshot.arm = ArmState::ExitsOnly;
    snapshot.arm_why = nasty.to_owned();
    snapshot.account_state = nasty.to_owned();
    snapshot.elsewhere = vec![nasty.repeat(5); 40];
    snapshot.symbols = vec![nasty.repeat(4); 40].into();
    snapshot.told.words = nasty.repeat(40);
    snapshot.idle_countdown = Some(u64::MAX);
    snapshot.terminal_ms = Some(u64::MAX);
    snapshot.clock_offset_ms = Some(i64::MIN);
    snapshot.bad_messages = u64::MAX;
    snapshot.session = Decimal::MIN;
    snapshot.trips = u32::MAX;
    snapshot.notices = vec![notice(Loudness::Alarm, &nasty.repeat(40), 0); 50];
    let extremes = [i64::MIN, -1, 0, 612_405, i64::MAX];
    let one = snapshot.market.prints.first().copied().unwrap();
    let print = |at: i64| Print {
        price: Price(at),
        qty: Qty(at),
        venue_ms: at,
        ..one
    };
    let book = Arc::new(Depth {
        state: BookState::Live,
        ..snapshot.market.depth.as_deref().cloned().unwrap()
    });
    charts::add(&mut snapshot, &extremes.map(print), |_| Arc::clone(&book));
    snapshot
}

pub fn help() -> HelpText {
    let row = |action: &str, keys: &str, words: &str| HelpRow {
        action: action.to_owned(),
        keys: keys.to_owned(),
        words: words.to_owned(),
    };
    let sell = vec![
        row(
            "sell-now",
            "w",
            "sell now: IOC limit through the bid, the rest cancelled",
        ),
        row("sell-cursor", "e", "sell limit at the cursor"),
        row("sell-join", "r", "sell post-only at the best ask"),
    ];
    let buy = vec![
        row(
            "buy-now",
            "x",
            "buy now: IOC limit through the ask, the rest cancelled",
        ),
        row("buy-join", "v", "buy post-only at the best bid"),
    ];
    let out = vec![
        row(
            "cancel-entries",
            "Space",
            "cancel this symbol's entries; stops and exits stay",
        ),
        row(
            "close-100",
            "0",
            "close all: reduce-only IOC; again: reduce-only market",
        ),
        row(
            "panic",
            "Ctrl-x Ctrl-x",
            "panic everywhere: cancel all, close all, until flat",
        ),
    ];
    let see = vec![
        row("help", "?", "all keys"),
        row("dismiss", "Esc", "close what is open, hide the cursor"),
    ];
    let group = |title: &str, rows| HelpGroup {
        title: title.to_owned(),
        rows,
    };
    HelpText {
        groups: vec![
            group("sell", sell),
            group("buy", buy),
            group("out", out),
            group("see", see),
        ],
    }
}

/// A view that has settled on a snapshot.
pub fn view(snapshot: &Snapshot, columns: u16, rows: u16) -> View {
    let mut view = View::new(columns, rows);
    view.settle(snapshot);
    view
}

/// Notifications of every kind, the newest last told first.
pub fn alerted(count: i64) -> Alerted {
    let mut rows = crate::alerts::Rows::default();
    let venue = VenueId::new("binance-futures").unwrap();
    for number in 0..count {
        let at = usize::try_from(number).unwrap();
        let (kind, ..) = KINDS[at % KINDS.len()];
        let symbol = ["BTCUSDT", "ETHUSDT", "1000000BABYDOGEUSDT"][at % 3];
        let symbol = Symbol::new(symbol).unwrap();
        let words = match kind {
            Kind::Level => "61 200.0 reached from below  range high",
            Kind::Stop => "NAKED BTCUSDT: no stop is proved for 0.150",
            Kind::Fill => "BUY 0.100 filled at 61 181.6 maker, fee 0.61 USDT",
            Kind::Link => "book is STALE (silent 3.2s)",
            _ => "something that happened on the market, in a few more words than fit",
        };
        let alert = || Alert {
            kind,
            market: Some(Market { venue, symbol }),
            weight: match kind {
                Kind::Stop => Weight::Danger,
                Kind::Order => Weight::Quiet,
                _ => Weight::News,
            },
            folds: Folds::Into(number),
            words: words.to_owned(),
            brief: String::new(),
        };
        for _ in 0..=number % 4 {
            rows.take(NOW, alert());
        }
    }
    Alerted {
        unread: rows.unread(),
        rows: rows.shown().clone(),
    }
}
