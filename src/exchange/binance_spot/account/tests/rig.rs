//! A venue made of hands: the test sees what the machine asks for and answers it, in virtual time.

use serde_json::{Value, json};

use super::super::BinanceSpotAccount;
use crate::domain::message::{AccountTruth, LinkState};
use crate::domain::risk::{Cap, Exposure, Limits, check};
use crate::domain::{
    Account, Approved, ClientId, Command, Fact, Instrument, Intent, MarketKey, NewOrder,
    OrderClass, OrderKind, OrderRef, Outcome, Price, Qty, Side, Stamp, Symbol, TimeInForce,
    VenueId,
};
use crate::exchange::AccountSettings;
use crate::exchange::account::upkeep::{ORDERS, PRIVATE};
use crate::exchange::binance_spot::{VENUE, instruments};
use crate::exchange::credentials::{Credentials, KeyMaterial};
use crate::exchange::machine::{
    Call, CallError, In, Line, LineOut, Machine, Method, Opcode, Out, Reply,
};
use crate::secret::Secret;

pub const INFO: &str =
    include_str!("../../../../../tests/wire/binance_spot/exchange_info_excerpt.json");
/// The venue's clock is this far ahead of the host's wall clock, ms.
pub const OFFSET_MS: i64 = 1_500;
pub const KEY: &str = "the-api-key";
pub const SECRET: &str = "the-api-secret";

pub struct Rig {
    pub account: BinanceSpotAccount,
    pub now: Stamp,
    pub facts: Vec<Fact>,
    pub calls: Vec<Call>,
    pub lines: Vec<LineOut>,
    pub wake: Option<Stamp>,
}

pub fn symbol(name: &str) -> Symbol {
    Symbol::new(name).unwrap()
}

