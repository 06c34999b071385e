//! The private channels: orders, positions, balances and warnings as they change, with the snapshots that some begin with.

use serde_json::{Map, Value, json};

use super::channels::{Scope, Topic};
use super::digits::{plain, price, qty};
use super::lines::Wanted;
use super::shapes::{self, is_spot};
use super::{Okx, ids};
use crate::sim::fault::What;
use crate::sim::market::{
    AccountReason, AccountUpdate, Expiry, Kind, OrderChange, OrderEvent, OrderView, PositionView,
    SymbolNo, Tif, UserTrade, Which,
};
use crate::sim::wire::LineId;

impl Scope {
    /// True when it tells of this symbol.
    pub(super) fn has(self, exchange: &Okx, symbol: SymbolNo) -> bool {
        let spot = exchange.spec(symbol).is_ok_and(is_spot);
        self.symbol.is_none_or(|only| only == symbol)
            && self.spot.is_none_or(|wanted| wanted == spot)
    }
}

/// The argument of a private message: as it was sent, without what steers it, with the user.
pub(super) fn owned(arg: &Value) -> Value {
    let mut arg = shapes::object(arg.clone());
    arg.remove("extraParams");
    arg.insert("uid".into(), ids::UID.into());
    Value::Object(arg)
}

/// A private message that says of what kind it is.
fn eventful(arg: &Value, event: &str, data: &Value) -> String {
    json!({
        "arg": owned(arg),
        "eventType": event,
        "curPage": 1,
        "lastPage": true,
        "data": data,
    })
    .to_string()
}

impl Okx {
    /// An order of the account changed.
    pub(super) fn tell_order(&mut self, event: &OrderEvent) {
        let order = &event.order;
        let ends_by = ends_by(event);
        let note = self.notes.of(order.id);
        if !ends_by.is_empty() && note.ends_by.is_empty() {
            note.ends_by = ends_by;
        }
        let change = match event.change {
            OrderChange::Amended | OrderChange::Cancelled => note.change.take(),
            _ => None,
        };
        let fill = match &event.change {
            OrderChange::Trade(fill) => Some(fill),
            _ => None,
        };
        if let Some(fill) = fill.filter(|f| !self.spec(f.symbol).is_ok_and(is_spot)) {
            self.lives.fill(fill);
        }
        let Some(mut row) = self.pushed_row(order, fill) else {
            return;
        };
        if let Some(change) = change {
            row.insert("reqId".into(), change.request.into());
            row.insert("amendResult".into(), change.result.into());
            row.insert("amendSource".into(), "1".into());
        } else if event.change == OrderChange::Amended {
            // The system cut a reduce-only order.
            row.insert("amendSource".into(), "3".into());
            row.insert("amendResult".into(), "0".into());
        }
        self.send_order(order.symbol, Value::Object(row));
        if !matches!(event.change, OrderChange::Trade(_))
            || fill.is_some_and(|f| self.spec(f.symbol).is_ok_and(is_spot))
        {
            self.tell_balance("event_update", event.time_ms);
        }
    }

    /// Says an order again as it stands, for a change that changed nothing.
    pub(super) fn tell_again(&mut self, order: u64, _now: i64) {
        let market = &self.bourse.market;
        let symbols = self.symbol_numbers().into_iter();
        let mut found = symbols.filter_map(|s| market.order(self.account, s, Which::Id(order)));
        let Some(order) = found.next().cloned() else {
            return;
        };
        let change = self.notes.of(order.id).change.take();
        let Some(mut row) = self.pushed_row(&order, None) else {
            return;
        };
        row.insert(
            "reqId".into(),
            change.map_or(String::new(), |c| c.request).into(),
        );
        row.insert("amendResult".into(), "0".into());
        row.insert("amendSource".into(), "1".into());
        self.send_order(order.symbol, Value::Object(row));
    }

    fn send_order(&mut self, symbol: SymbolNo, row: Value) {
        let data = json!([row]);
        let mine = |wanted: &Wanted| matches!(wanted.topic, Topic::Orders(scope) if scope.has(self, symbol));
        for (line, arg) in self.lines.listeners(mine) {
            let text = super::talk::message(&owned(&arg), &data);
            self.send_struck(line, text, What::Private);
        }
    }

