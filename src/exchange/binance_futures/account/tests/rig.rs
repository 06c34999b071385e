//! A venue made of hands: the test sees what the machine asks for and answers it, in virtual time.

use serde_json::{Value, json};

use super::super::{BinanceFuturesAccount, ORDERS, PRIVATE};
use crate::domain::message::LinkState;
use crate::domain::risk::{Cap, Exposure, Limits, check, check_amend};
use crate::domain::{
    Account, Amend, Approved, ClientId, Command, Fact, Instrument, Intent, MarketKey, NewOrder,
    OrderClass, OrderKind, OrderRef, Outcome, Price, Qty, Side, Stamp, Symbol, TimeInForce,
    VenueId,
};
use crate::exchange::binance_futures::instruments;
use crate::exchange::credentials::Credentials;
use crate::exchange::machine::{
    Call, CallError, In, Line, LineOut, Machine, Method, Opcode, Out, Reply,
};
use crate::exchange::{AccountSettings, Endpoints};

pub const INFO: &str =
    include_str!("../../../../../tests/wire/binance_futures/exchange_info_excerpt.json");
/// The venue's clock is this far ahead of the host's wall clock, ms.
pub const OFFSET_MS: i64 = 1_500;
pub const KEY: &str = "the-api-key";
pub const SECRET: &str = "the-api-secret";

pub struct Rig {
    pub account: BinanceFuturesAccount,
    pub now: Stamp,
    pub facts: Vec<Fact>,
    pub calls: Vec<Call>,
    pub lines: Vec<LineOut>,
    pub wake: Option<Stamp>,
    /// Open conditional orders, for [`Rig::answer_truth`].
    pub algos: Value,
    /// Hedge mode, for the same.
    pub hedge: bool,
}

pub fn symbol(name: &str) -> Symbol {
    Symbol::new(name).unwrap()
}

pub fn key(name: &str) -> MarketKey {
    MarketKey {
        account: Account::new("main").unwrap(),
        venue: VenueId::new("binance-futures").unwrap(),
        symbol: symbol(name),
        leg: None,
    }
}

