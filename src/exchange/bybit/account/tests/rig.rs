//! A venue made of hands: the test sees what the machine asks for and answers it, in virtual time.

use serde_json::{Value, json};

use super::super::{BybitAccount, ORDERS, PRIVATE};
use crate::domain::message::LinkState;
use crate::domain::risk::{Cap, Exposure, Limits, check, check_amend};
use crate::domain::{
    Account, Amend, Approved, ClientId, Command, Fact, Fill, Instrument, InstrumentKind, Intent,
    MarketKey, NewOrder, OrderClass, OrderKind, OrderRef, OrderReport, Outcome, Price, Qty, Side,
    Stamp, Symbol, TimeInForce, VenueId,
};
use crate::exchange::bybit::instruments::{self, Category};
use crate::exchange::credentials::Credentials;
use crate::exchange::machine::{
    Call, CallError, In, Line, LineOut, Machine, Method, Opcode, Out, Reply,
};
use crate::exchange::{AccountSettings, Endpoints};

pub const LINEAR: &str =
    include_str!("../../../../../tests/wire/bybit/instruments_linear_excerpt.json");
pub const SPOT: &str =
    include_str!("../../../../../tests/wire/bybit/instruments_spot_excerpt.json");
/// The venue's clock is this far ahead of the host's wall clock, ms.
pub const OFFSET_MS: i64 = 1_500;
pub const KEY: &str = "the-api-key";
pub const SECRET: &str = "the-api-secret";
pub const BTC: &str = "BTCUSDT";

pub struct Rig {
    pub account: BybitAccount,
    pub now: Stamp,
    pub facts: Vec<Fact>,
    pub calls: Vec<Call>,
    pub lines: Vec<LineOut>,
    pub wake: Option<Stamp>,
    /// Open orders of contracts in USDT, as `order/realtime` lists them.
    pub orders: Value,
    /// Open orders of spot.
    pub coins: Value,
    /// Positions, as `position/list` shows them, flat ones too.
    pub positions: Value,
    /// Trades of contracts.
    pub trades: Value,
}

pub fn symbol(name: &str) -> Symbol {
    Symbol::new(name).unwrap()
}

pub fn key(name: &str) -> MarketKey {
    MarketKey {
        account: Account::new("main").unwrap(),
        venue: VenueId::new("bybit").unwrap(),
        symbol: symbol(name),
        leg: None,
    }
}

pub fn instrument(name: &str) -> Instrument {
    let (text, category) = if name.contains('/') {
        (SPOT, Category::Spot)
    } else {
        (LINEAR, Category::Linear)
    };
    let load = instruments::load(text.as_bytes(), category, key(BTC).venue).unwrap();
    let mut all = load.instruments.into_iter();
    all.find(|i| i.symbol == symbol(name)).unwrap()
}

fn limits() -> Limits {
    let big = 1_000_000_000.into();
    Limits {
        max_order: std::collections::BTreeMap::new(),
        max_order_notional: big,
        max_position: std::collections::BTreeMap::new(),
        max_position_notional: big,
        max_open_orders: 1_000,
        max_orders_per_second: 1_000,
        max_orders_per_minute: 1_000,
        max_identical_per_second: 1_000,
        collar_through: 1.into(),
        collar_away: 1.into(),
        max_trade_loss: Cap::Off,
        max_session_loss: Cap::Off,
        max_day_loss: big,
        max_losses_in_a_row: Cap::Off,
        cool_down_minutes: 30,
    }
}

fn exposure() -> Exposure {
    Exposure {
        bid: Some(Price(600_000)),
        ask: Some(Price(600_001)),
        position: 0.into(),
        open_buys: Qty::ZERO,
        open_sells: Qty::ZERO,
        open_exits: Qty::ZERO,
        open_orders: 0,
        sent_last_second: 0,
        sent_last_minute: 0,
        identical_last_second: 0,
        day_result: 0.into(),
    }
}

