//! Builds a frame's data from the desk and the readings. Pure.

use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::alerts::Mark;
use crate::domain::message::{LinkState, MarginMode};
use crate::domain::{
    BookState, Callback, Environment, Fill, Instrument, Intent, MarketKey, OrderClass, OrderStatus,
    Price, Qty, Stamp,
};
use crate::engine::arm::Armed;
use crate::engine::desk::AccountState;
use crate::engine::line::told::Told;
use crate::engine::market::Market;
use crate::engine::sizing;
use crate::engine::volume::Size;
use crate::engine::working::Order;
use crate::engine::{Desk, guard, health, plans, replace};
use crate::market::Readings;

use super::{
    AckTimes, Alerted, ArmState, BY_LANCET, DiaryView, MarketView, Notice, OrderRow, OtherLeg,
    PositionRow, Snapshot, Tab, Volume,
};

/// What only the app knows of a frame, beside the desk and the readings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// The focused ladder.
    pub focus: Option<MarketKey>,
    /// Prints dropped because the desk was behind.
    pub dropped: u64,
    /// Names of the panels that show this ladder's market: what none of them reads is left out.
    pub panels: &'a [&'static str],
    /// The number of the charts' time frame.
    pub frame: usize,
    /// The trader's signal levels on that market.
    pub levels: Option<&'a Arc<[Mark]>>,
}

/// Builds the data of one frame.
pub fn of(desk: &Desk, readings: Option<&Readings>, now: Stamp, beside: Beside<'_>) -> Snapshot {
    let account = desk.account();
    let settings = desk.settings();
    let acks = desk.acks();
    Snapshot {
        now,
        environment: settings.environment,
        is_unsafe: settings.is_unsafe,
        venue: settings.venue_title.clone(),
        account: settings.account.to_string(),
        market: market_view(desk, readings, now, beside),
        diary: diary(desk, beside.focus),
        symbols: desk.symbols().clone(),
        arm: arm_state(desk),
        arm_why: desk.arm().words(),
        arm_line: desk.arm_line(),
        idle_countdown: desk.arm().countdown(now),
        acks: AckTimes {
            p50_us: acks.percentile(50),
            p99_us: acks.percentile(99),
            count: acks.count(),
        },
        terminal_ms: desk.arm().latest_link(),
        clock_offset_ms: account
            .clock_offset_ms
            .filter(|ms| ms.abs() >= CLOCK_MATTERS_MS),
        account_state: if settings.has_key {
            account_words(account)
        } else {
            String::new()
        },
        key_words: account.key_words.clone(),
        balances: account.balances.clone(),
        session: desk.settled_result(),
        trips: desk
            .markets()
            .fold(0, |sum, m| sum.saturating_add(m.ledger.trips())),
        equity: Some(desk.equity())
            .filter(|_| beside.panels.contains(&"equity"))
            .cloned(),
        bad_messages: account.bad,
        elsewhere: elsewhere(desk, beside.focus),
        left_open: Vec::new(),
        strip: Vec::new(),
        pages: Vec::new(),
        leader: None,
        others: Vec::new(),
        beside: Vec::new(),
        log: Vec::new(),
        pending: guard::pending(desk),
        notices: desk
            .notices()
            .map(|line| Notice {
                loudness: line.loudness,
                words: line.words.clone(),
                at: line.at,
                count: line.count,
            })
            .collect(),
        alerts: Alerted::default(),
        told: Told::default(),
        playing: None,
    }
}

fn diary(desk: &Desk, focus: Option<MarketKey>) -> DiaryView {
    let diary = desk.diary();
    let open = focus.and_then(|key| diary.open(&desk.shown(key)));
    let (tag, note) = open.unwrap_or_default();
    DiaryView {
        latest: diary.latest().clone(),
        session: diary.session().clone(),
        ever: diary.ever().cloned(),
        tags: diary.tags().clone(),
        open: (tag.to_owned(), note.to_owned()),
    }
}

/// One open ladder as the strip shows it.
pub fn tab(desk: &Desk, key: MarketKey, now: Stamp, has_keys: bool) -> Tab {
    let shown = desk.market(&desk.shown(key));
    let position = shown.map(position_row).unwrap_or_default();
    let sign = if position.dust || position.size.is_zero() {
        0
    } else if position.size.is_sign_positive() {
        1
    } else {
        -1
    };
    Tab {
        symbol: key.symbol,
        venue: desk.settings().venue_title.clone(),
        has_keys,
        sign,
        orders: desk
            .of_symbol(key)
            .map(|market| market.orders.live().count())
            .sum(),
        arm: arm_state(desk),
        trouble: shown.map_or("", |market| trouble(desk, market, &position, now)),
    }
}