pub fn btc() -> Instrument {
    let load = instruments::load(INFO.as_bytes(), key("BTCUSDT").venue).unwrap();
    let mut all = load.instruments.into_iter();
    all.find(|i| i.symbol == symbol("BTCUSDT")).unwrap()
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
        bid: Some(Price(6_000_000)),
        ask: Some(Price(6_000_001)),
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

/// Buy 0.010 at 60 000.00.
pub fn order(id: &str, intent: Intent) -> Approved<NewOrder> {
    let kind = OrderKind::Limit {
        price: Price(6_000_000),
        tif: TimeInForce::PostOnly,
    };
    approved(with_kind(id, kind, intent))
}

/// Buy 0.010.
pub fn with_kind(id: &str, kind: OrderKind, intent: Intent) -> NewOrder {
    NewOrder {
        leg: None,
        key: key("BTCUSDT"),
        id: ClientId::new(id).unwrap(),
        side: Side::Buy,
        qty: Qty(10),
        kind,
        intent,
    }
}

pub fn approved(order: NewOrder) -> Approved<NewOrder> {
    check(order, &btc(), &limits(), &exposure()).unwrap()
}

pub fn approved_amend(amend: Amend) -> Approved<Amend> {
    check_amend(amend, Intent::Entry, &btc(), &limits(), &exposure()).unwrap()
}

pub fn reference(id: &str) -> OrderRef {
    OrderRef {
        client: ClientId::new(id).unwrap(),
        venue: None,
        class: OrderClass::Regular,
    }
}

pub fn amend(id: &str, price: i64) -> Approved<Amend> {
    let amend = Amend {
        key: key("BTCUSDT"),
        order: reference(id),
        side: Side::Buy,
        price: Price(price),
        qty: Qty(10),
    };
    approved_amend(amend)
}

/// An order as `GET order` and `openOrders` show it.
pub fn order_json(client: &str, id: u64, status: &str, filled: &str, at: i64) -> Value {
    json!({"symbol":"BTCUSDT","orderId":id,"clientOrderId":client,"side":"BUY","status":status,"price":"60000.00",
        "avgPrice":"0.00","origQty":"0.010","executedQty":filled,"timeInForce":"GTX","type":"LIMIT","reduceOnly":false,
        "stopPrice":"0","updateTime":at})
}

/// An order event of the private stream.
pub fn order_event(client: &str, id: u64, x: &str, status: &str, at: i64) -> Value {
    json!({"e":"ORDER_TRADE_UPDATE","E":at,"T":at,"o":{"s":"BTCUSDT","c":client,"S":"BUY","o":"LIMIT","f":"GTX","q":"0.010",
        "p":"60000.00","ap":"0","sp":"0","x":x,"X":status,"i":id,"l":"0","z":"0","L":"0","T":at,"t":0,"m":false,"R":false,
        "rp":"0"}})
}

/// A fill of all of it.
pub fn fill_event(client: &str, id: u64, trade: u64, at: i64) -> Value {
    let mut event = order_event(client, id, "TRADE", "FILLED", at);
    let o = &mut event["o"];
    o["l"] = json!("0.010");
    o["z"] = json!("0.010");
    o["L"] = json!("60000.00");
    o["ap"] = json!("60000.00");
    o["N"] = json!("USDT");
    o["n"] = json!("0.12000000");
    o["t"] = json!(trade);
    o["m"] = json!(true);
    event
}

pub fn trade_json(id: u64, order: u64, at: i64) -> Value {
    json!({"symbol":"BTCUSDT","id":id,"orderId":order,"side":"BUY","price":"60000.00","qty":"0.010","realizedPnl":"0",
        "commission":"0.12","commissionAsset":"USDT","time":at,"buyer":true,"maker":true,"positionSide":"BOTH"})
}

impl Rig {
    /// A machine that was told nothing yet.
    pub fn new() -> Self {
        Self::with(Credentials::hmac(KEY, SECRET).unwrap())
    }

    /// The same with another key.
    pub fn with(credentials: Credentials) -> Self {
        let endpoints = Endpoints {
            rest: "http://h".into(),
            ws_public: "ws://h/public".into(),
            ws_market: "ws://h/market".into(),
            ws_private: "ws://h/private".into(),
            ws_api: "ws://h/ws-fapi/v1".into(),
            rights: None,
            headers: Vec::new(),
        };
        let settings = AccountSettings {
            label: Account::new("main").unwrap(),
            endpoints,
            credentials,
            session: "S1".into(),
        };
        Self {
            account: BinanceFuturesAccount::new(settings),
            now: Stamp {
                mono_ns: 5_000_000_000,
                wall_ns: 1_700_000_000_000_000_000,
            },
            facts: Vec::new(),
            calls: Vec::new(),
            lines: Vec::new(),
            wake: None,
            algos: json!([]),
            hedge: false,
        }
    }

    /// A machine with both lines open, truth told, link ready; an account with nothing in it.
    pub fn ready() -> Self {
        let mut rig = Self::new();
        rig.start();
        rig.answer_truth(json!([]), json!([]), &[]);
        assert_eq!(rig.link(), Some(LinkState::Ready));
        rig.clear();
        rig
    }

    /// Starts it and opens both lines; truth is being asked for afterwards.
    pub fn start(&mut self) {
        self.tell(In::Start);
        self.open(ORDERS);
        self.answer_clock();
        self.ok("exchangeInfo", serde_json::from_str(INFO).unwrap());
        self.ok("listenKey", json!({"listenKey":"abc123"}));
        self.open(PRIVATE);
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

    pub fn place(&mut self, id: &str) {
        self.command(Command::Place(order(id, Intent::Entry)));
    }

    pub fn cancel(&mut self, id: &str) {
        self.command(Command::Cancel {
            key: key("BTCUSDT"),
            order: reference(id),
        });
    }

    pub fn open(&mut self, line: Line) {
        self.tell(In::Opened { line });
    }

    pub fn frame(&mut self, line: Line, json: &Value) {
        let text = json.to_string();
        self.tell(In::Frame {
            line,
            opcode: Opcode::Text,
            bytes: text.as_bytes(),
        });
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
            if self.calls.iter().any(|call| call.target == "/fapi/v1/time") {
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
        let now = self.venue_ms();
        self.ok("/time", json!({"serverTime":now}));
    }

    /// Takes the oldest call whose target has this in it.
    pub fn take_call(&mut self, part: &str) -> Option<Call> {
        let at = self
            .calls
            .iter()
            .position(|call| call.target.contains(part))?;
        Some(self.calls.remove(at))
    }

    pub fn ok(&mut self, part: &str, body: Value) {
        self.answer(part, 200, body);
    }

    pub fn answer(&mut self, part: &str, status: u16, body: Value) {
        let call = self
            .take_call(part)
            .unwrap_or_else(|| panic!("no call to {part}: {:?}", self.calls));
        self.reply(
            &call,
            Ok(Reply {
                status,
                headers: Vec::new(),
                body: body.to_string().into_bytes(),
            }),
        );
    }

    pub fn reply_ok(&mut self, call: &Call, body: &Value) {
        let reply = Reply {
            status: 200,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        self.reply(call, Ok(reply));
    }

    pub fn fail(&mut self, part: &str, error: CallError) {
        let call = self.take_call(part).unwrap();
        self.reply(&call, Err(error));
    }

    pub fn reply(&mut self, call: &Call, result: Result<Reply, CallError>) {
        self.tell(In::Reply {
            tag: call.tag,
            result,
        });
    }

    /// Answers a whole fetch of account truth; every symbol's trades are `trades`.
    pub fn answer_truth(&mut self, orders: Value, positions: Value, trades: &[Value]) {
        self.ok("openOrders", orders);
        self.ok("openAlgoOrders", self.algos.clone());
        self.ok("positionRisk", positions);
        self.ok(
            "balance",
            json!([{"asset":"USDT","balance":"1000","availableBalance":"900"}]),
        );
        self.ok(
            "accountConfig",
            json!({"canTrade":true,"dualSidePosition":self.hedge}),
        );
        while let Some(call) = self.take_call("userTrades") {
            let body = json!(trades).to_string().into_bytes();
            let headers = Vec::new();
            self.reply(
                &call,
                Ok(Reply {
                    status: 200,
                    headers,
                    body,
                }),
            );
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
            } => Some((*tag, serde_json::from_slice(bytes).unwrap())),
            _ => None,
        };
        self.lines.iter().filter_map(frame).collect()
    }

    /// How often this order was handed on, by either path.
    pub fn placed(&self, id: &str) -> usize {
        let frames = self.sent();
        let by_line = frames.iter().filter(|(_, json)| {
            json["method"] == "order.place" && json["params"]["newClientOrderId"] == id
        });
        let by_rest = self.calls.iter().filter(|call| {
            call.method == Method::Post && call.target.contains(&format!("newClientOrderId={id}&"))
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

    pub fn fills(&self) -> usize {
        let fills = self.facts.iter().map(|fact| match fact {
            Fact::Fill(_) => 1,
            Fact::Truth { truth, .. } => truth.fills.len(),
            _ => 0,
        });
        fills.sum()
    }

    pub fn bad(&self) -> usize {
        let bad = self.facts.iter().filter(|f| matches!(f, Fact::Bad { .. }));
        bad.count()
    }

    pub fn truths(&self) -> usize {
        let truths = self.facts.iter();
        truths.filter(|f| matches!(f, Fact::Truth { .. })).count()
    }

    /// Forgets the facts alone.
    pub fn clear_facts(&mut self) {
        self.facts.clear();
    }

    /// Forgets what was seen so far.
    pub fn clear(&mut self) {
        self.facts.clear();
        self.calls.clear();
        self.lines.clear();
    }
}
