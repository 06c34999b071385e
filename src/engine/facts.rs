//! What the venue says about the account becomes state, a journal row and a line for the trader. One function a fact.

use crate::domain::message::{AccountTruth, Asked, Balance, LinkState, PositionMode, Proves};
use crate::domain::{
    ClientId, Fact, Fill, Intent, Liquidity, MarketKey, OrderReport, OrderStatus, Outcome,
    PositionReport, Qty, Stamp, TimeInForce,
};

use super::arm::Hold;
use super::desk::Desk;
use super::effect::{Bell, Effects, Loudness};
use super::ledger::{Agreement, Taken};
use super::market::Market;
use super::working::{Change, Order};
use super::{exits, panic, queue, record, send, words};

/// An order that was sent so shortly before the venue listed its orders may be missing from the list, ms.
const ON_ITS_WAY_MS: u64 = 1_000;

/// Takes one fact.
pub(super) fn take(desk: &mut Desk, now: Stamp, fact: Fact, out: &mut Effects) {
    match fact {
        Fact::Link {
            state,
            why,
            planned,
            ..
        } => take_link(desk, now, state, why, planned, out),
        Fact::Written { client, asked, at } => take_written(desk, client, asked, at),
        Fact::Answer {
            key,
            client,
            asked,
            outcome,
            at,
        } => take_answer(desk, at, key, client, asked, &outcome, out),
        Fact::Order(report) => take_order(desk, now, &report, out),
        Fact::Fill(fill) => {
            take_fill(desk, now, &fill, out);
        }
        Fact::Position(report) => take_position(desk, now, report, out),
        Fact::Balance { balance, .. } => take_balance(desk, balance),
        Fact::Funding { key, amount } => take_funding(desk, key, amount, out),
        Fact::Truth { truth, .. } => take_truth(desk, now, &truth, out),
        Fact::Mode {
            mode, can_trade, ..
        } => take_mode(desk, mode, can_trade, out),
        Fact::Settings(settings) => desk.market_mut(settings.key).settings = Some(settings),
        Fact::Clock { offset_ms, .. } => desk.account.clock_offset_ms = Some(offset_ms),
        Fact::Limited { until_ms, .. } => take_limited(desk, now, until_ms, out),
        Fact::Bad { words, .. } => {
            desk.account.bad = desk.account.bad.saturating_add(1);
            out.notice(Loudness::Warn, words);
        }
        Fact::Alarm { key, words } => {
            out.notice(Loudness::Alarm, format!("{}: {words}", key.symbol));
            out.bell(Bell::Alarm);
        }
    }
}

fn take_link(
    desk: &mut Desk,
    now: Stamp,
    state: LinkState,
    why: String,
    planned: bool,
    out: &mut Effects,
) {
    let broke = state == LinkState::Down && desk.account.link != LinkState::Down;
    if broke {
        let words = if why.is_empty() {
            "no reason told"
        } else {
            &why
        };
        out.notice(Loudness::Alarm, format!("account line is down: {words}"));
    }
    if state != LinkState::Ready && !planned && desk.account.synced {
        desk.arm.hold(Hold::Link(now));
    }
    if !planned || state == LinkState::Ready {
        desk.account.link = state;
    }
    desk.account.why = why;
}

fn take_written(desk: &mut Desk, client: ClientId, asked: Asked, at: Stamp) {
    if asked != Asked::Place {
        return;
    }
    let order = desk
        .markets
        .values_mut()
        .find_map(|m| m.orders.get_mut(client));
    if let Some(order) = order {
        order.written.get_or_insert(at);
    }
}

fn take_answer(
    desk: &mut Desk,
    at: Stamp,
    key: MarketKey,
    client: ClientId,
    asked: Asked,
    outcome: &Outcome,
    out: &mut Effects,
) {
    out.journal(record::answer(at, key, client.as_str(), asked, outcome));
    if let Outcome::Rejected {
        proves: Proves::RateLimited { until_ms },
        ..
    } = outcome
    {
        take_limited(desk, at, *until_ms, out);
    }
    match asked {
        Asked::Place => take_place_answer(desk, at, key, client, outcome, out),
        Asked::Cancel => take_cancel_answer(desk, key, client, outcome, out),
        // The machine draws the conclusions of a query and reports them as facts; "not found" alone proves nothing.
        Asked::Query | Asked::Amend => {}
    }
}

