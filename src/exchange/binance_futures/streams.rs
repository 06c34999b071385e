//! The streams subscribed on one socket. Owns what was asked and what has spoken; sends nothing itself.
//!
//! A stream asked for on the wrong route gives no error and no data, so each one must speak within a time or is asked for again.

use crate::domain::{Stamp, Symbol};
use crate::exchange::health::Health;

/// Apart from each other messages are sent, ms (Binance: 10 a second from a client, pings and pongs counted).
const SPACING_MS: u64 = 200;
/// Most streams named in one message.
const PER_MESSAGE: usize = 100;
/// How long a stream may stay dumb at first, ms; doubles with each try.
const PATIENCE_MS: u64 = 10_000;
/// How often the patience doubles.
const PATIENCE_DOUBLINGS: u32 = 4;

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `<s>@depth@100ms`
    Depth,
    /// `<s>@bookTicker`
    BestPrices,
    /// `<s>@aggTrade`
    Prints,
    /// `<s>@markPrice@1s`
    Mark,
}

impl Kind {
    fn name(self, symbol: &Symbol) -> String {
        let symbol = symbol.as_str().to_lowercase();
        match self {
            Self::Depth => format!("{symbol}@depth@100ms"),
            Self::BestPrices => format!("{symbol}@bookTicker"),
            Self::Prints => format!("{symbol}@aggTrade"),
            Self::Mark => format!("{symbol}@markPrice@1s"),
        }
    }
}

#[derive(Debug)]
struct Topic {
    symbol: Symbol,
    kind: Kind,
    asked: Option<Stamp>,
    spoke: bool,
    tries: u32,
}

/// The streams of one socket.
#[derive(Debug)]
pub struct Streams {
    kinds: &'static [Kind],
    topics: Vec<Topic>,
    leaving: Vec<String>,
    sent: Option<Stamp>,
    id: u64,
}

impl Streams {
    /// Streams of these kinds, one of each a symbol.
    pub const fn new(kinds: &'static [Kind]) -> Self {
        Self {
            kinds,
            topics: Vec::new(),
            leaving: Vec::new(),
            sent: None,
            id: 0,
        }
    }

    /// These symbols from now on.
    pub fn follow(&mut self, symbols: &[Symbol]) {
        let leaving = &mut self.leaving;
        self.topics.retain(|topic| {
            let stays = symbols.contains(&topic.symbol);
            if !stays && topic.asked.is_some() {
                leaving.push(topic.kind.name(&topic.symbol));
            }
            stays
        });
        for symbol in symbols {
            if self.topics.iter().any(|topic| topic.symbol == *symbol) {
                continue;
            }
            self.topics.extend(self.kinds.iter().map(|&kind| Topic {
                symbol: *symbol,
                kind,
                asked: None,
                spoke: false,
                tries: 0,
            }));
        }
    }

    /// A new socket knows no streams.
    pub fn reset(&mut self) {
        self.leaving.clear();
        self.sent = None;
        for topic in &mut self.topics {
            topic.asked = None;
            topic.spoke = false;
        }
    }

    /// A stream spoke.
    #[inline]
    pub fn spoke(&mut self, symbol: &Symbol, kind: Kind) {
        if let Some(topic) = self.find(symbol, kind) {
            topic.spoke = true;
            topic.tries = 0;
        }
    }

    /// True when every stream has spoken, those left out that may be silent in a quiet market.
    pub fn all_spoke(&self) -> bool {
        self.topics
            .iter()
            .all(|topic| topic.spoke || topic.kind == Kind::Prints)
    }

    /// When a stream was asked for on this socket.
    pub fn asked(&self, symbol: &Symbol, kind: Kind) -> Option<Stamp> {
        let topic = |t: &&Topic| t.symbol == *symbol && t.kind == kind;
        self.topics.iter().find(topic)?.asked
    }

    /// Asks for a stream again although it has spoken before.
    pub fn ask_again(&mut self, symbol: &Symbol, kind: Kind) {
        if let Some(topic) = self.find(symbol, kind) {
            topic.asked = None;
            topic.spoke = false;
            self.leaving.push(kind.name(symbol));
        }
    }

