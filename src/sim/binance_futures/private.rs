//! The user stream: listen keys, and an account's events as the documented messages.

use serde::Serialize;
use serde_json::{Value, json};

use super::digits::{lots, money, price, qty};
use super::streams::{Route, Stream};
use super::{BinanceFutures, shapes};
use crate::sim::binance::call::Call;
use crate::sim::binance::lines::{Use, Wanted};
use crate::sim::binance::refused::Refused;
use crate::sim::fault::What;
use crate::sim::keys::letters;
use crate::sim::market::{
    AccountReason, AccountUpdate, Expiry, OrderChange, OrderEvent, OrderView, SymbolNo, SymbolSpec,
    UserTrade,
};
use crate::sim::wire::LineId;

/// Client ids of liquidations and of auto-deleveraging begin so; their fills are executions of another kind.
const FORCED: [&str; 2] = ["autoclose-", "adl_autoclose"];
const LISTEN_KEY_LIFE_MS: i64 = 60 * 60_000;

/// The account's one listen key.
#[derive(Clone, Debug)]
pub struct ListenKey {
    /// 64 letters and digits.
    pub key: String,
    /// When it ends, ms.
    pub until_ms: i64,
}

impl BinanceFutures {
    /// `POST listenKey`: a new key, or the running one for another hour.
    pub(super) fn start_listen(&mut self, call: &Call) -> Result<Value, Refused> {
        let until_ms = call.now + LISTEN_KEY_LIFE_MS;
        let fresh = letters(&mut self.random, 64);
        let listen = self.listen.get_or_insert(ListenKey {
            key: fresh,
            until_ms,
        });
        listen.until_ms = until_ms;
        Ok(json!({"listenKey": listen.key}))
    }

    /// `PUT listenKey`.
    pub(super) fn keep_listen(&mut self, call: &Call) -> Result<Value, Refused> {
        let Some(listen) = &mut self.listen else {
            return Err(Refused::new(-1125, "This listenKey does not exist."));
        };
        listen.until_ms = call.now + LISTEN_KEY_LIFE_MS;
        Ok(json!({"listenKey": listen.key}))
    }

    /// `DELETE listenKey`.
    pub(super) fn stop_listen(&mut self, _call: &Call) -> Result<Value, Refused> {
        self.listen = None;
        Ok(json!({}))
    }

    /// Ends the listen key when its hour is over, and says so.
    pub(super) fn expire_listen(&mut self, now: i64) {
        let Some(listen) = self.listen.take_if(|listen| now >= listen.until_ms) else {
            return;
        };
        let event = json!({"e": "listenKeyExpired", "E": now, "listenKey": listen.key});
        self.send_private(&listen.key, "listenKeyExpired", &event.to_string());
    }

    /// Tells an event to everyone on the account's stream.
    pub(super) fn tell_private(&mut self, event: &str, payload: &str) {
        if let Some(key) = self.listen.as_ref().map(|listen| listen.key.clone()) {
            self.send_private(&key, event, payload);
        }
    }

    fn send_private(&mut self, key: &str, event: &str, payload: &str) {
        let listeners = self.listeners_of_key(key, event);
        self.gate.send(listeners, payload, Some(What::Private));
    }

    /// Everyone who gets this event of a listen key.
    fn listeners_of_key(&self, key: &str, event: &str) -> Vec<(LineId, Option<String>)> {
        let mut found = Vec::new();
        for (&id, line) in &self.gate.lines.open {
            let Use::Streams {
                route: Route::Private,
                combined,
                wanted,
            } = &line.what
            else {
                continue;
            };
            let wants = |w: &&Wanted<Stream>| {
                w.name == key && (w.events.is_empty() || w.events.iter().any(|e| e == event))
            };
            if wanted.iter().any(|w| wants(&w)) {
                found.push((id, combined.then(|| key.to_owned())));
            }
        }
        found
    }

    /// An order of the account changed.
    pub(super) fn tell_order(&mut self, event: &OrderEvent) {
        let Ok(spec) = self.spec(event.order.symbol).cloned() else {
            return;
        };
        if let OrderChange::Trade(trade) = &event.change {
            let lite = trade_lite(&spec, event, trade);
            self.tell_private("TRADE_LITE", &lite);
        }
        let modify_id = match event.change {
            OrderChange::Amended => self.modify_ids.get(&event.order.id).copied(),
            _ => None,
        };
        if !event.order.status.is_open() {
            self.modify_ids.remove(&event.order.id);
        }
        let text = order_update(&spec, event, modify_id);
        self.tell_private("ORDER_TRADE_UPDATE", &text);
    }