/// The answer to an order: what it proves, in words.
pub(super) fn take_place_answer(
    desk: &mut Desk,
    at: Stamp,
    key: MarketKey,
    client: ClientId,
    outcome: &Outcome,
    out: &mut Effects,
) {
    let before = acked(desk, key, client);
    let market = desk.market_mut(key);
    let Some(change) = market.orders.take_place_answer(client, outcome, at) else {
        return;
    };
    note_ack(desk, key, client, before);
    let Some((what, market)) = described(desk, key, client) else {
        return;
    };
    match (change, outcome) {
        (Change::Ended, Outcome::Rejected { code, words, .. }) => {
            out.notice(Loudness::Warn, format!("rejected: {words} {code}"));
            out.bell(Bell::Reject);
        }
        (Change::Ended, Outcome::NotSent(words)) => {
            out.notice(Loudness::Warn, format!("{what} was not sent: {words}"));
            out.bell(Bell::Reject);
        }
        (Change::BecameUnknown, Outcome::Unknown(words)) => {
            out.notice(
                Loudness::Alarm,
                format!("UNKNOWN {what}: {words}; it counts until proved"),
            );
            out.bell(Bell::Alarm);
        }
        _ => {}
    }
    if change != Change::Ended {
        return;
    }
    let status = market
        .orders
        .get(client)
        .map_or(OrderStatus::Rejected, |o| o.status);
    out.journal(record::ended(at, key, client.as_str(), status));
    if let Outcome::Rejected { proves, .. } = outcome {
        exits::refused(desk, key, client, *proves, out);
    }
    exits::step_one(desk, at, key, out);
}

fn take_cancel_answer(
    desk: &mut Desk,
    key: MarketKey,
    client: ClientId,
    outcome: &Outcome,
    out: &mut Effects,
) {
    let Some(order) = desk.market_mut(key).orders.get_mut(client) else {
        return;
    };
    if !order.is_live() {
        return;
    }
    match outcome {
        // Taken is not proved gone: the order's own report ends it.
        Outcome::Accepted { .. } => {}
        // Both leave the cancel on its way: it is sent again until the end is proved.
        Outcome::Unknown(words) | Outcome::NotSent(words) => {
            out.notice(Loudness::Warn, format!("CANCEL UNKNOWN: {words}"));
        }
        Outcome::Rejected {
            proves: Proves::NotFound,
            ..
        } => {
            // It ended some other way: filled before the cancel, most likely. The venue must say.
            send::query(desk, key, client, out);
        }
        Outcome::Rejected { code, words, .. } => {
            order.cancelling = None;
            out.notice(Loudness::Warn, format!("cancel refused: {words} {code}"));
            out.bell(Bell::Reject);
        }
    }
}

fn take_order(desk: &mut Desk, now: Stamp, report: &OrderReport, out: &mut Effects) {
    if is_foreign(desk, report.key, out) {
        return;
    }
    out.journal(record::order(now, report));
    let (key, client) = (report.key, report.order.client);
    let before = acked(desk, key, client);
    let was_cancelling = desk
        .market(&key)
        .and_then(|m| m.orders.get(client))
        .is_some_and(|o| o.cancelling.is_some());
    let own = is_own(desk, client);
    let market = desk.market_mut(key);
    let (change, adopted) = market.orders.take_report(report, own);
    if change == Change::Rests {
        queue::start(market, client);
    }
    note_ack(desk, key, client, before);
    let Some((what, market)) = described(desk, key, client) else {
        return;
    };
    let Some(order) = market.orders.get(client) else {
        return;
    };
    if adopted && !own {
        out.notice(Loudness::Warn, format!("EXTERNAL order: {what}"));
    }
    match change {
        Change::Rests => out.notice(Loudness::Info, rests_words(market, order)),
        Change::BecameUnknown => {
            out.notice(
                Loudness::Alarm,
                format!("UNKNOWN {what}: it counts until proved"),
            );
            out.bell(Bell::Alarm);
        }
        Change::Ended => say_end(order, market, report, was_cancelling, &what, out),
        Change::Overfilled | Change::None => {}
    }
    if change == Change::Overfilled {
        overfilled(desk, key, &what, out);
    }
    if change == Change::Ended {
        exits::step_one(desk, now, key, out);
    }
}

