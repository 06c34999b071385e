//! A venue made of hands: the test sees what the machine asks for and answers it, in virtual time.

use serde_json::{Value, json};

use super::super::OkxAccount;
use super::super::lines::{BUSINESS, PRIVATE};
use crate::domain::message::LinkState;
use crate::domain::risk::{Cap, Exposure, Limits, check, check_amend};
use crate::domain::{
    Account, Amend, Approved, ClientId, Command, Fact, Fill, Instrument, Intent, MarketKey,
    NewOrder, OrderClass, OrderKind, OrderRef, OrderReport, Outcome, Price, Qty, Side, Stamp,
    Symbol, TimeInForce, VenueId,
};
use crate::exchange::credentials::{Credentials, KeyMaterial};
use crate::exchange::machine::{
    Call, CallError, In, Line, LineOut, Machine, Method, Opcode, Out, Reply,
};
use crate::exchange::okx::instruments;
use crate::exchange::{AccountSettings, Endpoints};
use crate::secret::Secret;

/// The venue's clock is this far ahead of the host's wall clock, ms.
pub const OFFSET_MS: i64 = 1_500;
pub const KEY: &str = "a1b2c3d4-0000-4abc-8def-0123456789ab";
pub const PASSPHRASE: &str = "the-passphrase";
/// The number of BTC-USDT-SWAP.
pub const CODE: u64 = 10_459;

pub struct Rig {
    pub account: OkxAccount,
    pub now: Stamp,
    pub facts: Vec<Fact>,
    pub calls: Vec<Call>,
    pub lines: Vec<LineOut>,
    pub wake: Option<Stamp>,
    /// Open conditional orders, for [`Rig::answer_truth`].
    pub algos: Value,
    /// `acctLv` and `posMode`, for the same.
    pub level: &'static str,
    pub mode: &'static str,
}

pub fn symbol(name: &str) -> Symbol {
    Symbol::new(name).unwrap()
}

pub fn key(name: &str) -> MarketKey {
    MarketKey {
        account: Account::new("main").unwrap(),
        venue: VenueId::new("okx").unwrap(),
        symbol: symbol(name),
        leg: None,
    }
}

/// Instruments of a type with the fields that are documented today.
pub fn listed(kind: &str) -> Value {
    let swap = |name: &str, code: u64, base: &str, value: &str| {
        json!({"instType":"SWAP","instId":name,"instIdCode":code,"instFamily":name.strip_suffix("-SWAP").unwrap(),"baseCcy":"",
            "quoteCcy":"","settleCcy":"USDT","ctType":"linear","ctVal":value,"ctMult":"1","ctValCcy":base,"tickSz":"0.1",
            "lotSz":"0.01","minSz":"0.01","maxLmtSz":"100000000","maxMktSz":"35000","state":"live","lever":"100"})
    };
    let rows = match kind {
        "SWAP" => vec![
            swap("BTC-USDT-SWAP", CODE, "BTC", "0.01"),
            swap("ETH-USDT-SWAP", 10_461, "ETH", "0.1"),
        ],
        "SPOT" => vec![
            json!({"instType":"SPOT","instId":"BTC-USDT","instIdCode":7,"baseCcy":"BTC","quoteCcy":"USDT","settleCcy":"",
            "ctType":"","ctVal":"","ctMult":"","ctValCcy":"","tickSz":"0.1","lotSz":"0.00000001","minSz":"0.00001",
            "maxLmtSz":"9999999999","maxMktSz":"1000000","state":"live","lever":"10"}),
        ],
        _ => Vec::new(),
    };
    json!({"code":"0","msg":"","data":rows})
}

fn instrument(kind: &str, name: &str) -> Instrument {
    let body = listed(kind).to_string();
    let load = instruments::load(body.as_bytes(), key(name).venue).unwrap();
    let mut all = load.instruments.into_iter();
    all.find(|i| i.symbol == symbol(name)).unwrap()
}

pub fn swap() -> Instrument {
    instrument("SWAP", "BTC-USDT-SWAP")
}