/// Post-only at 60 000.0.
pub const JOIN: OrderKind = OrderKind::Limit {
    price: Price(600_000),
    tif: TimeInForce::PostOnly,
};
/// The same, which may take.
pub const PLAIN: OrderKind = OrderKind::Limit {
    price: Price(600_000),
    tif: TimeInForce::Gtc,
};

/// Buy 0.010 BTCUSDT.
pub fn order(id: &str, kind: OrderKind, intent: Intent) -> NewOrder {
    NewOrder {
        leg: None,
        key: key(BTC),
        id: ClientId::new(id).unwrap(),
        side: Side::Buy,
        qty: Qty(10),
        kind,
        intent,
    }
}

pub fn approved(order: NewOrder) -> Approved<NewOrder> {
    let rules = instrument(order.key.symbol.as_str());
    let mut exposure = exposure();
    if rules.kind == InstrumentKind::Spot {
        // What is sold was bought before.
        exposure.position = 100.into();
    }
    check(order, &rules, &limits(), &exposure).unwrap()
}

pub fn amend(id: &str, price: i64) -> Approved<Amend> {
    let amend = Amend {
        key: key(BTC),
        order: reference(id),
        side: Side::Buy,
        price: Price(price),
        qty: Qty(10),
    };
    check_amend(
        amend,
        Intent::Entry,
        &instrument(BTC),
        &limits(),
        &exposure(),
    )
    .unwrap()
}

pub fn reference(id: &str) -> OrderRef {
    OrderRef {
        client: ClientId::new(id).unwrap(),
        venue: None,
        class: OrderClass::Regular,
    }
}

pub fn waiting(id: &str) -> OrderRef {
    OrderRef {
        class: OrderClass::Conditional,
        ..reference(id)
    }
}

/// An order as `order/realtime` and the `order` topic write it.
pub fn order_json(client: &str, id: &str, status: &str, filled: &str, at: i64) -> Value {
    json!({"category":"linear","symbol":BTC,"orderId":id,"orderLinkId":client,"side":"Buy","orderType":"Limit",
        "price":"60000.0","qty":"0.010","cumExecQty":filled,"avgPrice":"","orderStatus":status,"cancelType":"UNKNOWN",
        "rejectReason":"EC_NoError","timeInForce":"PostOnly","positionIdx":0,"reduceOnly":false,"closeOnTrigger":false,
        "triggerPrice":"","stopOrderType":"","createType":"CreateByUser","createdTime":at.to_string(),
        "updatedTime":at.to_string()})
}

/// The venue's own order behind a position's stop.
pub fn stop_json(id: &str, status: &str, trigger: &str, at: i64) -> Value {
    let mut order = order_json("", id, status, "0", at);
    for (field, value) in [
        ("side", json!("Sell")),
        ("orderType", json!("Market")),
        ("price", json!("0")),
        ("timeInForce", json!("IOC")),
        ("stopOrderType", json!("StopLoss")),
        ("createType", json!("CreateByStopLoss")),
        ("triggerPrice", json!(trigger)),
        ("reduceOnly", json!(true)),
        ("closeOnTrigger", json!(true)),
    ] {
        order[field] = value;
    }
    order
}

/// A long position of 0.010 with this stop ("" and "0": none).
pub fn position_json(size: &str, stop: &str, at: i64) -> Value {
    let side = if size == "0" { "" } else { "Buy" };
    json!({"category":"linear","symbol":BTC,"positionIdx":0,"side":side,"size":size,"avgPrice":"60000","liqPrice":"",
        "leverage":"10","stopLoss":stop,"trailingStop":"0","positionStatus":"Normal","updatedTime":at.to_string()})
}