    /// Balance and position changed.
    pub(super) fn tell_account(&mut self, update: &AccountUpdate) {
        let Ok(spec) = self.spec(update.position.symbol).cloned() else {
            return;
        };
        let text = account_update(&spec, update);
        self.tell_private("ACCOUNT_UPDATE", &text);
    }

    /// Leverage changed.
    pub(super) fn tell_leverage(&mut self, symbol: SymbolNo, leverage: u32, time_ms: i64) {
        let Ok(spec) = self.spec(symbol) else {
            return;
        };
        let text = json!({
            "e": "ACCOUNT_CONFIG_UPDATE",
            "E": time_ms,
            "T": time_ms,
            "ac": {"s": spec.instrument.symbol.as_str(), "l": leverage},
        })
        .to_string();
        self.tell_private("ACCOUNT_CONFIG_UPDATE", &text);
    }
}

#[derive(Serialize)]
struct TradeLite<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_ms: i64,
    #[serde(rename = "T")]
    trade_ms: i64,
    s: &'a str,
    q: String,
    p: String,
    m: bool,
    c: &'a str,
    #[serde(rename = "S")]
    side: &'static str,
    #[serde(rename = "L")]
    last_price: String,
    l: String,
    t: u64,
    i: u64,
}

fn trade_lite(spec: &SymbolSpec, event: &OrderEvent, trade: &UserTrade) -> String {
    written(&TradeLite {
        e: "TRADE_LITE",
        event_ms: event.time_ms,
        trade_ms: trade.time_ms,
        s: spec.instrument.symbol.as_str(),
        q: qty(&spec.instrument, event.order.qty),
        p: shapes::limit_text(spec, &event.order),
        m: trade.maker,
        c: event.order.client.as_str(),
        side: trade.side.word(),
        last_price: price(&spec.instrument, trade.price),
        l: qty(&spec.instrument, trade.qty),
        t: trade.trade,
        i: trade.order,
    })
}

fn order_update(spec: &SymbolSpec, event: &OrderEvent, modify_id: Option<i64>) -> String {
    let order = &event.order;
    let trade = match &event.change {
        OrderChange::Trade(trade) => Some(trade),
        _ => None,
    };
    let last = |f: &dyn Fn(&UserTrade) -> String| trade.map_or_else(|| "0".to_owned(), f);
    let mut object = json!({
        "s": spec.instrument.symbol.as_str(),
        "c": order.client.as_str(),
        "S": order.side.word(),
        "o": shapes::kind(order.kind),
        "f": shapes::tif(order.kind),
        "q": qty(&spec.instrument, order.qty),
        "p": shapes::limit_text(spec, order),
        "ap": shapes::average_text(spec, order),
        "sp": "0",
        "x": execution(event),
        "X": shapes::status(order.status),
        "i": order.id,
        "l": last(&|t| qty(&spec.instrument, t.qty)),
        "z": qty(&spec.instrument, order.filled),
        "L": last(&|t| price(&spec.instrument, t.price)),
        "N": spec.instrument.settle.as_str(),
        "n": last(&|t| money(t.fee)),
        "T": event.time_ms,
        "t": trade.map_or(0, |t| t.trade),
        "b": super::digits::plain(event.bids_notional),
        "a": super::digits::plain(event.asks_notional),
        "m": trade.is_some_and(|t| t.maker),
        "R": order.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": shapes::kind(order.kind),
        "ps": shapes::leg(order.leg),
        "cp": false,
        "rp": last(&|t| money(t.realised)),
        "pP": false,
        "si": 0,
        "ss": 0,
        "V": shapes::self_trade(order.self_trade),
        "pm": "NONE",
        "gtd": 0,
        "er": expiry(event.change),
    });
    if let Some(id) = modify_id {
        // Text here, though a whole number in the answer to the change itself.
        object["M"] = id.to_string().into();
    }
    json!({
        "e": "ORDER_TRADE_UPDATE",
        "E": event.time_ms,
        "T": event.time_ms,
        "o": object,
    })
    .to_string()
}

/// What kind of execution it is called.
fn execution(event: &OrderEvent) -> &'static str {
    match event.change {
        OrderChange::New => "NEW",
        OrderChange::Trade(_) if is_forced(&event.order) => "CALCULATED",
        OrderChange::Trade(_) => "TRADE",
        OrderChange::Cancelled => "CANCELED",
        OrderChange::Expired(_) => "EXPIRED",
        OrderChange::Amended => "AMENDMENT",
    }
}

fn is_forced(order: &OrderView) -> bool {
    let client = order.client.as_str();
    FORCED.iter().any(|front| client.starts_with(front))
}