    /// The message to send now, if any; the socket must be open. A stream that stays dumb is named in `dumb`, once.
    pub fn message(
        &mut self,
        now: Stamp,
        health: &Health,
        dumb: &mut Vec<String>,
    ) -> Option<String> {
        let spaced = self
            .sent
            .is_none_or(|sent| now.ms_since(sent) >= SPACING_MS);
        if !health.is_open() || !spaced {
            return None;
        }
        self.give_up_waiting(now, dumb);
        let message = self.unsubscribe().or_else(|| self.subscribe(now))?;
        self.sent = Some(now);
        Some(message)
    }

    fn give_up_waiting(&mut self, now: Stamp, dumb: &mut Vec<String>) {
        for topic in &mut self.topics {
            let patience = PATIENCE_MS << topic.tries.min(PATIENCE_DOUBLINGS);
            let Some(asked) = topic.asked else { continue };
            if topic.spoke || topic.kind == Kind::Prints || now.ms_since(asked) < patience {
                continue;
            }
            let name = topic.kind.name(&topic.symbol);
            if topic.tries == 0 {
                dumb.push(name.clone());
            }
            topic.tries += 1;
            topic.asked = None;
            self.leaving.push(name);
        }
    }

    fn unsubscribe(&mut self) -> Option<String> {
        let count = self.leaving.len().min(PER_MESSAGE);
        let names: Vec<String> = self.leaving.drain(..count).collect();
        self.write("UNSUBSCRIBE", &names)
    }

    fn subscribe(&mut self, now: Stamp) -> Option<String> {
        let mut names = Vec::new();
        let unasked = self.topics.iter_mut().filter(|t| t.asked.is_none());
        for topic in unasked.take(PER_MESSAGE) {
            topic.asked = Some(now);
            names.push(topic.kind.name(&topic.symbol));
        }
        self.write("SUBSCRIBE", &names)
    }

    fn write(&mut self, method: &str, names: &[String]) -> Option<String> {
        if names.is_empty() {
            return None;
        }
        self.id += 1;
        let id = self.id;
        Some(serde_json::json!({ "method": method, "params": names, "id": id }).to_string())
    }

    fn find(&mut self, symbol: &Symbol, kind: Kind) -> Option<&mut Topic> {
        self.topics
            .iter_mut()
            .find(|topic| topic.kind == kind && topic.symbol == *symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &str) -> Symbol {
        Symbol::new(name).unwrap()
    }

    fn at(ms: u64) -> Stamp {
        Stamp::default().plus_ms(ms)
    }

    fn open() -> Health {
        let mut health = Health::default();
        health.opened(at(0));
        health
    }

    #[test]
    fn symbols_come_and_go_at_run_time() {
        let (mut dumb, health) = (Vec::new(), open());
        let mut streams = Streams::new(&[Kind::Depth, Kind::BestPrices]);
        streams.follow(&[symbol("BTCUSDT")]);
        let first = streams.message(at(0), &health, &mut dumb).unwrap();
        assert!(first.contains("SUBSCRIBE"));
        assert!(first.contains("btcusdt@depth@100ms") && first.contains("btcusdt@bookTicker"));
        streams.follow(&[symbol("ETHUSDT")]);
        assert_eq!(streams.message(at(100), &health, &mut dumb), None);
        let gone = streams.message(at(200), &health, &mut dumb).unwrap();
        assert!(gone.contains("UNSUBSCRIBE") && gone.contains("btcusdt@depth"));
        let came = streams.message(at(400), &health, &mut dumb).unwrap();
        assert!(came.contains(r#""SUBSCRIBE""#) && came.contains("ethusdt@depth"));
        assert_eq!(streams.message(at(600), &health, &mut dumb), None);
    }

    #[test]
    fn a_dumb_stream_is_asked_for_again_and_told_once() {
        let (mut dumb, health) = (Vec::new(), open());
        let mut streams = Streams::new(&[Kind::Depth, Kind::BestPrices]);
        streams.follow(&[symbol("BTCUSDT")]);
        streams.message(at(0), &health, &mut dumb);
        streams.spoke(&symbol("BTCUSDT"), Kind::BestPrices);
        assert_eq!(streams.message(at(9_999), &health, &mut dumb), None);
        let again = streams.message(at(10_000), &health, &mut dumb).unwrap();
        assert!(again.contains("UNSUBSCRIBE") && !again.contains("bookTicker"));
        assert!(streams.message(at(10_200), &health, &mut dumb).is_some());
        streams.message(at(40_000), &health, &mut dumb);
        assert_eq!(dumb, ["btcusdt@depth@100ms"]);
    }
}