/// A fill of all of it.
pub fn fill_json(client: &str, order: &str, trade: &str, at: i64) -> Value {
    json!({"category":"linear","symbol":BTC,"execId":trade,"execPrice":"60000.0","execQty":"0.010","execType":"Trade",
        "execFee":"0.12","feeCurrency":"","isMaker":true,"orderId":order,"orderLinkId":client,"side":"Buy",
        "execTime":at.to_string(),"closedSize":"0","stopOrderType":"","createType":"CreateByUser"})
}

pub fn event(topic: &str, records: Value) -> Value {
    json!({"id":"1","topic":topic,"creationTime":1,"data":records})
}

pub fn ok(result: Value) -> Value {
    json!({"retCode":0,"retMsg":"OK","result":result,"retExtInfo":{},"time":1_700_000_000_000_i64})
}

pub fn refused(code: i64, msg: &str) -> Value {
    json!({"retCode":code,"retMsg":msg,"result":{},"retExtInfo":{},"time":1_700_000_000_000_i64})
}

fn listed(list: &Value) -> Value {
    json!({"list":list,"nextPageCursor":""})
}

impl Rig {
    /// A machine that was told nothing yet.
    pub fn new() -> Self {
        Self::at("ws://h/v5/trade")
    }

    /// The same with this address of the order line.
    pub fn at(ws_api: &str) -> Self {
        let settings = AccountSettings {
            label: Account::new("main").unwrap(),
            endpoints: Endpoints {
                rest: "http://h".into(),
                ws_public: "ws://h/v5/public/linear".into(),
                ws_market: "ws://h/v5/public/spot".into(),
                ws_private: "ws://h/v5/private".into(),
                ws_api: ws_api.into(),
                rights: None,
                headers: Vec::new(),
            },
            credentials: Credentials::hmac(KEY, SECRET).unwrap(),
            session: "S1".into(),
        };
        Self {
            account: BybitAccount::new(settings),
            now: Stamp {
                mono_ns: 5_000_000_000,
                wall_ns: 1_700_000_000_000_000_000,
            },
            facts: Vec::new(),
            calls: Vec::new(),
            lines: Vec::new(),
            wake: None,
            orders: json!([]),
            coins: json!([]),
            positions: json!([]),
            trades: json!([]),
        }
    }

    /// A machine with both lines open, truth told, link ready; an account with nothing in it.
    pub fn ready() -> Self {
        let mut rig = Self::new();
        rig.start();
        rig.answer_truth();
        assert_eq!(rig.link(), Some(LinkState::Ready), "{:?}", rig.facts);
        rig.clear();
        rig
    }

    /// Starts it and opens both lines; truth is being asked for afterwards.
    pub fn start(&mut self) {
        self.begin();
        self.open(ORDERS);
        self.open(PRIVATE);
    }

    fn begin(&mut self) {
        self.tell(In::Start);
        self.answer_clock();
        self.raw("category=linear&limit=1000", LINEAR);
        self.raw("category=spot&limit=1000", SPOT);
    }

    /// The same where the environment has no order line.
    pub fn start_without_order_line(&mut self) {
        self.begin();
        self.open(PRIVATE);
    }

    /// A line stands, knows us and is subscribed.
    pub fn open(&mut self, line: Line) {
        self.tell(In::Opened { line });
        if line == ORDERS {
            let answer = json!({"reqId":"1","retCode":0,"retMsg":"OK","op":"auth","connId":"x"});
            return self.frame(line, &answer);
        }
        for op in ["auth", "subscribe"] {
            let answer = json!({"req_id":"1","success":true,"ret_msg":"","op":op,"conn_id":"x"});
            self.frame(line, &answer);
        }
    }

    pub fn tell(&mut self, event: In<'_>) {
        let mut out = Out::default();
        self.account.on(self.now, event, &mut out);
        self.facts.append(&mut out.facts);
        self.calls.append(&mut out.calls);
        self.lines.append(&mut out.lines);
        self.wake = out.wake_at;
    }

    pub fn command(&mut self, command: Command) {
        self.tell(In::Command(command));
    }