    /// An order's row as the `orders` channel says it: with the one fill that it tells of.
    fn pushed_row(
        &self,
        order: &OrderView,
        fill: Option<&UserTrade>,
    ) -> Option<Map<String, Value>> {
        let spec = self.spec(order.symbol).ok()?;
        let i = &spec.instrument;
        let mut left = order.filled.0;
        let fills: Vec<UserTrade> = self
            .fills_of(order)
            .into_iter()
            .take_while(|f| {
                left -= f.qty.0;
                left >= 0
            })
            .collect();
        let mut row = self.order_row(order, &fills)?;
        let day = self.bourse.market.ticker(order.symbol);
        let at = order.price().or(day.map(|d| d.last)).unwrap_or_default();
        let worth = i.notional(i.price_decimal(at), i.qty_decimal(order.qty));
        let zero = || "0".to_owned();
        let text = |f: &dyn Fn(&UserTrade) -> String| fill.map_or_else(String::new, f);
        row.extend(shapes::object(json!({
            "fillPx": text(&|f| price(i, f.price)),
            "fillSz": fill.map_or_else(zero, |f| qty(i, f.qty)),
            "fillTime": text(&|f| f.time_ms.to_string()),
            "tradeId": text(&|f| f.trade.to_string()),
            "fillFee": fill.map_or_else(zero, |f| plain(-f.fee)),
            "fillFeeCcy": text(&|f| f.fee_asset.as_str().to_owned()),
            "fillPnl": fill.map_or_else(zero, |f| plain(f.realised)),
            "fillNotionalUsd": text(&|f| plain(f.quote)),
            "execType": text(&|f| if f.maker { "M" } else { "T" }.to_owned()),
            "fillPxVol": "", "fillPxUsd": "", "fillMarkVol": "", "fillFwdPx": "", "fillMarkPx": "",
            "notionalUsd": plain(worth.unwrap_or_default().round_dp(8)),
            "lastPx": day.map_or_else(String::new, |d| price(i, d.last)),
            "amendResult": "",
            "amendSource": "",
            "reqId": "",
            "code": "0",
            "msg": "",
            "linkedAlgoOrd": {"algoId": ""},
        })));
        Some(row)
    }

    /// Balance and a position changed.
    pub(super) fn tell_position(&mut self, update: &AccountUpdate, now: i64) {
        // That a symbol is crossed or isolated now is said by the next order and position, not by a message of its own.
        if update.reason == AccountReason::MarginTypeChange {
            return;
        }
        self.lives.update(update);
        self.send_position(&update.position, now);
        self.tell_balance("event_update", now);
        let event = match update.reason {
            AccountReason::FundingFee => "funding_fee",
            AccountReason::MarginTransfer => "adjust_margin",
            _ => "filled",
        };
        self.tell_both(event, std::slice::from_ref(&update.position), now);
    }

    fn send_position(&mut self, position: &PositionView, now: i64) {
        let Some(row) = self.position_row(position, now) else {
            return;
        };
        let data = json!([row]);
        let mine = |wanted: &Wanted| matches!(wanted.topic, Topic::Positions(scope, _) if scope.has(self, position.symbol));
        for (line, arg) in self.lines.listeners(mine) {
            self.send_struck(line, eventful(&arg, "event_update", &data), What::Private);
        }
    }

    /// The leverage of a symbol changed: so did the margin of its positions.
    pub(super) fn tell_positions_of(&mut self, symbol: SymbolNo, now: i64) {
        for position in self.open_positions() {
            if position.symbol == symbol {
                self.send_position(&position, now);
            }
        }
    }

    /// Balances changed, or are said again.
    pub(super) fn tell_balance(&mut self, event: &str, now: i64) {
        for (line, arg) in self
            .lines
            .listeners(|wanted| matches!(wanted.topic, Topic::Account(_)))
        {
            if let Some(data) = self.balance_data(&arg, now) {
                self.send_struck(line, eventful(&arg, event, &data), What::Private);
            }
        }
    }

    fn balance_data(&self, arg: &Value, now: i64) -> Option<Value> {
        let coin = arg.get("ccy").and_then(Value::as_str);
        let named = |asset: crate::domain::Asset| coin.is_none_or(|coin| coin == asset.as_str());
        Some(json!([self.balance_row(now, named).ok()?]))
    }

    /// `balance_and_position`
    fn tell_both(&mut self, event: &str, positions: &[PositionView], now: i64) {
        let data = self.both(event, positions, now);
        for (line, arg) in self.lines.listeners(|wanted| wanted.topic == Topic::Both) {
            let text = super::talk::message(&owned(&arg), &data);
            self.send_struck(line, text, What::Private);
        }
    }