fn rests_words(market: &Market, order: &Order) -> String {
    let Some(instrument) = &market.instrument else {
        return format!("{} rests", order.side.word());
    };
    let at = order.price.map_or_else(String::new, |p| {
        format!(" at {}", words::price(instrument, p))
    });
    let took = order
        .ack_us
        .map_or_else(String::new, |us| format!("  {}", words::took(us)));
    format!(
        "{} rests{at}{took}",
        words::order(instrument, order.side, order.remaining())
    )
}

fn say_end(
    order: &Order,
    market: &Market,
    report: &OrderReport,
    was_cancelling: bool,
    what: &str,
    out: &mut Effects,
) {
    let part = market.instrument.as_ref().map(|instrument| {
        format!(
            "{} of {} filled",
            words::qty(instrument, order.filled),
            words::qty(instrument, order.qty)
        )
    });
    let part = part.filter(|_| !order.filled.is_zero());
    let reason = report
        .reason
        .as_ref()
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    match order.status {
        OrderStatus::Filled if was_cancelling => {
            out.notice(Loudness::Warn, format!("filled, cancel too late: {what}"));
        }
        OrderStatus::Rejected => {
            out.notice(Loudness::Warn, format!("NOT PLACED {what}{reason}"));
            out.bell(Bell::Reject);
        }
        OrderStatus::Cancelled | OrderStatus::Expired => {
            let ioc = matches!(order.tif, None | Some(TimeInForce::Ioc)) && !order.external;
            let words = match (part, ioc) {
                (Some(part), _) => format!("{part}, rest cancelled{reason}"),
                (None, true) => format!("nothing filled of {what}, cancelled{reason}"),
                (None, false) if order.status == OrderStatus::Expired => {
                    format!("expired {what}{reason}")
                }
                (None, false) => format!("cancelled {what}{reason}"),
            };
            out.notice(Loudness::Info, words);
        }
        _ => {}
    }
}

/// True when the fill was new.
fn take_fill(desk: &mut Desk, now: Stamp, fill: &Fill, out: &mut Effects) -> bool {
    if is_foreign(desk, fill.key, out) {
        return false;
    }
    let before = acked(desk, fill.key, fill.client);
    let market = desk.market_mut(fill.key);
    let instrument = market.instrument.clone();
    let taken = market.ledger.take_fill(fill, instrument.as_deref());
    if taken == Taken::Duplicate {
        return false;
    }
    let change = market.orders.take_fill(fill);
    out.journal(record::fill(now, fill));
    note_ack(desk, fill.key, fill.client, before);
    out.notice(Loudness::Good, fill_words(desk, fill, change.is_none()));
    out.bell(Bell::Fill);
    if change == Some(Change::Overfilled) {
        overfilled(desk, fill.key, "a fill", out);
    }
    if taken == Taken::Overflow {
        overfilled(desk, fill.key, "a fill that does not fit", out);
    }
    if change == Some(Change::Ended) {
        exits::step_one(desk, now, fill.key, out);
    }
    true
}

fn fill_words(desk: &Desk, fill: &Fill, external: bool) -> String {
    let instrument = desk.market(&fill.key).and_then(|m| m.instrument.as_deref());
    let what = match instrument {
        Some(instrument) => format!(
            "{} filled at {}",
            words::order(instrument, fill.side, fill.qty),
            words::average(instrument, fill.price)
        ),
        None => format!(
            "{} {}: {} lots filled at {}",
            fill.key.symbol,
            fill.side.word(),
            fill.qty.0,
            fill.price.normalize()
        ),
    };
    let liquidity = match fill.liquidity {
        Liquidity::Maker => "maker",
        Liquidity::Taker => "taker",
    };
    let mark = if external { "EXTERNAL " } else { "" };
    let recovered = if fill.recovered { " (recovered)" } else { "" };
    format!(
        "{mark}{what} {liquidity}, fee {} {}{recovered}",
        words::number(fill.fee, 4),
        fill.fee_asset
    )
}

fn overfilled(desk: &mut Desk, key: MarketKey, what: &str, out: &mut Effects) {
    desk.market_mut(key).ledger.note_overfill();
    out.notice(
        Loudness::Alarm,
        format!("{}: {what} is more than was ordered", key.symbol),
    );
    out.bell(Bell::Alarm);
    send::reconcile(out);
}