/// What is wrong, the worst first.
const TROUBLES: [&str; 7] = [
    "UNKNOWN",
    "MISMATCH",
    "NO STOP",
    "ACCOUNT DOWN",
    "DOWN",
    "STALE",
    "RESYNC",
];

/// The worst of several troubles; empty where nothing is wrong.
pub fn worst(all: impl Iterator<Item = &'static str>) -> &'static str {
    let rank = |trouble: &&str| TROUBLES.iter().position(|known| known == trouble);
    all.filter(|trouble| !trouble.is_empty())
        .min_by_key(|trouble| rank(trouble).unwrap_or(usize::MAX))
        .unwrap_or_default()
}

/// The worst that is wrong with a market, in a word.
fn trouble(desk: &Desk, market: &Market, position: &PositionRow, now: Stamp) -> &'static str {
    let account = desk.account();
    let lost = desk.settings().has_key && account.link == LinkState::Down;
    match health::state(market, now) {
        _ if position.unknown => "UNKNOWN",
        _ if position.mismatch => "MISMATCH",
        _ if position.naked => "NO STOP",
        _ if lost => "ACCOUNT DOWN",
        BookState::Live => "",
        BookState::Stale(_) => "STALE",
        BookState::Resync(_) => "RESYNC",
        BookState::Down(_) => "DOWN",
    }
}

fn arm_state(desk: &Desk) -> ArmState {
    match desk.arm().state() {
        Armed::Armed => ArmState::Armed,
        Armed::ExitsOnly => ArmState::ExitsOnly,
        Armed::Locked => ArmState::Locked,
    }
}

/// Own fills shown.
const SHOWN_FILLS: usize = 100;
/// A clock offset below this is not worth a place on the screen, ms.
const CLOCK_MATTERS_MS: i64 = 250;

fn account_words(account: &AccountState) -> String {
    match account.link {
        LinkState::Ready if account.synced => String::new(),
        LinkState::Ready | LinkState::Reconciling => "reconciling".to_owned(),
        LinkState::Down if account.why.is_empty() => "down".to_owned(),
        LinkState::Down => format!("down: {}", account.why),
    }
}

/// Orders in flight or unknown on the markets of a desk but this one.
pub fn elsewhere(desk: &Desk, focus: Option<MarketKey>) -> Vec<String> {
    let waits = |status| {
        desk.markets()
            .filter(|m| Some(m.key.of_leg(None)) != focus)
            .map(move |m| {
                let count = m.orders.live().filter(|o| o.status == status).count();
                (m.key.symbol, count)
            })
            .filter(|(_, count)| *count > 0)
    };
    let unknown = waits(OrderStatus::Unknown).map(|(s, n)| format!("{s}: {n} unknown"));
    let sent = waits(OrderStatus::Sent).map(|(s, n)| format!("{s}: {n} in flight"));
    unknown.chain(sent).collect()
}

