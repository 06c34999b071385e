//! What the venue says about the account becomes state, a journal row and a line for the trader. One function a fact.

pub(super) mod orders;
mod truth;

use crate::domain::message::{
    Asked, Balance, LinkState, MarginMode, PositionMode, Proves, Setting,
};
use crate::domain::text::sanitise;
use crate::domain::{ClientId, Fact, MarketKey, Outcome, PositionReport, Stamp};

use super::arm::Hold;
use super::desk::Desk;
use super::effect::{About, Effects, Loudness};
use super::ledger::Agreement;
use super::{diary, moves, record, send, words};

/// A longer reason for a broken line is cut, characters.
const LONGEST_WHY: usize = 80;

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
        } => {
            let key = desk.whose(key, None, client);
            take_answer(desk, at, key, client, asked, &outcome, out);
        }
        Fact::Order(report) => orders::take_order(desk, now, &report, out),
        Fact::Fill(fill) => {
            orders::take_fill(desk, now, &fill, out);
        }
        Fact::Position(report) => take_position(desk, now, report, out),
        Fact::Balance { balance, .. } => take_balance(desk, balance),
        Fact::Funding { key, amount } => take_funding(desk, now, key, amount, out),
        Fact::Truth { truth, .. } => truth::take_truth(desk, now, &truth, out),
        Fact::Mode {
            mode, can_trade, ..
        } => take_mode(desk, mode, can_trade, out),
        Fact::Settings(settings) => {
            desk.market_mut(settings.key);
            desk.each_of(settings.key, |market| market.settings = Some(settings));
        }
        Fact::Set {
            setting, outcome, ..
        } => take_set(setting, &outcome, out),
        Fact::Clock { offset_ms, .. } => desk.account.clock_offset_ms = Some(offset_ms),
        Fact::Limited { until_ms, .. } => take_limited(desk, now, until_ms, out),
        Fact::KeyRefused { words, .. } => take_key_refused(desk, &words, out),
        Fact::Bad { words, .. } => {
            desk.account.bad = desk.account.bad.saturating_add(1);
            out.notice(Loudness::Warn, words);
        }
        Fact::Alarm { key, words } => {
            let words = format!("{}: {words}", key.symbol);
            let about = (About::Risk, Some(key));
            out.alert(about, "the venue warns", Loudness::Alarm, words);
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
    if state == LinkState::Ready {
        desk.arm.release(|hold| *hold == Hold::KeyRefused);
    }
    if !planned || state == LinkState::Ready {
        desk.account.link = state;
    }
    desk.account.why = sanitise(&why, LONGEST_WHY);
}

fn take_written(desk: &mut Desk, client: ClientId, asked: Asked, at: Stamp) {
    desk.presses.written(client, asked, at);
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
    desk.presses.answered(client, asked, outcome, at);
    if let Outcome::Rejected {
        proves: Proves::RateLimited { until_ms },
        ..
    } = outcome
    {
        take_limited(desk, at, *until_ms, out);
    }
    match asked {
        Asked::Place => orders::take_place_answer(desk, at, key, client, outcome, out),
        Asked::Cancel => orders::take_cancel_answer(desk, key, client, outcome, out),
        // The machine draws the conclusions of a query and reports them as facts; "not found" alone proves nothing.
        Asked::Amend => moves::take_answer(desk, key, client, outcome, out),
        Asked::Query => {}
    }
}

fn take_position(desk: &mut Desk, now: Stamp, report: PositionReport, out: &mut Effects) {
    if is_foreign(desk, report.key, out) {
        return;
    }
    out.journal(record::position(now, &report));
    let key = report.key.of_leg(report.leg);
    desk.market_mut(key).ledger.take_position(report);
}

fn take_balance(desk: &mut Desk, balance: Balance) {
    let known = desk
        .account
        .balances
        .iter_mut()
        .find(|b| b.asset == balance.asset);
    match known {
        // What was available before the wallet changed is not available now: it is unknown until the venue says.
        Some(known) => *known = balance,
        None => desk.account.balances.push(balance),
    }
}