    pub fn place(&mut self, order: NewOrder) {
        self.command(Command::Place(approved(order)));
    }

    /// A post-only entry.
    pub fn join(&mut self, id: &str) {
        self.place(order(id, JOIN, Intent::Entry));
    }

    pub fn cancel(&mut self, order: OrderRef) {
        self.command(Command::Cancel {
            key: key(BTC),
            order,
        });
    }

    pub fn frame(&mut self, line: Line, json: &Value) {
        let text = json.to_string();
        self.tell(In::Frame {
            line,
            opcode: Opcode::Text,
            bytes: text.as_bytes(),
        });
    }

    /// The private line tells of one record.
    pub fn told(&mut self, topic: &str, record: Value) {
        self.frame(PRIVATE, &event(topic, json!([record])));
    }

    /// The order line takes a request.
    pub fn acknowledge(&mut self, tag: u64, id: &str) {
        let answer = json!({"reqId":tag.to_string(),"retCode":0,"retMsg":"OK","op":"order.create",
            "data":{"orderId":id,"orderLinkId":""},"header":{"X-Bapi-Limit":"10","X-Bapi-Limit-Status":"9",
            "X-Bapi-Limit-Reset-Timestamp":"1"},"connId":"x"});
        self.frame(ORDERS, &answer);
    }

    /// The order line refuses one.
    pub fn refuse(&mut self, tag: u64, code: i64, msg: &str) {
        let answer = json!({"reqId":tag.to_string(),"retCode":code,"retMsg":msg,"op":"order.create","data":{},
            "header":{},"connId":"x"});
        self.frame(ORDERS, &answer);
    }

    pub fn closed(&mut self, line: Line) {
        self.tell(In::Closed { line, why: "reset" });
    }

    /// Lets time pass as a session would: wakes when asked, answers pings, measures the clock.
    pub fn pass(&mut self, ms: u64) {
        self.run(ms, true);
    }

    /// The same with lines that answer no ping.
    pub fn pass_in_silence(&mut self, ms: u64) {
        self.run(ms, false);
    }

    fn run(&mut self, ms: u64, alive: bool) {
        let end = self.now.plus_ms(ms);
        let mut turns = 0;
        while let Some(wake) = self.wake.filter(|wake| wake.mono_ns <= end.mono_ns) {
            turns += 1;
            assert!(turns < 100_000, "the machine spins");
            self.now = self.now.plus_ms(wake.ms_since(self.now).max(1));
            self.tell(In::Wake);
            if alive {
                for line in self.take_pings() {
                    self.tell(In::Frame {
                        line,
                        opcode: Opcode::Pong,
                        bytes: b"",
                    });
                }
            }
            if self
                .calls
                .iter()
                .any(|call| call.target == "/v5/market/time")
            {
                self.answer_clock();
            }
        }
        self.now = self.now.plus_ms(end.ms_since(self.now));
    }

    fn take_pings(&mut self) -> Vec<Line> {
        let mut pinged = Vec::new();
        self.lines.retain(|out| match out {
            LineOut::Send {
                line,
                opcode: Opcode::Ping,
                ..
            } => {
                pinged.push(*line);
                false
            }
            _ => true,
        });
        pinged
    }

    pub fn venue_ms(&self) -> i64 {
        self.now.wall_ms() + OFFSET_MS
    }

    pub fn answer_clock(&mut self) {
        let nanos = (self.venue_ms() * 1_000_000).to_string();
        let result = json!({"timeSecond":"1","timeNano":nanos});
        self.ok("/v5/market/time", result);
    }

    /// Takes the oldest call whose target has this in it.
    pub fn take_call(&mut self, part: &str) -> Option<Call> {
        let at = self
            .calls
            .iter()
            .position(|call| call.target.contains(part))?;
        Some(self.calls.remove(at))
    }