fn take_position(desk: &mut Desk, now: Stamp, report: PositionReport, out: &mut Effects) {
    if is_foreign(desk, report.key, out) {
        return;
    }
    out.journal(record::position(now, &report));
    desk.market_mut(report.key).ledger.take_position(report);
}

fn take_balance(desk: &mut Desk, balance: Balance) {
    let known = desk
        .account
        .balances
        .iter_mut()
        .find(|b| b.asset == balance.asset);
    match known {
        Some(known) => {
            known.wallet = balance.wallet;
            known.available = balance.available.or(known.available);
        }
        None => desk.account.balances.push(balance),
    }
}

fn take_funding(desk: &mut Desk, key: MarketKey, amount: rust_decimal::Decimal, out: &mut Effects) {
    desk.market_mut(key).ledger.take_funding(amount);
    out.notice(
        Loudness::Info,
        format!(
            "{} funding {}",
            key.symbol,
            words::signed(amount.round_dp(4))
        ),
    );
}

fn take_mode(desk: &mut Desk, mode: PositionMode, can_trade: bool, out: &mut Effects) {
    desk.account.mode = Some(mode);
    if mode == PositionMode::Hedge {
        if desk.arm.hold(Hold::Hedge) {
            out.notice(
                Loudness::Alarm,
                "hedge mode: view and cancel only; set one-way mode at the venue",
            );
        }
    } else {
        desk.arm.release(|hold| *hold == Hold::Hedge);
    }
    if can_trade {
        desk.arm.release(|hold| *hold == Hold::NoTrade);
    } else if desk.arm.hold(Hold::NoTrade) {
        out.notice(
            Loudness::Alarm,
            "this key may not trade: give it the trading right at the venue",
        );
    }
}

fn take_limited(desk: &mut Desk, now: Stamp, until_ms: i64, out: &mut Effects) {
    desk.arm.release(|hold| matches!(hold, Hold::Limited(_)));
    let left = until_ms.saturating_sub(now.wall_ms());
    if let Ok(left) = u64::try_from(left)
        && left > 0
    {
        desk.arm.hold(Hold::Limited(until_ms));
        out.notice(
            Loudness::Alarm,
            format!("RATE LIMIT {}: entries wait", words::seconds(left)),
        );
    }
}

fn take_truth(desk: &mut Desk, now: Stamp, truth: &AccountTruth, out: &mut Effects) {
    let first = !desk.account.synced;
    let held = standing(desk);
    take_positions(desk, now, truth, out);
    let mut new_fills = false;
    for fill in &truth.fills {
        new_fills |= take_fill(desk, now, fill, out);
    }
    for report in &truth.orders {
        take_order(desk, now, report, out);
    }
    ask_for_absent(desk, truth, out);
    for balance in &truth.balances {
        take_balance(desk, *balance);
    }
    for market in desk.markets.values_mut() {
        market.ledger.settle();
    }
    desk.account.synced = true;
    let listed = truth.orders.len();
    let known: usize = desk.markets().map(|m| m.orders.live().count()).sum();
    let equal = !new_fills && held == standing(desk) && listed == known;
    if desk.arm.truth(equal, now) {
        out.notice(Loudness::Info, "reconnected: nothing changed");
    }
    if first {
        say_found(desk, out);
    }
    compare(desk, now, out);
    panic::verify(desk, truth.at, out);
}

/// Positions and live orders, to see whether account truth changed anything.
fn standing(desk: &Desk) -> Vec<(MarketKey, rust_decimal::Decimal, Vec<(ClientId, Qty)>)> {
    desk.markets()
        .map(|m| {
            let orders = m
                .orders
                .live()
                .map(|o| (o.order.client, o.remaining()))
                .collect::<Vec<_>>();
            (m.key, m.ledger.size(), orders)
        })
        .filter(|(_, size, orders)| !size.is_zero() || !orders.is_empty())
        .collect()
}

