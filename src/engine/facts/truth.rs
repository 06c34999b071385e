//! Account truth after a (re)connect: everything at one moment, compared with what was known. Rule 4.

use rust_decimal::Decimal;

use crate::domain::message::AccountTruth;
use crate::domain::{ClientId, MarketKey, PositionReport, Qty, Stamp};
use crate::engine::desk::Desk;
use crate::engine::effect::{Effects, Loudness};
use crate::engine::{panic, protect, record, send, words};

use super::orders::{take_fill, take_order};
use super::{compare, take_balance, take_position};

/// An order that was sent so shortly before the venue listed its orders may be missing from the list, ms.
const ON_ITS_WAY_MS: u64 = 1_000;

/// What stands on one market: position, and what may still fill of each order.
#[derive(Debug, PartialEq)]
struct Standing {
    key: MarketKey,
    size: Decimal,
    orders: Vec<(ClientId, Qty)>,
}

/// Takes everything, asks for what is missing, and tells whether anything changed.
pub(super) fn take_truth(desk: &mut Desk, now: Stamp, truth: &AccountTruth, out: &mut Effects) {
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
fn standing(desk: &Desk) -> Vec<Standing> {
    desk.markets()
        .map(|m| Standing {
            key: m.key,
            size: m.ledger.size(),
            orders: m
                .orders
                .live()
                .map(|o| (o.order.client, o.remaining()))
                .collect(),
        })
        .filter(|s| !s.size.is_zero() || !s.orders.is_empty())
        .collect()
}

fn take_positions(desk: &mut Desk, now: Stamp, truth: &AccountTruth, out: &mut Effects) {
    let open = |report: &&PositionReport| !report.size.is_zero();
    for report in truth.positions.iter().filter(open) {
        take_position(desk, now, *report, out);
    }
    let named = |key: &MarketKey| {
        let mut rows = truth.positions.iter().filter(open);
        rows.any(|p| p.key.of_leg(p.leg) == *key)
    };
    for market in desk.markets.values_mut() {
        // Of coins there is no list of positions to be absent from.
        if named(&market.key) || market.is_spot() {
            continue;
        }
        let flat = PositionReport {
            key: market.key,
            leg: market.key.leg,
            size: Decimal::ZERO,
            entry: Decimal::ZERO,
            liquidation: None,
            venue_ms: 0,
            at: truth.at,
        };
        let was_open = market.ledger.venue().is_some_and(|v| !v.size.is_zero());
        market.ledger.take_absence(flat);
        if was_open && market.ledger.venue().is_some_and(|v| v.size.is_zero()) {
            out.journal(record::position(now, &flat));
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
                .any(|r| r.key == market.key.of_leg(None) && r.order.client == client);
            let young = order.since.plus_ms(ON_ITS_WAY_MS).mono_ns > truth.at.mono_ns;
            if !listed && !young {
                send::query(desk, market.key, client, out);
            }
        }
    }
}

fn say_found(desk: &Desk, out: &mut Effects) {
    for market in desk.markets() {
        let size = market.ledger.size();
        let stop = market.orders.live().find(|order| protect::is_stop(order));
        let orders = market.orders.live().filter(|o| !protect::is_stop(o));
        let orders = orders.count();
        if orders == 0 && size.is_zero() && stop.is_none() {
            continue;
        }
        let position = market.instrument.as_ref().map_or_else(
            || words::signed(size),
            |instrument| words::position(instrument, size, market.ledger.entry()),
        );
        let at = stop
            .and_then(|stop| stop.trigger)
            .zip(market.instrument.as_ref());
        let stop = match at {
            Some((at, rules)) => format!(", stop at {}", words::price(rules, at)),
            None if !size.is_zero() => ", no stop".to_owned(),
            None => String::new(),
        };
        let plural = if orders == 1 { "" } else { "s" };
        out.notice(
            Loudness::Warn,
            format!(
                "found {}: {position}, {orders} order{plural}{stop}",
                words::market(market.key)
            ),
        );
    }
}