pub fn spot() -> Instrument {
    instrument("SPOT", "BTC-USDT")
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

pub const POST_ONLY: OrderKind = OrderKind::Limit {
    price: Price(600_000),
    tif: TimeInForce::PostOnly,
};

/// Buy 0.10 contracts of BTC-USDT-SWAP.
pub fn with_kind(id: &str, kind: OrderKind, intent: Intent) -> NewOrder {
    NewOrder {
        leg: None,
        key: key("BTC-USDT-SWAP"),
        id: ClientId::new(id).unwrap(),
        side: Side::Buy,
        qty: Qty(10),
        kind,
        intent,
    }
}

pub fn approved(order: NewOrder) -> Approved<NewOrder> {
    check(order, &swap(), &limits(), &exposure()).unwrap()
}

/// Buy 0.001 BTC for USDT; an exit sells it.
pub fn spot_order(id: &str, kind: OrderKind, intent: Intent) -> Approved<NewOrder> {
    let side = match intent {
        Intent::Entry => Side::Buy,
        Intent::Exit => Side::Sell,
    };
    let order = NewOrder {
        key: key("BTC-USDT"),
        side,
        qty: Qty(100_000),
        ..with_kind(id, kind, intent)
    };
    let owned = Exposure {
        position: 1.into(),
        ..exposure()
    };
    check(order, &spot(), &limits(), &owned).unwrap()
}

pub fn reference(id: &str) -> OrderRef {
    OrderRef {
        client: ClientId::new(id).unwrap(),
        venue: None,
        class: OrderClass::Regular,
    }
}

pub fn approved_amend(amend: Amend) -> Approved<Amend> {
    check_amend(amend, Intent::Entry, &swap(), &limits(), &exposure()).unwrap()
}

pub fn amend(id: &str, price: i64) -> Approved<Amend> {
    let amend = Amend {
        key: key("BTC-USDT-SWAP"),
        order: reference(id),
        side: Side::Buy,
        price: Price(price),
        qty: Qty(10),
    };
    approved_amend(amend)
}

/// An order as `GET order`, `orders-pending` and the `orders` channel show it.
pub fn order_json(client: &str, id: u64, state: &str, filled: &str, at: i64) -> Value {
    json!({"instType":"SWAP","instId":"BTC-USDT-SWAP","ordId":id.to_string(),"clOrdId":client,"side":"buy","posSide":"net",
        "tdMode":"cross","ordType":"post_only","px":"60000","sz":"0.1","accFillSz":filled,"avgPx":"","state":state,
        "reduceOnly":"false","cancelSource":"","category":"normal","source":"","algoId":"","algoClOrdId":"","tgtCcy":"",
        "tradeId":"","fillPx":"","fillSz":"0","fillTime":"","amendResult":"","code":"0","msg":"","cTime":at.to_string(),
        "uTime":at.to_string()})
}

/// The same with a fill of this size.
pub fn fill_json(
    client: &str,
    id: u64,
    state: &str,
    (filled, size): (&str, &str),
    trade: u64,
    at: i64,
) -> Value {
    let mut order = order_json(client, id, state, filled, at);
    for (name, value) in [
        ("tradeId", trade.to_string().as_str()),
        ("fillPx", "60000"),
        ("fillSz", size),
        ("fillFee", "-0.012"),
        ("fillFeeCcy", "USDT"),
        ("fillPnl", "0"),
        ("execType", "M"),
        ("fillTime", at.to_string().as_str()),
        ("avgPx", "60000"),
    ] {
        order[name] = json!(value);
    }
    order
}

/// A row of `fills`.
pub fn row_json(client: &str, id: u64, trade: u64, at: i64) -> Value {
    json!({"instType":"SWAP","instId":"BTC-USDT-SWAP","tradeId":trade.to_string(),"ordId":id.to_string(),"clOrdId":client,
        "billId":(trade + 1_000_000).to_string(),"fillPx":"60000","fillSz":"0.1","side":"buy","posSide":"net","execType":"T",
        "feeCcy":"USDT","fee":"-0.03","fillPnl":"0","fillTime":at.to_string(),"ts":at.to_string()})
}

pub fn position_json(pos: &str, mode: &str, at: i64) -> Value {
    json!({"instType":"SWAP","instId":"BTC-USDT-SWAP","mgnMode":mode,"posSide":"net","pos":pos,"avgPx":"60000",
        "liqPx":"","uTime":at.to_string()})
}

/// A conditional order as `orders-algo-pending` and its channel show it: sell 0.10 at 59 000.
pub fn algo_json(client: &str, id: u64, state: &str, at: i64) -> Value {
    json!({"instType":"SWAP","instId":"BTC-USDT-SWAP","algoId":id.to_string(),"algoClOrdId":client,"side":"sell",
        "posSide":"net","tdMode":"cross","ordType":"conditional","sz":"0.1","state":state,"reduceOnly":"true",
        "slTriggerPx":"59000","slTriggerPxType":"last","slOrdPx":"-1","tpTriggerPx":"","tpOrdPx":"","triggerPx":"","ordPx":"",
        "activePx":"","callbackRatio":"","callbackSpread":"","ordId":"","ordIdList":[],"closeFraction":"","failCode":"",
        "actualSz":"0","actualPx":"","cTime":at.to_string(),"uTime":at.to_string()})
}

pub fn data(channel: &str, record: Value) -> Value {
    json!({"arg":{"channel":channel,"instType":"ANY","uid":"1"},"data":[record]})
}

fn good(rows: Value) -> Value {
    json!({"code":"0","msg":"","data":rows})
}

impl Rig {
    /// A machine that was told nothing yet.
    pub fn new() -> Self {
        let material = KeyMaterial::Hmac(Secret::of(b"22582BD0CFF14C41EDBF1AB98506286D").unwrap());
        let passphrase = Secret::of(PASSPHRASE.as_bytes()).unwrap();
        let credentials = Credentials::new(KEY, &material, Some(passphrase)).unwrap();
        let settings = AccountSettings {
            label: Account::new("main").unwrap(),
            endpoints: Endpoints {
                rest: "http://h".into(),
                ws_public: "ws://h/ws/v5/public".into(),
                ws_market: "ws://h/ws/v5/business".into(),
                ws_private: "ws://h/ws/v5/private".into(),
                ws_api: "ws://h/ws/v5/private".into(),
                rights: None,
                headers: vec![("x-simulated-trading", "1".to_owned())],
            },
            credentials,
            session: "S1".into(),
        };
        Self {
            account: OkxAccount::new(settings),
            now: Stamp {
                mono_ns: 5_000_000_000,
                wall_ns: 1_700_000_000_000_000_000,
            },
            facts: Vec::new(),
            calls: Vec::new(),
            lines: Vec::new(),
            wake: None,
            algos: json!([]),
            level: "2",
            mode: "net_mode",
        }
    }

    /// A machine with both sockets standing, truth told, link ready; an account with nothing in it.
    pub fn ready() -> Self {
        Self::ready_as("2", "net_mode")
    }

    /// The same with another account mode and position mode.
    pub fn ready_as(level: &'static str, mode: &'static str) -> Self {
        let mut rig = Self::new();
        (rig.level, rig.mode) = (level, mode);
        rig.start();
        rig.answer_truth(json!([]), json!([]), json!([]));
        assert_eq!(rig.link(), Some(LinkState::Ready));
        rig.clear();
        rig
    }

    /// Starts it and brings both sockets to stand; truth is being asked for afterwards.
    pub fn start(&mut self) {
        self.tell(In::Start);
        self.answer_clock();
        for kind in ["SWAP", "SPOT", "FUTURES"] {
            self.ok(&format!("instType={kind}"), listed(kind));
        }
        self.stand(BUSINESS);
        self.stand(PRIVATE);
    }

    /// Opens a socket, takes its login and its subscriptions.
    pub fn stand(&mut self, line: Line) {
        self.open(line);
        self.frame(
            line,
            &json!({"event":"login","code":"0","msg":"","connId":"a4d3ae55"}),
        );
        let channels: &[&str] = if line == PRIVATE {
            &["orders", "positions", "account", "liquidation-warning"]
        } else {
            &["orders-algo", "algo-advance"]
        };
        for channel in channels {
            self.frame(
                line,
                &json!({"event":"subscribe","arg":{"channel":channel,"instType":"ANY"},"connId":"a4d3ae55"}),
            );
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

    pub fn place(&mut self, id: &str) {
        let order = approved(with_kind(id, POST_ONLY, Intent::Entry));
        self.command(Command::Place(order));
    }

    pub fn cancel(&mut self, id: &str) {
        self.command(Command::Cancel {
            key: key("BTC-USDT-SWAP"),
            order: reference(id),
        });
    }

    pub fn open(&mut self, line: Line) {
        self.tell(In::Opened { line });
    }

    pub fn frame(&mut self, line: Line, json: &Value) {
        self.text(line, &json.to_string());
    }

    pub fn text(&mut self, line: Line, text: &str) {
        self.tell(In::Frame {
            line,
            opcode: Opcode::Text,
            bytes: text.as_bytes(),
        });
    }

    /// A record of a channel, on the socket that carries it.
    pub fn push(&mut self, channel: &str, record: Value) {
        let line = match channel {
            "orders-algo" | "algo-advance" => BUSINESS,
            _ => PRIVATE,
        };
        self.frame(line, &data(channel, record));
    }

    /// The venue takes request `id` of the socket and names the order.
    pub fn accept(&mut self, id: u64, op: &str, order: u64) {
        self.frame(
            PRIVATE,
            &json!({"id":id.to_string(),"op":op,"data":[{"clOrdId":"","ordId":order.to_string(),"tag":"","ts":"1",
                "sCode":"0","sMsg":""}],"code":"0","msg":"","inTime":"1","outTime":"2"}),
        );
    }

    /// The venue refuses it.
    pub fn refuse(&mut self, id: u64, op: &str, code: i64, words: &str) {
        self.frame(
            PRIVATE,
            &json!({"id":id.to_string(),"op":op,"data":[{"clOrdId":"","ordId":"","tag":"","ts":"1","sCode":code.to_string(),
                "sMsg":words}],"code":"1","msg":"","inTime":"1","outTime":"2"}),
        );
    }

    pub fn closed(&mut self, line: Line) {
        self.tell(In::Closed { line, why: "reset" });
    }

    /// Lets time pass as a session would: wakes when asked, answers pings, measures the clock.
    pub fn pass(&mut self, ms: u64) {
        self.run(ms, true);
    }

    /// The same with sockets that answer no ping.
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
                    self.text(line, "pong");
                }
            }
            if self.calls.iter().any(|c| c.target == "/api/v5/public/time") {
                self.answer_clock();
            }
        }
        self.now = self.now.plus_ms(end.ms_since(self.now));
    }

    /// Text pings, and none of the protocol's own.
    fn take_pings(&mut self) -> Vec<Line> {
        let mut pinged = Vec::new();
        self.lines.retain(|out| match out {
            LineOut::Send {
                line,
                bytes,
                opcode,
                ..
            } => {
                assert_eq!(*opcode, Opcode::Text);
                if bytes == b"ping" {
                    pinged.push(*line);
                }
                bytes != b"ping"
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
        self.ok("/public/time", good(json!([{"ts":now.to_string()}])));
    }

    /// Takes the oldest call whose target or body has this in it.
    pub fn take_call(&mut self, part: &str) -> Option<Call> {
        let has = |call: &Call| call.target.contains(part) || call.body.contains(part);
        let at = self.calls.iter().position(has)?;
        Some(self.calls.remove(at))
    }

    pub fn ok(&mut self, part: &str, body: Value) {
        self.answer(part, 200, body);
    }

    /// Answers with these records.
    pub fn rows(&mut self, part: &str, rows: Value) {
        self.ok(part, good(rows));
    }

    /// Answers that the venue does not know the order.
    pub fn missing(&mut self, part: &str) {
        self.ok(
            part,
            json!({"code":"51603","msg":"Order does not exist","data":[]}),
        );
    }

    pub fn answer(&mut self, part: &str, status: u16, body: Value) {
        let call = self
            .take_call(part)
            .unwrap_or_else(|| panic!("no call to {part}: {:?}", self.calls));
        self.reply(&call, status, &body);
    }

    pub fn reply(&mut self, call: &Call, status: u16, body: &Value) {
        let reply = Reply {
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        self.result(call, Ok(reply));
    }

    pub fn fail(&mut self, part: &str, error: CallError) {
        let call = self.take_call(part).unwrap();
        self.result(&call, Err(error));
    }

    fn result(&mut self, call: &Call, result: Result<Reply, CallError>) {
        self.tell(In::Reply {
            tag: call.tag,
            result,
        });
    }

    pub fn config(&self) -> Value {
        good(
            json!([{"acctLv":self.level,"posMode":self.mode,"perm":"read_only,trade","ip":"1.2.3.4","label":"Lancet",
            "uid":"1","mainUid":"1"}]),
        )
    }

    /// Answers a whole fetch of account truth.
    pub fn answer_truth(&mut self, orders: Value, positions: Value, fills: Value) {
        self.rows("orders-pending", orders);
        self.rows("account/positions", positions);
        self.rows(
            "account/balance",
            json!([{"details":[{"ccy":"USDT","cashBal":"1000","availEq":"900","availBal":"900"}]}]),
        );
        let config = self.config();
        self.ok("account/config", config);
        self.rows("trade/fills", fills);
        let algos = self.algos.clone();
        for kind in ["ordType=oco", "ordType=trigger", "ordType=move_order_stop"] {
            self.rows(kind, json!([]));
        }
        self.rows("ordType=conditional", algos);
    }

    /// Every request frame that was handed to the private socket: tag and JSON.
    pub fn sent(&self) -> Vec<(u64, Value)> {
        let frame = |out: &LineOut| match out {
            LineOut::Send {
                line: PRIVATE,
                tag,
                opcode: Opcode::Text,
                bytes,
            } if *tag != 0 => Some((*tag, serde_json::from_slice(bytes).unwrap())),
            _ => None,
        };
        self.lines.iter().filter_map(frame).collect()
    }

    /// Every text frame on a line.
    pub fn texts(&self, line: Line) -> Vec<String> {
        let text = |out: &LineOut| match out {
            LineOut::Send {
                line: on, bytes, ..
            } if *on == line => Some(String::from_utf8(bytes.clone()).unwrap()),
            _ => None,
        };
        self.lines.iter().filter_map(text).collect()
    }

    /// How often this order was handed on, by either path.
    pub fn placed(&self, id: &str) -> usize {
        let frames = self.sent();
        let by_line = frames
            .iter()
            .filter(|(_, json)| json["op"] == "order" && json["args"][0]["clOrdId"] == id);
        let name = format!("rdId\":\"{id}\"");
        let by_rest = self.calls.iter().filter(|call| {
            let places = call.target.ends_with("/order") || call.target.ends_with("/order-algo");
            call.method == Method::Post && places && call.body.contains(&name)
        });
        by_line.count() + by_rest.count()
    }

    pub fn written(&mut self, tag: u64, written: usize) {
        self.tell(In::Sent {
            line: PRIVATE,
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

    /// What was told of orders, truth included, oldest first.
    pub fn orders(&self) -> Vec<OrderReport> {
        let mut orders = Vec::new();
        for fact in &self.facts {
            match fact {
                Fact::Order(report) => orders.push(report.clone()),
                Fact::Truth { truth, .. } => orders.extend(truth.orders.iter().cloned()),
                _ => {}
            }
        }
        orders
    }

    pub fn fills(&self) -> Vec<Fill> {
        let mut fills = Vec::new();
        for fact in &self.facts {
            match fact {
                Fact::Fill(fill) => fills.push(*fill),
                Fact::Truth { truth, .. } => fills.extend(truth.fills.iter().copied()),
                _ => {}
            }
        }
        fills
    }

    pub fn bad(&self) -> Vec<String> {
        let bad = self.facts.iter().filter_map(|f| match f {
            Fact::Bad { words, .. } => Some(words.clone()),
            _ => None,
        });
        bad.collect()
    }

    pub fn truths(&self) -> usize {
        let truths = self.facts.iter();
        truths.filter(|f| matches!(f, Fact::Truth { .. })).count()
    }

    /// Forgets what was seen so far.
    pub fn clear(&mut self) {
        self.facts.clear();
        self.calls.clear();
        self.lines.clear();
    }
}