fn market_view(
    desk: &Desk,
    readings: Option<&Readings>,
    now: Stamp,
    beside: Beside<'_>,
) -> MarketView {
    let tape = readings.map(|readings| &readings.tape);
    let Some(key) = beside.focus.map(|key| desk.shown(key)) else {
        return MarketView::default();
    };
    let shows = |panel| beside.panels.contains(&panel);
    let columns = readings.and_then(|readings| readings.clusters.columns(beside.frame));
    let tape_part = MarketView {
        clusters: columns.filter(|_| shows("clusters")).cloned(),
        candles: readings
            .filter(|_| shows("candles"))
            .and_then(|readings| readings.candles.picture(beside.frame)),
        heat: readings
            .filter(|_| shows("heat"))
            .map(|readings| readings.heat.picture()),
        key: Some(key),
        instrument: desk.instrument(key.venue, key.symbol).cloned(),
        last: tape.and_then(|tape| tape.last()),
        prints: tape.map_or_else(|| Arc::from([]), |tape| tape.prints().clone()),
        range: tape.and_then(|tape| tape.range()),
        extremes: readings.and_then(|readings| readings.volumes.extremes()),
        session_volume: readings.map(|readings| Arc::clone(readings.volumes.session())),
        recent_volume: readings.map(|readings| Arc::clone(readings.volumes.recent())),
        changed: readings.and_then(|readings| readings.changes.pair()),
        sizes: readings.map(|readings| Arc::clone(readings.sizes.shown())),
        icebergs: readings.map_or_else(Arc::default, |readings| {
            Arc::clone(readings.icebergs.shown())
        }),
        dropped: beside.dropped,
        levels: beside.levels.cloned().unwrap_or_default(),
        view_only: desk.settings().view_only.contains(&key.symbol),
        volume: desk.settings().volume,
        ..MarketView::default()
    };
    let whole = key.of_leg(None);
    let Some(market) = desk.market(&key).or_else(|| desk.market(&whole)) else {
        return tape_part;
    };
    let mut view = MarketView {
        instrument: market.instrument.clone().or(tape_part.instrument.clone()),
        depth: market.depth.clone(),
        state: Some(health::state(market, now)),
        quiet_ms: market
            .depth
            .as_ref()
            .map_or(0, |depth| now.ms_since(depth.changed)),
        lag_ms: market.depth.as_ref().map_or(0, |depth| depth.lag_ms),
        mark: market.mark.map(|m| m.mark),
        funding: market
            .mark
            .map(|m| (m.funding, until(desk, now, m.next_funding_ms))),
        orders: order_rows(desk, key),
        position: PositionRow {
            unread: !desk.account().synced && desk.settings().environment != Environment::Replay,
            ..position_row(market)
        },
        other_leg: other_leg(desk, key),
        fills: fills(desk, key),
        margin: margin_words(market, desk.is_hedge()),
        fees: market.settings.and_then(|s| s.maker_fee.zip(s.taker_fee)),
        volumes: volumes(desk, market),
        volume: market.volume,
        ..tape_part
    };
    if let Some(readings) = readings {
        super::prints::add(&mut view, readings, beside.panels);
    }
    view
}

fn volumes(desk: &Desk, market: &Market) -> Vec<Volume> {
    let row = |size: &Size| Volume {
        given: if size.is_relative() {
            size.to_string()
        } else {
            String::new()
        },
        qty: sizing::shown(desk, market, *size).ok(),
    };
    market.volumes.iter().map(row).collect()
}

/// Milliseconds until a moment of the venue's clock.
fn until(desk: &Desk, now: Stamp, venue_ms: i64) -> i64 {
    let offset = desk.account().clock_offset_ms.unwrap_or_default();
    venue_ms
        .saturating_sub(now.wall_ms())
        .saturating_sub(offset)
}

fn other_leg(desk: &Desk, key: MarketKey) -> Option<OtherLeg> {
    let key = desk.other_key(key)?;
    let market = desk.market(&key);
    Some(OtherLeg {
        leg: key.leg?,
        size: market.map_or(Decimal::ZERO, |m| m.ledger.size()),
        entry: market.map_or(Decimal::ZERO, |m| m.ledger.entry()),
        naked: market.is_some_and(|m| m.protection.is_naked()),
    })
}

/// Own fills of the symbol, newest first, as many as are shown.
fn fills(desk: &Desk, key: MarketKey) -> Vec<Fill> {
    let mut all: Vec<Fill> = desk
        .of_symbol(key)
        .flat_map(|market| market.ledger.fills().iter().copied())
        .collect();
    all.sort_by_key(|fill| {
        std::cmp::Reverse((fill.venue_ms, fill.trade.as_str().len(), fill.trade))
    });
    all.truncate(SHOWN_FILLS);
    all
}

fn order_rows(desk: &Desk, key: MarketKey) -> Vec<OrderRow> {
    let max_moves = desk.settings().chase.max_moves;
    desk.of_symbol(key)
        .flat_map(|market| market.orders.live().map(move |order| (market, order)))
        .map(|(market, order)| order_row(desk, market, order, max_moves))
        .chain(desk.of_symbol(key).filter_map(own_stop))
        .collect()
}