    fn both(&self, event: &str, positions: &[PositionView], now: i64) -> Value {
        let time = now.to_string();
        let balances = self.bourse.market.balances(self.account);
        let coins: Vec<Value> = balances
            .iter()
            .map(|b| json!({"ccy": b.asset.as_str(), "cashBal": plain(b.total), "uTime": time}))
            .collect();
        let row = |p: &PositionView| self.position_row(p, now);
        let rows = positions.iter().filter_map(row).map(|mut row| {
            let kept = [
                "posId", "tradeId", "instId", "instType", "mgnMode", "posSide", "pos", "ccy",
                "posCcy", "avgPx", "uTime",
            ];
            row.retain(|name, _| kept.contains(&name.as_str()));
            Value::Object(row)
        });
        let rows: Vec<Value> = rows.collect();
        let trades: Vec<Value> = rows
            .iter()
            .filter(|_| event == "filled")
            .map(|row| json!({"instId": row["instId"], "tradeId": row["tradeId"]}))
            .collect();
        json!([{
            "pTime": time,
            "eventType": event,
            "balData": coins,
            "posData": rows,
            "trades": trades,
        }])
    }

    /// Positions come near their liquidation.
    pub(super) fn tell_warning(&mut self, positions: &[PositionView], now: i64) {
        for position in positions {
            let Some(mut row) = self.position_row(position, now) else {
                continue;
            };
            let kept = [
                "cTime", "ccy", "instId", "instType", "lever", "markPx", "mgnMode", "mgnRatio",
                "pTime", "pos", "posCcy", "posId", "posSide", "uTime",
            ];
            row.retain(|name, _| kept.contains(&name.as_str()));
            let data = json!([row]);
            let mine = |wanted: &Wanted| matches!(wanted.topic, Topic::Warnings(scope) if scope.has(self, position.symbol));
            for (line, arg) in self.lines.listeners(mine) {
                let text = super::talk::message(&owned(&arg), &data);
                self.send_struck(line, text, What::Private);
            }
        }
    }

    /// What a channel begins with.
    pub(super) fn greet_private(&mut self, line: LineId, topic: Topic, arg: &Value, now: i64) {
        let text = match topic {
            Topic::Positions(scope, _) => {
                eventful(arg, "snapshot", &self.positions_data(scope, now))
            }
            Topic::Account(_) => match self.balance_data(arg, now) {
                Some(data) => eventful(arg, "snapshot", &data),
                None => return,
            },
            Topic::Both => {
                let data = self.both("snapshot", &self.open_positions(), now);
                super::talk::message(&owned(arg), &data)
            }
            _ => return,
        };
        self.send_struck(line, text, What::Private);
    }

    fn positions_data(&self, scope: Scope, now: i64) -> Value {
        let open = self.open_positions().into_iter();
        let mine = open.filter(|p| scope.has(self, p.symbol));
        let rows = mine.filter_map(|p| self.position_row(&p, now));
        rows.map(Value::Object).collect()
    }

    /// Positions and balances are said again every five seconds to those who did not ask for changes alone.
    pub(super) fn tell_account_regularly(&mut self, now: i64) {
        let regular =
            |w: &Wanted| matches!(w.topic, Topic::Positions(_, true) | Topic::Account(true));
        for (line, arg) in self.lines.listeners(regular) {
            let Ok(topic) = super::channels::topic(&arg, &self.bourse.market) else {
                continue;
            };
            if matches!(topic, Topic::Positions(..)) && self.open_positions().is_empty() {
                continue;
            }
            self.greet_private(line, topic, &arg, now);
        }
    }
}

/// `cancelSource` of what ended an order; empty when nothing did.
fn ends_by(event: &OrderEvent) -> &'static str {
    let fok = matches!(event.order.kind, Kind::Limit { tif: Tif::Fok, .. });
    match event.change {
        OrderChange::Cancelled => "1",
        OrderChange::Expired(Expiry::WouldTake) => "31",
        OrderChange::Expired(Expiry::SelfTrade) => "32",
        OrderChange::Expired(Expiry::IocRest) if fok => "13",
        OrderChange::Expired(Expiry::IocRest | Expiry::MarketRest) => "14",
        OrderChange::Expired(Expiry::NothingToReduce) => "23",
        OrderChange::New | OrderChange::Trade(_) | OrderChange::Amended => "",
    }
}