    pub fn call(&mut self, part: &str) -> Call {
        self.take_call(part)
            .unwrap_or_else(|| panic!("no call to {part}: {:?}", self.calls))
    }

    /// Answers the oldest call of this kind with a result.
    pub fn ok(&mut self, part: &str, result: Value) {
        let call = self.call(part);
        self.reply_json(&call, 200, &ok(result));
    }

    /// Answers it with a list.
    pub fn list(&mut self, part: &str, list: Value) {
        self.ok(part, listed(&list));
    }

    /// Answers it with a refusal.
    pub fn refuse_call(&mut self, part: &str, code: i64, msg: &str) {
        let call = self.call(part);
        self.reply_json(&call, 200, &refused(code, msg));
    }

    fn raw(&mut self, part: &str, body: &str) {
        let call = self.call(part);
        self.reply_text(&call, 200, body);
    }

    pub fn reply_json(&mut self, call: &Call, status: u16, body: &Value) {
        self.reply_text(call, status, &body.to_string());
    }

    pub fn reply_text(&mut self, call: &Call, status: u16, body: &str) {
        self.reply(
            call,
            Ok(Reply {
                status,
                headers: Vec::new(),
                body: body.as_bytes().to_vec(),
            }),
        );
    }

    pub fn reply(&mut self, call: &Call, result: Result<Reply, CallError>) {
        self.tell(In::Reply {
            tag: call.tag,
            result,
        });
    }

    /// Answers a whole fetch of account truth.
    pub fn answer_truth(&mut self) {
        while let Some(at) = self.calls.iter().position(is_of_truth) {
            let call = self.calls.remove(at);
            let result = self.truth(&call.target);
            self.reply_json(&call, 200, &ok(result));
        }
    }

    /// Answers a load of instruments, if one is asked for.
    pub fn answer_instruments(&mut self) {
        for (category, text) in [("linear", LINEAR), ("spot", SPOT)] {
            let part = format!("instruments-info?category={category}");
            if let Some(call) = self.take_call(&part) {
                self.reply_text(&call, 200, text);
            }
        }
    }

    /// Answers one question about the position with one that has no stop; `false` when none is open.
    pub fn take_call_to_position(&mut self, at: i64) -> bool {
        let Some(call) = self.take_call("position/list?category=linear&symbol=BTCUSDT") else {
            return false;
        };
        let list = listed(&json!([position_json("0.010", "", at)]));
        self.reply_json(&call, 200, &ok(list));
        true
    }

    /// What the venue says to one call of a fetch.
    pub fn truth(&self, target: &str) -> Value {
        let none = json!([]);
        let list = |list: &Value| listed(list);
        if target.contains("order/realtime?category=linear&settleCoin=USDT") {
            list(&self.orders)
        } else if target.contains("order/realtime?category=spot") {
            list(&self.coins)
        } else if target.contains("position/list?category=linear&settleCoin=USDT") {
            let open = self.positions.as_array().unwrap().iter();
            let open: Vec<&Value> = open.filter(|p| p["size"] != "0").collect();
            list(&json!(open))
        } else if target.contains("position/list?category=linear&symbol=BTCUSDT") {
            let flat = json!([position_json("0", "", 1)]);
            let rows = self.positions.as_array().unwrap();
            list(if rows.is_empty() {
                &flat
            } else {
                &self.positions
            })
        } else if target.contains("execution/list?category=linear") {
            list(&self.trades)
        } else if target.contains("wallet-balance") {
            json!({"list":[{"accountType":"UNIFIED","coin":[{"coin":"USDT","walletBalance":"1000","totalOrderIM":"100"}]}]})
        } else if target.contains("account/info") {
            json!({"marginMode":"REGULAR_MARGIN","unifiedMarginStatus":5})
        } else if target.contains("query-api") {
            json!({"readOnly":0,"permissions":{"ContractTrade":["Order","Position"],"Spot":["SpotTrade"]},"ips":["1.2.3.4"]})
        } else if target.contains("fee-rate") {
            json!({"list":[{"symbol":BTC,"takerFeeRate":"0.00055","makerFeeRate":"0.0002"}]})
        } else {
            list(&none)
        }
    }

