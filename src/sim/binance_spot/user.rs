//! The account's events, which come on the WebSocket API itself to whoever subscribed there; a listen key does not exist any more
//! (Binance, change log 2026-01-21).

use serde_json::{Value, json};

use super::digits::{price, qty, zero};
use super::{BinanceSpot, shapes};
use crate::domain::ClientId;
use crate::sim::binance::call::Call;
use crate::sim::binance::digits::money;
use crate::sim::binance::refused::Refused;
use crate::sim::binance::session;
use crate::sim::fault::What;
use crate::sim::market::{
    BalanceUpdate, Expiry, Kind, OrderChange, OrderEvent, SymbolSpec, Tif, UserTrade,
};
use crate::sim::wire::LineId;

/// Unfilled orders that a first fill gives back: of a taker, and of an order that rested (Binance, "Spot Unfilled Order Count
/// Rules", examples 1 and 2).
const TAKER_CREDIT: u32 = 1;
const MAKER_CREDIT: u32 = 5;

/// The subscriptions of one line. A line may have one at a time: there is one account.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subscriptions {
    next: u64,
    active: Option<Active>,
}

/// One that is active.
#[derive(Clone, Copy, Debug)]
struct Active {
    id: u64,
    /// It came with the session and goes with it.
    of_session: bool,
}

impl BinanceSpot {
    /// `userDataStream.subscribe`: for the key that the line has logged on with.
    pub(super) fn subscribe(&mut self, call: &Call) -> Result<Value, Refused> {
        self.subscribe_as(call, true)
    }

    /// `userDataStream.subscribe.signature`: for any key.
    pub(super) fn subscribe_signed(&mut self, call: &Call) -> Result<Value, Refused> {
        self.subscribe_as(call, false)
    }

    fn subscribe_as(&mut self, call: &Call, of_session: bool) -> Result<Value, Refused> {
        let line = call.line.ok_or_else(Refused::unsupported)?;
        let own = self.subscribed.entry(line).or_default();
        if own.active.is_some() {
            return Err(Refused::new(
                -2035,
                "User Data Stream subscription already active.",
            ));
        }
        let id = own.next;
        own.next += 1;
        own.active = Some(Active { id, of_session });
        Ok(json!({"subscriptionId": id}))
    }

    /// `userDataStream.unsubscribe`: the one named, or all.
    pub(super) fn unsubscribe(&mut self, call: &Call) -> Result<Value, Refused> {
        let line = call.line.ok_or_else(Refused::unsupported)?;
        let named = call.params.int("subscriptionId")?;
        let active = self.active(line);
        let is_meant = |active: &Active| named.is_none_or(|id| i64::try_from(active.id) == Ok(id));
        if !active.as_ref().is_some_and(is_meant) {
            return Err(Refused::new(
                -2036,
                "User Data Stream subscription not active.",
            ));
        }
        self.end_subscription(call.now, line);
        Ok(json!({}))
    }

    /// `session.subscriptions`.
    pub(super) fn subscriptions(&mut self, call: &Call) -> Result<Value, Refused> {
        let line = call.line.ok_or_else(Refused::unsupported)?;
        let active = self.active(line).into_iter();
        Ok(active
            .map(|active| json!({"subscriptionId": active.id}))
            .collect())
    }

    /// `session.logon`.
    pub(super) fn log_on(&mut self, call: &Call) -> Result<Value, Refused> {
        let status = session::log_on(self, call)?;
        Ok(self.with_stream(call, status))
    }

    /// `session.logout`.
    pub(super) fn log_out(&mut self, call: &Call) -> Result<Value, Refused> {
        let status = session::log_out(self, call)?;
        Ok(self.with_stream(call, status))
    }

    /// `session.status`.
    pub(super) fn session_status(&mut self, call: &Call) -> Result<Value, Refused> {
        let status = session::status(self, call)?;
        Ok(self.with_stream(call, status))
    }

    fn with_stream(&self, call: &Call, mut status: Value) -> Value {
        let active = call.line.and_then(|line| self.active(line));
        status["userDataStream"] = active.is_some().into();
        status
    }

    fn active(&self, line: LineId) -> Option<Active> {
        self.subscribed.get(&line)?.active
    }

    /// A session took its subscription along.
    pub(super) fn end_session_stream(&mut self, now: i64, line: LineId) {
        if self.active(line).is_some_and(|active| active.of_session) {
            self.end_subscription(now, line);
        }
    }

    fn end_subscription(&mut self, now: i64, line: LineId) {
        let own = self.subscribed.get_mut(&line);
        let Some(active) = own.and_then(|own| own.active.take()) else {
            return;
        };
        let event = json!({"e": "eventStreamTerminated", "E": now});
        let text = json!({"subscriptionId": active.id, "event": event});
        self.gate.lines.text(line, text.to_string(), 0);
    }