fn take_funding(
    desk: &mut Desk,
    now: Stamp,
    key: MarketKey,
    amount: rust_decimal::Decimal,
    out: &mut Effects,
) {
    // The venue does not say for which leg: the one that is held.
    let held = desk.of_symbol(key).find(|m| m.ledger.side().is_some());
    let key = held.map_or(key, |market| market.key);
    desk.market_mut(key).ledger.take_funding(amount);
    diary::funded(desk, now, key, amount, out);
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
    if mode == PositionMode::Hedge && !desk.is_hedge() {
        out.notice(
            Loudness::Warn,
            "hedge account: buys open the long, sells the short; exits close the leg shown",
        );
    }
    desk.account.mode = Some(mode);
    if mode == PositionMode::Hedge {
        let keys: Vec<MarketKey> = desk.markets.keys().copied().collect();
        for key in keys {
            desk.make_legs(key);
        }
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

/// Nothing that this key asks for is done any more, exits included: the trader must know at once.
fn take_key_refused(desk: &mut Desk, words: &str, out: &mut Effects) {
    let held = desk.left_open();
    let held = match held.len() {
        0 => "nothing is open".to_owned(),
        _ => format!("still open at the venue: {}", held.join(", ")),
    };
    desk.arm.hold(Hold::KeyRefused);
    desk.arm.lock(Hold::KeyRefused.words());
    let words = format!("KEY REFUSED (address changed? key deleted?): {words}; {held}");
    out.alert(
        (About::Link, None),
        "the key was refused",
        Loudness::Alarm,
        words,
    );
}

/// A change of a setting that came to nothing is said; one that was taken shows by itself.
fn take_set(setting: Setting, outcome: &Outcome, out: &mut Effects) {
    let (what, value) = match setting {
        Setting::Leverage(symbol, times) => (format!("leverage of {symbol}"), format!("{times}x")),
        Setting::Margin(symbol, MarginMode::Cross) => {
            (format!("margin of {symbol}"), "cross".to_owned())
        }
        Setting::Margin(symbol, MarginMode::Isolated) => {
            (format!("margin of {symbol}"), "isolated".to_owned())
        }
        Setting::PositionMode(PositionMode::OneWay) => {
            ("position mode".to_owned(), "one-way".to_owned())
        }
        Setting::PositionMode(PositionMode::Hedge) => {
            ("position mode".to_owned(), "hedge".to_owned())
        }
    };
    match outcome {
        Outcome::Accepted { .. } => out.notice(Loudness::Info, format!("{what} is {value}")),
        Outcome::NotSent(words) | Outcome::Rejected { words, .. } => {
            out.notice(Loudness::Warn, format!("{value} not set: {words}"));
        }
        Outcome::Unknown(words) => {
            out.notice(
                Loudness::Warn,
                format!("{what}: {value} may not be set: {words}"),
            );
        }
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

/// Compares own fills with the venue's positions on every market.
pub(super) fn compare(desk: &mut Desk, now: Stamp, out: &mut Effects) {
    for market in desk.markets.values_mut() {
        match market.ledger.compare(now) {
            Agreement::Same => {}
            Agreement::Lost(words) => {
                desk.arm.hold(Hold::Mismatch(market.key));
                let words = format!("{}: {words}", words::market(market.key));
                let about = (About::Risk, Some(market.key));
                out.alert(
                    about,
                    "own fills and the venue differ",
                    Loudness::Alarm,
                    words,
                );
                send::reconcile(out);
            }
            Agreement::Restored => {
                let key = market.key;
                desk.arm.release(|hold| *hold == Hold::Mismatch(key));
                out.notice(
                    Loudness::Info,
                    format!(
                        "{}: own fills and the venue agree again",
                        words::market(key)
                    ),
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