/// Why an order expired (Binance, "Event: Order Update", expiry reason).
const fn expiry(change: OrderChange) -> &'static str {
    match change {
        OrderChange::Expired(Expiry::SelfTrade) => "1",
        OrderChange::Expired(Expiry::IocRest) => "2",
        OrderChange::Expired(Expiry::MarketRest) => "9",
        OrderChange::Expired(Expiry::NothingToReduce) => "4",
        _ => "0",
    }
}

fn account_update(spec: &SymbolSpec, update: &AccountUpdate) -> String {
    let position = &update.position;
    let reason = match update.reason {
        AccountReason::Order => "ORDER",
        AccountReason::FundingFee => "FUNDING_FEE",
        AccountReason::MarginTransfer => "MARGIN_TRANSFER",
        AccountReason::MarginTypeChange => "MARGIN_TYPE_CHANGE",
    };
    let funding = update.reason == AccountReason::FundingFee;
    let mut object = json!({
        "m": reason,
        "B": [{
            "a": update.asset.as_str(),
            "wb": money(update.wallet),
            "cw": money(update.cross_wallet),
            "bc": super::digits::money_or_zero(update.change),
        }],
        // Cross positions are left out of a funding message (Binance, Event: Balance and Position Update).
        "P": [],
    });
    if funding {
        object["S"] = spec.instrument.symbol.as_str().into();
    }
    if !funding || position.isolated {
        object["P"] = json!([{
            "s": spec.instrument.symbol.as_str(),
            "pa": lots(&spec.instrument, position.lots),
            "ep": shapes::entry_text(spec, position.entry),
            "bep": shapes::entry_text(spec, position.break_even),
            "cr": money(position.realised),
            "up": money(position.unrealised),
            "mt": shapes::margin_type(position),
            "iw": money(position.isolated_wallet),
            "ps": shapes::leg(position.leg),
        }]);
    }
    json!({
        "e": "ACCOUNT_UPDATE",
        "E": update.time_ms,
        "T": update.time_ms,
        "a": object,
    })
    .to_string()
}

/// Plain structs of text and numbers always serialise; an empty object would be the visible sign that one did not.
pub(super) fn written(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_else(|_| "{}".to_owned())
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;
    use crate::domain::{ClientId, Price, Qty, Side};
    use crate::sim::crowd::perpetuals;
    use crate::sim::market::{AccountNo, Kind, Leg, SelfTrade, Status};

    fn filled(client: &str) -> Value {
        let spec = perpetuals().remove(0);
        let client = ClientId::new(client).unwrap();
        let order = OrderView {
            id: 5,
            client,
            account: AccountNo(0),
            symbol: SymbolNo(0),
            side: Side::Sell,
            leg: Leg::Both,
            kind: Kind::Market,
            qty: Qty(10),
            filled: Qty(10),
            filled_quote: dec!(600),
            reduce_only: true,
            self_trade: SelfTrade::Allow,
            status: Status::Filled,
            algo: None,
            amends: 0,
            created_ms: 1,
            updated_ms: 2,
        };
        let trade = UserTrade {
            account: AccountNo(0),
            symbol: SymbolNo(0),
            trade: 9,
            order: 5,
            client,
            side: Side::Sell,
            leg: Leg::Both,
            price: Price(600_000),
            qty: Qty(10),
            quote: dec!(600),
            fee: dec!(0.3),
            fee_asset: spec.instrument.settle,
            realised: dec!(-1.25),
            maker: false,
            time_ms: 2,
        };
        let event = OrderEvent {
            change: OrderChange::Trade(trade),
            order,
            bids_notional: dec!(0),
            asks_notional: dec!(0),
            time_ms: 2,
        };
        serde_json::from_str(&order_update(&spec, &event, Some(7))).unwrap()
    }

    #[test]
    fn a_fill_says_price_fee_and_profit_in_the_venues_text() {
        let object = &filled("mine1")["o"];
        for (field, text) in [
            ("x", "TRADE"),
            ("X", "FILLED"),
            ("L", "60000.00"),
            ("l", "0.010"),
            ("z", "0.010"),
            ("ap", "60000.00000"),
            ("n", "0.30000000"),
            ("rp", "-1.25000000"),
            ("M", "7"),
        ] {
            assert_eq!(object[field], text, "{field}");
        }
    }

    #[test]
    fn a_liquidation_is_an_execution_of_its_own_kind() {
        for client in ["autoclose-12", "adl_autoclose"] {
            assert_eq!(filled(client)["o"]["x"], "CALCULATED");
        }
    }
}