fn take_positions(desk: &mut Desk, now: Stamp, truth: &AccountTruth, out: &mut Effects) {
    for report in &truth.positions {
        take_position(desk, now, *report, out);
    }
    let named = |key: &MarketKey| truth.positions.iter().any(|p| p.key == *key);
    for market in desk.markets.values_mut() {
        if !named(&market.key) {
            market.ledger.take_absence(PositionReport {
                key: market.key,
                size: rust_decimal::Decimal::ZERO,
                entry: rust_decimal::Decimal::ZERO,
                liquidation: None,
                venue_ms: 0,
                at: truth.at,
            });
        }
    }
}

/// A live order that the venue does not list ended somehow: absence is not proof of how, so the venue is asked.
fn ask_for_absent(desk: &Desk, truth: &AccountTruth, out: &mut Effects) {
    for market in desk.markets() {
        for order in market.orders.live() {
            let client = order.order.client;
            let listed = truth
                .orders
                .iter()
                .any(|r| r.key == market.key && r.order.client == client);
            let young = order.since.plus_ms(ON_ITS_WAY_MS).mono_ns > truth.at.mono_ns;
            if !listed && !young {
                send::query(desk, market.key, client, out);
            }
        }
    }
}

fn say_found(desk: &Desk, out: &mut Effects) {
    for market in desk.markets() {
        let orders = market.orders.live().count();
        let size = market.ledger.size();
        if orders == 0 && size.is_zero() {
            continue;
        }
        let position = market.instrument.as_ref().map_or_else(
            || words::signed(size),
            |instrument| words::position(instrument, size, market.ledger.entry()),
        );
        out.notice(
            Loudness::Warn,
            format!("found {}: {position}, {orders} orders", market.key.symbol),
        );
    }
}

/// Compares own fills with the venue's positions on every market.
pub(super) fn compare(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    for market in desk.markets.values_mut() {
        match market.ledger.compare(now) {
            Agreement::Same => {}
            Agreement::Lost(words) => {
                desk.arm.hold(Hold::Mismatch(market.key));
                out.notice(Loudness::Alarm, format!("{}: {words}", market.key.symbol));
                out.bell(Bell::Alarm);
                send::reconcile(out);
            }
            Agreement::Restored => {
                let key = market.key;
                desk.arm.release(|hold| *hold == Hold::Mismatch(key));
                out.notice(
                    Loudness::Info,
                    format!("{}: own fills and the venue agree again", key.symbol),
                );
            }
        }
    }
}

/// A message about an account that is not this desk's is never booked.
fn is_foreign(desk: &mut Desk, key: MarketKey, out: &mut Effects) -> bool {
    let foreign = key.account != desk.settings.account || key.venue != desk.settings.venue;
    if foreign {
        desk.account.bad = desk.account.bad.saturating_add(1);
        out.notice(
            Loudness::Alarm,
            format!(
                "a message about another account ({}) was not booked",
                key.account
            ),
        );
    }
    foreign
}

fn is_own(desk: &Desk, client: ClientId) -> bool {
    let name = client.as_str();
    name.starts_with(&desk.settings.session)
        || desk
            .settings
            .earlier_sessions
            .iter()
            .any(|session| name.starts_with(session.as_str()))
}

fn acked(desk: &Desk, key: MarketKey, client: ClientId) -> bool {
    desk.market(&key)
        .and_then(|m| m.orders.get(client))
        .is_none_or(|o| o.ack_us.is_some())
}

fn note_ack(desk: &mut Desk, key: MarketKey, client: ClientId, before: bool) {
    if before {
        return;
    }
    let micros = desk
        .market(&key)
        .and_then(|m| m.orders.get(client))
        .and_then(|o| o.ack_us);
    if let Some(micros) = micros {
        desk.acks.add(micros);
    }
}

/// `BUY 0.050 at 61 239.8`, and the market.
fn described(desk: &Desk, key: MarketKey, client: ClientId) -> Option<(String, &Market)> {
    let market = desk.market(&key)?;
    let order = market.orders.get(client)?;
    let Some(instrument) = &market.instrument else {
        return Some((format!("{} {}", order.side.word(), key.symbol), market));
    };
    let what = words::order(instrument, order.side, order.qty);
    let at = match (order.price, order.intent) {
        (Some(price), _) => format!(" at {}", words::price(instrument, price)),
        (None, Intent::Exit) => " close".to_owned(),
        (None, Intent::Entry) => String::new(),
    };
    Some((format!("{what}{at}"), market))
}
