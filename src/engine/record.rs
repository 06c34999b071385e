//! Rows for the journal: what was intended, what was said. No secrets: names, prices, sizes, words.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::domain::message::Asked;
use crate::domain::{
    Account, Environment, Fill, Instrument, Intent, MarketKey, NewOrder, OrderKind, OrderReport,
    OrderStatus,
};
use crate::domain::{Outcome, PositionReport, Stamp, VenueId};

use super::guard::Kept;
use super::settings::DeskSettings;
use super::words;

fn row(now: Stamp, kind: &str, key: MarketKey) -> Value {
    json!({
        "t": now.wall_ms(),
        "kind": kind,
        "account": key.account.as_str(),
        "venue": key.venue.as_str(),
        "symbol": key.symbol.as_str(),
        "leg": key.leg.map(words::leg),
    })
}

fn with(mut row: Value, more: Value) -> Value {
    if let (Value::Object(row), Value::Object(more)) = (&mut row, more) {
        row.extend(more);
    }
    row
}

/// One row. An intent is put into words on the disk thread: the way of an order to its socket is no place for text.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// Ready.
    Said(Value),
    /// An order is about to be sent.
    Intent {
        /// When.
        at: Stamp,
        /// What.
        order: NewOrder,
        /// Its market's rules.
        instrument: Arc<Instrument>,
    },
    /// What the guard must not forget changed: the disk thread keeps it in a file of its own, too.
    Guard {
        /// When.
        at: Stamp,
        /// Whose.
        account: Account,
        /// Where.
        venue: VenueId,
        /// In which world.
        environment: Environment,
        /// What.
        kept: Kept,
    },
}

impl From<Value> for Row {
    fn from(value: Value) -> Self {
        Self::Said(value)
    }
}

impl Row {
    /// The row as a JSON object.
    pub fn json(self) -> Value {
        match self {
            Self::Said(value) => value,
            Self::Intent {
                at,
                order,
                instrument,
            } => intent(at, &order, &instrument),
            Self::Guard {
                at,
                account,
                venue,
                environment,
                kept,
            } => json!({
                "t": at.wall_ms(),
                "kind": "guard",
                "account": account.as_str(),
                "venue": venue.as_str(),
                "env": environment.word(),
                "kept": kept,
            }),
        }
    }
}

fn intent(now: Stamp, order: &NewOrder, instrument: &Instrument) -> Value {
    let (price, tif) = match order.kind {
        OrderKind::Limit { price, tif } => (Some(instrument.price_text(price)), format!("{tif:?}")),
        OrderKind::Market => (None, "Market".to_owned()),
        OrderKind::Stop { limit, .. } => (
            limit.map(|limit| instrument.price_text(limit)),
            "Stop".to_owned(),
        ),
        OrderKind::Trail { .. } => (None, "Trail".to_owned()),
    };
    let trigger = order.kind.trigger();
    with(
        row(now, "intent", order.key.of_leg(order.leg)),
        json!({
            "id": order.id.as_str(),
            "side": order.side.word(),
            "qty": instrument.qty_text(order.qty),
            "price": price,
            "trigger": trigger.map(|trigger| instrument.price_text(trigger)),
            "type": tif,
            "exit": order.intent == Intent::Exit,
        }),
    )
}

/// A cancel or query is about to be sent.
pub fn request(now: Stamp, key: MarketKey, id: &str, what: &str) -> Value {
    with(row(now, what, key), json!({ "id": id }))
}

/// The answer to a request.
pub fn answer(now: Stamp, key: MarketKey, id: &str, asked: Asked, outcome: &Outcome) -> Value {
    let (word, words, code) = match outcome {
        Outcome::NotSent(words) => ("not sent", words.as_str(), None),
        Outcome::Accepted { .. } => ("accepted", "", None),
        Outcome::Rejected { code, words, .. } => ("rejected", words.as_str(), Some(*code)),
        Outcome::Unknown(words) => ("unknown", words.as_str(), None),
    };
    with(
        row(now, "answer", key),
        json!({ "id": id, "asked": format!("{asked:?}"), "outcome": word, "words": words, "code": code }),
    )
}

/// The venue's word on an order.
pub fn order(now: Stamp, report: &OrderReport, instrument: Option<&Instrument>) -> Value {
    let size = |qty| instrument.map(|instrument| instrument.qty_text(qty));
    with(
        row(now, "order", report.key),
        json!({
            "id": report.order.client.as_str(),
            "venue_id": report.order.venue.map(|id| id.to_string()),
            "status": format!("{:?}", report.status),
            "open": !report.status.is_final(),
            "qty": size(report.qty),
            "filled": size(report.filled),
            "reason": report.reason,
        }),
    )
}

/// A trade of ours. Sizes are decimal text; `null` where the instrument is not known yet.
pub fn fill(now: Stamp, fill: &Fill, instrument: Option<&Instrument>) -> Value {
    with(
        row(now, "fill", fill.key),
        json!({
            "id": fill.client.as_str(),
            "trade": fill.trade.as_str(),
            "side": fill.side.word(),
            "price": fill.price.to_string(),
            "qty": instrument.map(|instrument| instrument.qty_text(fill.qty)),
            "fee": fill.fee.to_string(),
            "fee_asset": fill.fee_asset.as_str(),
            "liquidity": fill.liquidity,
            "recovered": fill.recovered,
            "venue_ms": fill.venue_ms,
        }),
    )
}

/// What a session has settled on this day (UTC), quote currency.
pub fn result(now: Stamp, of: &DeskSettings, settled: Decimal) -> Value {
    json!({
        "t": now.wall_ms(),
        "kind": "result",
        "account": of.account.as_str(),
        "venue": of.venue.as_str(),
        "env": of.environment.word(),
        "settled": settled.to_string(),
    })
}

/// The venue's word on a position.
pub fn position(now: Stamp, report: &PositionReport) -> Value {
    with(
        row(now, "position", report.key),
        json!({ "size": report.size.to_string(), "entry": report.entry.to_string() }),
    )
}

/// An order ended without a report (refused, not sent).
pub fn ended(now: Stamp, key: MarketKey, id: &str, status: OrderStatus) -> Value {
    with(
        row(now, "order", key),
        json!({ "id": id, "status": format!("{status:?}"), "open": !status.is_final() }),
    )
}

/// The armed state changed.
pub fn arm(now: Stamp, account: &str, state: &str, why: &str) -> Value {
    json!({ "t": now.wall_ms(), "kind": "arm", "account": account, "state": state, "why": why })
}

/// A line about the account or the session.
pub fn note(now: Stamp, account: &str, words: &str) -> Value {
    json!({ "t": now.wall_ms(), "kind": "note", "account": account, "words": words })
}