pub fn key(name: &str) -> MarketKey {
    MarketKey {
        account: Account::new("main").unwrap(),
        venue: VenueId::new("binance-spot").unwrap(),
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
        position: 1.into(),
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

/// Buy 0.01000 at 60 000.00, post-only.
pub fn order(id: &str, intent: Intent) -> Approved<NewOrder> {
    let kind = OrderKind::Limit {
        price: Price(6_000_000),
        tif: TimeInForce::PostOnly,
    };
    approved(with_kind(id, kind, intent))
}

/// Buy 0.01000, or sell as much as an exit.
pub fn with_kind(id: &str, kind: OrderKind, intent: Intent) -> NewOrder {
    NewOrder {
        leg: None,
        key: key("BTCUSDT"),
        id: ClientId::new(id).unwrap(),
        side: match intent {
            Intent::Entry => Side::Buy,
            Intent::Exit => Side::Sell,
        },
        qty: Qty(1_000),
        kind,
        intent,
    }
}

pub fn approved(order: NewOrder) -> Approved<NewOrder> {
    check(order, &btc(), &limits(), &exposure()).unwrap()
}

pub fn reference(id: &str) -> OrderRef {
    OrderRef {
        client: ClientId::new(id).unwrap(),
        venue: None,
        class: OrderClass::Regular,
    }
}

/// An order as `GET order` and `openOrders` show it.
pub fn order_json(client: &str, id: u64, status: &str, filled: &str, at: i64) -> Value {
    json!({"symbol":"BTCUSDT","orderId":id,"orderListId":-1,"clientOrderId":client,"price":"60000.00000000",
        "origQty":"0.01000000","executedQty":filled,"cummulativeQuoteQty":"0.00000000","status":status,"timeInForce":"GTC",
        "type":"LIMIT_MAKER","side":"BUY","stopPrice":"0.00000000","icebergQty":"0.00000000","time":at,"updateTime":at,
        "isWorking":true,"workingTime":at,"origQuoteOrderQty":"0.000000","selfTradePreventionMode":"EXPIRE_MAKER"})
}

/// An event of the user stream, in its envelope.
pub fn wrapped(event: &Value) -> Value {
    json!({"subscriptionId":0,"event":event})
}

/// `executionReport`, with every field that the venue documents for each.
pub fn report(client: &str, id: u64, x: &str, status: &str, at: i64) -> Value {
    json!({"e":"executionReport","E":at,"s":"BTCUSDT","c":client,"S":"BUY","o":"LIMIT_MAKER","f":"GTC","q":"0.01000000",
        "p":"60000.00000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":x,"X":status,"r":"NONE","i":id,
        "l":"0.00000000","z":"0.00000000","L":"0.00000000","n":"0","N":null,"T":at,"t":-1,"I":1,"w":true,"m":false,
        "M":false,"O":at,"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000","W":at,"V":"EXPIRE_MAKER"})
}

/// A fill of all of it, paid for in the coin that was bought.
pub fn fill_report(client: &str, id: u64, trade: u64, at: i64) -> Value {
    let mut event = report(client, id, "TRADE", "FILLED", at);
    event["l"] = json!("0.01000000");
    event["z"] = json!("0.01000000");
    event["L"] = json!("60000.00000000");
    event["Z"] = json!("600.00000000");
    event["N"] = json!("BTC");
    event["n"] = json!("0.00001000");
    event["t"] = json!(trade);
    event["m"] = json!(true);
    event
}

pub fn trade_json(id: u64, order: u64, at: i64) -> Value {
    json!({"symbol":"BTCUSDT","id":id,"orderId":order,"orderListId":-1,"price":"60000.00000000","qty":"0.01000000",
        "quoteQty":"600.00000000","commission":"0.00001000","commissionAsset":"BTC","time":at,"isBuyer":true,"isMaker":true,
        "isBestMatch":true})
}

impl Rig {
    /// A machine that was told nothing yet.
    pub fn new() -> Self {
        Self::with(Credentials::hmac(KEY, SECRET).unwrap())
    }

    /// The same with an Ed25519 key.
    pub fn ed25519() -> Self {
        let seed = Secret::of(&[7; 32]).unwrap();
        let material = KeyMaterial::Ed25519(seed);
        Self::with(Credentials::new(KEY, &material, None).unwrap())
    }

    fn with(credentials: Credentials) -> Self {
        let settings = AccountSettings {
            label: Account::new("main").unwrap(),
            endpoints: (VENUE.at)("http://h"),
            credentials,
            session: "S1".into(),
        };
        Self {
            account: BinanceSpotAccount::new(settings),
            now: Stamp {
                mono_ns: 5_000_000_000,
                wall_ns: 1_700_000_000_000_000_000,
            },
            facts: Vec::new(),
            calls: Vec::new(),
            lines: Vec::new(),
            wake: None,
        }
    }

    /// A machine with both lines open, the stream subscribed, truth told, link ready; an account with nothing in it.
    pub fn ready() -> Self {
        let mut rig = Self::new();
        rig.start();
        rig.subscribed();
        rig.answer_truth(json!([]), &[]);
        assert_eq!(rig.link(), Some(LinkState::Ready));
        rig.clear();
        rig
    }

    /// Starts it and opens both lines.
    pub fn start(&mut self) {
        self.tell(In::Start);
        self.answer_clock();
        self.ok("exchangeInfo", serde_json::from_str(INFO).unwrap());
        self.open(ORDERS);
        self.open(PRIVATE);
    }

    /// Answers the subscription; truth is being asked for afterwards.
    pub fn subscribed(&mut self) {
        let (tag, _) = self.last_sent(PRIVATE);
        let answer = json!({"id":tag,"status":200,"result":{"subscriptionId":0},"rateLimits":[
            {"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":4}]});
        self.frame(PRIVATE, &answer);
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

    /// An event of the user stream.
    pub fn event(&mut self, event: &Value) {
        self.frame(PRIVATE, &wrapped(event));
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
            if self.calls.iter().any(|call| call.target == "/api/v3/time") {
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
        self.answer(part, 200, &body);
    }

    pub fn answer(&mut self, part: &str, status: u16, body: &Value) {
        let call = self
            .take_call(part)
            .unwrap_or_else(|| panic!("no call to {part}"));
        self.reply_with(&call, status, body);
    }

    pub fn reply_with(&mut self, call: &Call, status: u16, body: &Value) {
        let reply = Reply {
            status,
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
    pub fn answer_truth(&mut self, orders: Value, trades: &[Value]) {
        self.ok("openOrders", orders);
        self.ok(
            "/api/v3/account?",
            holdings(true, &[("USDT", "900", "100")]),
        );
        self.answer_trades(trades);
    }

    pub fn answer_trades(&mut self, trades: &[Value]) {
        while let Some(call) = self.take_call("myTrades") {
            self.reply_with(&call, 200, &json!(trades));
        }
    }

    /// Every request frame that was handed to a line: tag and JSON.
    pub fn sent_on(&self, on: Line) -> Vec<(u64, Value)> {
        let frame = |out: &LineOut| match out {
            LineOut::Send {
                line,
                tag,
                opcode: Opcode::Text,
                bytes,
            } if *line == on => Some((*tag, serde_json::from_slice(bytes).unwrap())),
            _ => None,
        };
        self.lines.iter().filter_map(frame).collect()
    }

    pub fn last_sent(&self, on: Line) -> (u64, Value) {
        self.sent_on(on).pop().expect("a frame was sent")
    }

    pub fn sent(&self) -> Vec<(u64, Value)> {
        self.sent_on(ORDERS)
    }

    /// Answers the last request on the order line.
    pub fn answer_order(&mut self, status: u16, mut answer: Value) {
        let (tag, _) = self.last_sent(ORDERS);
        answer["id"] = json!(tag);
        answer["status"] = json!(status);
        self.frame(ORDERS, &answer);
    }

    pub fn refuse(&mut self, code: i64, msg: &str) {
        self.answer_order(400, json!({"error":{"code":code,"msg":msg}}));
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

    pub fn opens(&self, on: Line) -> usize {
        let opens = self.lines.iter();
        opens
            .filter(|out| matches!(out, LineOut::Open { line, .. } if *line == on))
            .count()
    }

    pub fn closes(&self, on: Line) -> usize {
        let closes = self.lines.iter();
        closes
            .filter(|out| matches!(out, LineOut::Close { line } if *line == on))
            .count()
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

    /// The last truth that was told.
    pub fn truth(&self) -> Option<&AccountTruth> {
        let mut facts = self.facts.iter().rev();
        facts.find_map(|fact| match fact {
            Fact::Truth { truth, .. } => Some(&**truth),
            _ => None,
        })
    }

    /// Forgets what was seen so far.
    pub fn clear(&mut self) {
        self.facts.clear();
        self.calls.clear();
        self.lines.clear();
    }
}

/// `GET account` with these coins: name, free, locked.
pub fn holdings(can_trade: bool, coins: &[(&str, &str, &str)]) -> Value {
    let balances: Vec<Value> = coins
        .iter()
        .map(|(asset, free, locked)| json!({"asset":asset,"free":free,"locked":locked}))
        .collect();
    json!({"makerCommission":15,"takerCommission":15,"canTrade":can_trade,"canWithdraw":true,"canDeposit":true,
        "updateTime":123456789,"accountType":"SPOT","balances":balances,"permissions":["SPOT"],"uid":354937868})
}
