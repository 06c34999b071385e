//! Requests on public lines: subscribe, unsubscribe, ping (Bybit v5, "Connect").

use serde_json::{Map, Value, json};

use super::Bybit;
use super::books::Depth;
use super::category::Category;
use super::lines::{Topic, Use};
use super::public::interval;
use crate::sim::market::SymbolNo;
use crate::sim::wire::LineId;

/// Topics in one request on spot.
const SPOT_ARGS: usize = 10;
/// Characters of all topics of one line.
const LONGEST_ARGS: usize = 21_000;

/// A request on a public or private line.
#[derive(Clone, Debug)]
pub struct Said {
    /// What it wants.
    pub op: String,
    /// `req_id`, where there is one.
    pub id: Option<Value>,
    /// Its arguments.
    pub args: Vec<Value>,
}

impl Said {
    /// Reads a request; `None` when it is none.
    pub fn read(text: &str) -> Option<Self> {
        let Ok(Value::Object(mut request)) = serde_json::from_str(text) else {
            return None;
        };
        Some(Self {
            op: request.get("op")?.as_str()?.to_owned(),
            id: request.remove("req_id"),
            args: match request.remove("args") {
                Some(Value::Array(args)) => args,
                _ => Vec::new(),
            },
        })
    }

    /// The arguments as text; `None` when one is something else.
    pub fn names(&self) -> Option<Vec<String>> {
        let names = self.args.iter().map(|arg| arg.as_str().map(str::to_owned));
        names.collect()
    }
}

impl Bybit {
    /// Answers a request on a public line.
    pub(super) fn hear_public(&mut self, now: i64, line: LineId, category: Category, text: &str) {
        let Some(said) = Said::read(text) else {
            self.answer_line(
                line,
                Some(category),
                None,
                "",
                Err("Params Error".to_owned()),
            );
            return;
        };
        match said.op.as_str() {
            "ping" => self.answer_line(line, Some(category), said.id, "ping", Ok("pong")),
            "subscribe" => {
                let ret_msg = match category {
                    Category::Linear => "",
                    Category::Spot => "subscribe",
                };
                match self.subscribe(line, category, &said) {
                    Ok(fresh) => {
                        self.answer_line(line, Some(category), said.id, "subscribe", Ok(ret_msg));
                        for (symbol, topic) in fresh {
                            self.begin(now, line, symbol, topic);
                        }
                    }
                    Err(why) => {
                        self.answer_line(line, Some(category), said.id, "subscribe", Err(why));
                    }
                }
            }
            "unsubscribe" => {
                let names = said.names().unwrap_or_default();
                if let Some(Use::Public { topics, .. }) =
                    self.lines.open.get_mut(&line).map(|line| &mut line.what)
                {
                    topics.retain(|(name, ..)| !names.contains(name));
                }
                self.answer_line(line, Some(category), said.id, "unsubscribe", Ok(""));
            }
            op => {
                let why = format!("unknown op: {}", crate::domain::text::sanitise(op, 40));
                self.answer_line(line, Some(category), said.id, op, Err(why));
            }
        }
    }

    /// Adds topics; those that are new. A request with one bad topic adds none.
    fn subscribe(
        &mut self,
        line: LineId,
        category: Category,
        said: &Said,
    ) -> Result<Vec<(SymbolNo, Topic)>, String> {
        let names = said.names().filter(|names| !names.is_empty());
        let names = names.ok_or_else(|| "Params Error".to_owned())?;
        if category == Category::Spot && names.len() > SPOT_ARGS {
            return Err("args size >10".to_owned());
        }
        let mut wanted = Vec::new();
        for name in names {
            let (symbol, topic) = self.topic(category, &name)?;
            wanted.push((name, symbol, topic));
        }
        let Some(Use::Public { topics, .. }) =
            self.lines.open.get_mut(&line).map(|line| &mut line.what)
        else {
            return Err("Params Error".to_owned());
        };
        let known = |name: &str| topics.iter().any(|(there, ..)| there == name);
        if let Some((name, ..)) = wanted.iter().find(|(name, ..)| known(name)) {
            return Err(format!("error:already subscribed,topic:{name}"));
        }
        let length: usize = topics
            .iter()
            .chain(&wanted)
            .map(|(n, ..)| n.len() + 3)
            .sum();
        if length > LONGEST_ARGS {
            return Err("args are too long".to_owned());
        }
        let fresh = wanted.iter().map(|(_, symbol, topic)| (*symbol, *topic));
        let fresh = fresh.collect();
        topics.append(&mut wanted);
        Ok(fresh)
    }

    /// What a topic's name means in a category.
    fn topic(&self, category: Category, name: &str) -> Result<(SymbolNo, Topic), String> {
        let unknown = || {
            let shown = crate::domain::text::sanitise(name, 80);
            format!("error:handler not found,topic:{shown}")
        };
        let (front, symbol) = name.rsplit_once('.').ok_or_else(unknown)?;
        let topic = match front.split_once('.') {
            Some(("orderbook", depth)) => Topic::Book(Depth::parse(depth).ok_or_else(unknown)?),
            Some(("kline", length)) => Topic::Kline(interval(length).map_err(|_| unknown())?),
            None => match front {
                "publicTrade" => Topic::Trades,
                "tickers" => Topic::Ticker,
                "priceLimit" => Topic::PriceLimit,
                "allLiquidation" | "adlAlert" if category == Category::Linear => Topic::Quiet,
                _ => return Err(unknown()),
            },
            Some(_) => return Err(unknown()),
        };
        let (symbol, _) = self.symbol_named(category, symbol).map_err(|_| {
            let shown = crate::domain::text::sanitise(name, 80);
            format!("Invalid symbol :[{shown}]")
        })?;
        Ok((symbol, topic))
    }

    /// What is told at once to somebody who begins to listen.
    fn begin(&mut self, now: i64, line: LineId, symbol: SymbolNo, topic: Topic) {
        match topic {
            Topic::Book(depth) => {
                if let Some(text) = self.book_snapshot(symbol, depth, now) {
                    self.send_struck(line, text, crate::sim::fault::What::Depth);
                }
            }
            Topic::Ticker => {
                if let Some(text) = self.ticker_snapshot(symbol, now) {
                    self.lines.text(line, text, 0);
                }
            }
            Topic::Trades | Topic::Kline(_) | Topic::PriceLimit | Topic::Quiet => {}
        }
    }

    /// Answers a request in the shape of public and private lines. Linear tells `req_id` even where there was none.
    pub(super) fn answer_line(
        &mut self,
        line: LineId,
        category: Option<Category>,
        id: Option<Value>,
        op: &str,
        result: Result<&str, String>,
    ) {
        let (success, ret_msg) = match result {
            Ok(words) => (true, words.to_owned()),
            Err(words) => (false, words),
        };
        let mut map = Map::new();
        map.insert("success".into(), success.into());
        map.insert("ret_msg".into(), ret_msg.into());
        map.insert("conn_id".into(), self.ids.connection(line).into());
        match (id, category) {
            (Some(id), _) => {
                map.insert("req_id".into(), id);
            }
            (None, Some(Category::Linear)) => {
                map.insert("req_id".into(), "".into());
            }
            (None, _) => {}
        }
        map.insert("op".into(), json!(op));
        self.lines.text(line, Value::Object(map).to_string(), 0);
    }
}