    fn tell_subscribers(&mut self, event: &Value) {
        let listeners = self.subscribed.iter();
        let active: Vec<(LineId, u64)> = listeners
            .filter_map(|(line, own)| Some((*line, own.active?.id)))
            .collect();
        for (line, id) in active {
            let text = json!({"subscriptionId": id, "event": event}).to_string();
            self.gate.send_struck(line, text, What::Private);
        }
    }

    /// An order of the account changed.
    pub(super) fn tell_order(&mut self, now: i64, event: &OrderEvent) {
        if let OrderChange::Trade(trade) = &event.change
            && event.order.filled == trade.qty
        {
            let credit = if trade.maker {
                MAKER_CREDIT
            } else {
                TAKER_CREDIT
            };
            self.gate.limits.give_back(now, credit);
        }
        self.executions += 1;
        let cancel = match event.change {
            OrderChange::Cancelled => self.cancels.remove(&event.order.id),
            _ => None,
        };
        let Ok(spec) = self.spec(event.order.symbol) else {
            return;
        };
        let mut report = execution_report(spec, event, cancel);
        report["I"] = self.executions.into();
        report["Q"] = money(self.worth(event.order.id)).into();
        self.tell_subscribers(&report);
    }

    /// Balances of the account changed.
    pub(super) fn tell_balances(&mut self, update: &BalanceUpdate) {
        let rows = update.balances.iter().map(|balance| {
            json!({
                "a": balance.asset.as_str(),
                "f": money(balance.free()),
                "l": money(balance.locked),
            })
        });
        let event = json!({
            "e": "outboundAccountPosition",
            "E": update.time_ms,
            "u": update.time_ms,
            "B": rows.collect::<Vec<Value>>(),
        });
        self.tell_subscribers(&event);
    }
}

/// The report of an execution (Binance, User Data Streams, "Order Update"). A cancel's report goes by the cancel's own name.
fn execution_report(spec: &SymbolSpec, event: &OrderEvent, cancel: Option<ClientId>) -> Value {
    let order = &event.order;
    let trade = match &event.change {
        OrderChange::Trade(trade) => Some(trade),
        _ => None,
    };
    let last = |f: &dyn Fn(&UserTrade) -> String| trade.map_or_else(zero, f);
    let client = order.client.as_str();
    let is_resting = order.status.is_open() && matches!(order.kind, Kind::Limit { .. });
    let mut report = json!({
        "e": "executionReport",
        "E": event.time_ms,
        "s": spec.instrument.symbol.as_str(),
        "c": cancel.as_ref().map_or(client, ClientId::as_str),
        "S": order.side.word(),
        "o": shapes::kind(order.kind),
        "f": shapes::tif(order.kind),
        "q": qty(&spec.instrument, order.qty),
        "p": shapes::limit_text(spec, order),
        "P": zero(),
        "F": zero(),
        "g": -1,
        "C": if cancel.is_some() { client } else { "" },
        "x": execution(event.change),
        "X": shapes::status(order.status),
        "r": "NONE",
        "i": order.id,
        "l": last(&|t| qty(&spec.instrument, t.qty)),
        "z": qty(&spec.instrument, order.filled),
        "L": last(&|t| price(&spec.instrument, t.price)),
        "n": trade.map_or_else(|| "0".to_owned(), |t| money(t.fee)),
        "N": trade.map(|t| t.fee_asset.as_str()),
        "T": event.time_ms,
        "t": trade.map_or(-1, |t| i64::try_from(t.trade).unwrap_or(i64::MAX)),
        "w": is_resting,
        "m": trade.is_some_and(|t| t.maker),
        "M": trade.is_some(),
        "O": order.created_ms,
        "Z": money(order.filled_quote),
        "Y": last(&|t| money(t.quote)),
        "W": order.created_ms,
        "V": shapes::self_trade(order.self_trade),
    });
    if let Some(reason) = expiry(event) {
        report["eR"] = reason.into();
    }
    report
}

/// What kind of execution it is called.
const fn execution(change: OrderChange) -> &'static str {
    match change {
        OrderChange::New => "NEW",
        OrderChange::Trade(_) => "TRADE",
        OrderChange::Cancelled => "CANCELED",
        OrderChange::Expired(Expiry::SelfTrade) => "TRADE_PREVENTION",
        OrderChange::Expired(_) => "EXPIRED",
        OrderChange::Amended => "REPLACED",
    }
}

/// Why an order expired, where the documents have a word for it.
const fn expiry(event: &OrderEvent) -> Option<&'static str> {
    match (event.change, event.order.kind) {
        (OrderChange::Expired(Expiry::IocRest), Kind::Limit { tif: Tif::Ioc, .. }) => {
            Some("UNFILLED_IOC_QUANTITY_EXPIRED")
        }
        (OrderChange::Expired(Expiry::MarketRest), _) => Some("INSUFFICIENT_LIQUIDITY"),
        _ => None,
    }
}