    /// Every request frame that was handed to the order line: tag and JSON.
    pub fn sent(&self) -> Vec<(u64, Value)> {
        let frame = |out: &LineOut| match out {
            LineOut::Send {
                line: ORDERS,
                tag,
                opcode: Opcode::Text,
                bytes,
            } if *tag > 0 => Some((*tag, serde_json::from_slice(bytes).unwrap())),
            _ => None,
        };
        self.lines.iter().filter_map(frame).collect()
    }

    /// The last of them.
    pub fn last(&self) -> (u64, Value) {
        self.sent().pop().unwrap()
    }

    /// How often this order was handed on, by either path.
    pub fn placed(&self, id: &str) -> usize {
        let named = format!("\"orderLinkId\":\"{id}\"");
        let frames = self.sent();
        let by_line = frames.iter().filter(|(_, json)| {
            json["op"] == "order.create" && json["args"][0]["orderLinkId"] == id
        });
        let by_rest = self.calls.iter().filter(|call| {
            call.method == Method::Post
                && call.target == "/v5/order/create"
                && call.body.contains(&named)
        });
        by_line.count() + by_rest.count()
    }

    pub fn written(&mut self, tag: u64, written: usize) {
        self.tell(In::Sent {
            line: ORDERS,
            tag,
            written,
        });
    }

    pub fn link(&self) -> Option<LinkState> {
        let mut links = self.facts.iter().rev();
        links.find_map(|fact| match fact {
            Fact::Link { state, .. } => Some(*state),
            _ => None,
        })
    }

    pub fn outcomes(&self, id: &str) -> Vec<Outcome> {
        let answers = self.facts.iter().filter_map(|fact| match fact {
            Fact::Answer {
                client, outcome, ..
            } if client.as_str() == id => Some(outcome.clone()),
            _ => None,
        });
        answers.collect()
    }

    /// Reports of this order.
    pub fn reports(&self, id: &str) -> Vec<&OrderReport> {
        let reports = self.facts.iter().filter_map(|fact| match fact {
            Fact::Order(report) if report.order.client.as_str() == id => Some(report),
            _ => None,
        });
        reports.collect()
    }

    pub fn fills(&self) -> Vec<Fill> {
        let mut fills = Vec::new();
        for fact in &self.facts {
            match fact {
                Fact::Fill(fill) => fills.push(*fill),
                Fact::Truth { truth, .. } => fills.extend(&truth.fills),
                _ => {}
            }
        }
        fills
    }

    /// The last whole truth.
    pub fn told_truth(&self) -> &crate::domain::message::AccountTruth {
        let mut truths = self.facts.iter().rev();
        truths
            .find_map(|fact| match fact {
                Fact::Truth { truth, .. } => Some(&**truth),
                _ => None,
            })
            .unwrap_or_else(|| panic!("no truth: {:?}", self.facts))
    }

    pub fn bad(&self) -> Vec<&str> {
        let bad = self.facts.iter().filter_map(|fact| match fact {
            Fact::Bad { words, .. } => Some(words.as_str()),
            _ => None,
        });
        bad.collect()
    }

    /// Forgets what was seen so far.
    pub fn clear(&mut self) {
        self.facts.clear();
        self.calls.clear();
        self.lines.clear();
    }
}

fn is_of_truth(call: &Call) -> bool {
    [
        "order/realtime?category=linear&settleCoin",
        "order/realtime?category=spot&limit",
        "position/list",
        "execution/list",
        "wallet-balance",
        "account/info",
        "query-api",
        "fee-rate",
    ]
    .iter()
    .any(|part| call.target.contains(part))
}