/// A stop that Lancet itself carries, drawn where it fires.
fn own_stop(market: &Market) -> Option<OrderRow> {
    let stop = market.protection.stop.filter(|_| market.is_spot())?;
    let lots = Qty(market.ledger.lots(market.instrument.as_deref()?));
    Some(OrderRow {
        side: market.ledger.side()?.opposite(),
        price: None,
        trigger: Some(stop.trigger),
        amending_to: None,
        remaining: lots,
        total: lots,
        exit: true,
        status: OrderStatus::Working,
        cancelling: false,
        follows: stop.trail.is_some(),
        trails: None,
        plan: BY_LANCET.to_owned(),
        external: false,
        selected: false,
        ahead: None,
        wall: None,
        since: Stamp::default(),
    })
}

fn order_row(desk: &Desk, market: &Market, order: &Order, max_moves: u32) -> OrderRow {
    let client = order.order.client;
    OrderRow {
        side: order.side,
        price: order.price,
        trigger: trigger(market, order),
        amending_to: order
            .amending
            .map(|amending| amending.price)
            .or_else(|| replace::goes_to(market, client)),
        remaining: order.remaining(),
        total: order.qty,
        exit: order.intent == Intent::Exit,
        status: order.status,
        cancelling: order.cancelling.is_some(),
        follows: market.protection.follows_with(client),
        trails: venue_trail(order),
        plan: plans::mark(desk, market, client, max_moves),
        external: order.external,
        selected: market.selected == Some(client),
        ahead: order.ahead,
        wall: plans::wall_of(market, client),
        since: order.since,
    }
}

/// Where it waits; a stop entry that fired rests at its limit.
fn trigger(market: &Market, order: &Order) -> Option<Price> {
    let waits = order.order.class == OrderClass::Conditional || order.intent == Intent::Exit;
    market.protection.trigger_of(order).filter(|_| waits)
}

/// Of a stop that waits and that the venue moves, basis points.
fn venue_trail(order: &Order) -> Option<u32> {
    match (order.order.class, order.callback) {
        (OrderClass::Conditional, Some(Callback::Rate(rate))) => Some(rate),
        _ => None,
    }
}

fn position_row(market: &Market) -> PositionRow {
    let ledger = &market.ledger;
    let own = ledger.own();
    let (size, entry) = (ledger.size(), ledger.entry());
    let row = PositionRow {
        size,
        entry,
        realised: own.realised,
        fees: own.fees,
        funding: own.funding,
        liquidation: ledger.venue().and_then(|venue| venue.liquidation),
        mismatch: ledger.is_mismatch(),
        naked: market.protection.is_naked(),
        unknown: market
            .orders
            .live()
            .any(|order| order.status == OrderStatus::Unknown),
        ..PositionRow::default()
    };
    let Some(instrument) = market.instrument.as_deref() else {
        return row;
    };
    let exit = market.exit_price();
    let open = exit.and_then(|exit| ledger.open_pnl(exit, instrument));
    PositionRow {
        open,
        open_ticks: exit.and_then(|exit| ticks_gained(size, entry, exit, instrument)),
        open_fraction: open.and_then(|open| {
            let worth = instrument.notional(entry, size.abs())?;
            open.checked_div(worth)
        }),
        break_even: ledger.break_even(market.fee_rates().1, instrument),
        dust: is_dust(size, exit, instrument),
        ..row
    }
}

fn ticks_gained(
    size: Decimal,
    entry: Decimal,
    exit: Decimal,
    instrument: &Instrument,
) -> Option<i64> {
    let gained = if size.is_sign_positive() {
        exit.checked_sub(entry)?
    } else {
        entry.checked_sub(exit)?
    };
    let ticks = gained.checked_div(instrument.tick.decimal(1))?;
    ticks.round().to_i64()
}

/// Under one lot, or under the venue's smallest order.
fn is_dust(size: Decimal, price: Option<Decimal>, instrument: &Instrument) -> bool {
    if size.is_zero() {
        return false;
    }
    let worth = price.and_then(|price| instrument.notional(price, size.abs()));
    size.abs() < instrument.lot.decimal(1)
        || worth.is_some_and(|worth| worth < instrument.min_notional)
}

/// `10x cross`.
fn margin_words(market: &Market, hedge: bool) -> String {
    let hedge = hedge.then(|| "hedge".to_owned());
    let Some(settings) = market.settings else {
        return hedge.unwrap_or_default();
    };
    let leverage = settings.leverage.map(|times| format!("{times}x"));
    let mode = settings.margin.map(|mode| match mode {
        MarginMode::Cross => "cross".to_owned(),
        MarginMode::Isolated => "isolated".to_owned(),
    });
    [leverage, mode, hedge]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}
