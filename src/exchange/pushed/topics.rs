//! The topics subscribed on one socket. Owns what was asked and what has spoken; sends nothing itself.
//!
//! A request that the venue lost gives no error and no data, so each topic must speak within a time or is asked for again.

use std::collections::VecDeque;

use super::dialect::{Dialect, Kind, Verb};
use crate::domain::{Stamp, Symbol};

/// Apart from each other requests are sent, ms.
const SPACING_MS: u64 = 200;
/// How often patience with a silent topic doubles.
const DOUBLINGS: u32 = 4;
/// Time over which the venue counts requests, ms.
const HOUR_MS: u64 = 3_600_000;

/// How long a topic may be silent after it was asked for, ms; doubles with each try.
const fn patience_ms(kind: Kind) -> Option<u64> {
    match kind {
        // The snapshot comes at once.
        Kind::Book => Some(5_000),
        Kind::BestPrices => Some(10_000),
        // Sent at least every 10 s (OKX, Mark price channel) or whenever anything of the ticker moves (Bybit, Ticker).
        Kind::Mark => Some(60_000),
        // Every 30 to 90 s (OKX, Funding rate channel).
        Kind::Funding => Some(180_000),
        // Nobody need trade.
        Kind::Prints => None,
    }
}

/// True where silence later on says as much as silence at first.
const fn is_steady(kind: Kind) -> bool {
    matches!(kind, Kind::Mark | Kind::Funding)
}

/// An instrument on one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Lancet's name.
    pub symbol: Symbol,
    /// The venue's name.
    pub name: Symbol,
    /// Its topics.
    pub kinds: &'static [Kind],
}

#[derive(Debug)]
struct Topic {
    symbol: Symbol,
    name: Symbol,
    kind: Kind,
    /// When it was asked for, or last spoke where it speaks steadily.
    asked: Option<Stamp>,
    spoke: bool,
    tries: u32,
}

/// The topics of one socket.
#[derive(Debug, Default)]
pub struct Topics {
    topics: Vec<Topic>,
    leaving: Vec<(Kind, Symbol)>,
    sent: VecDeque<Stamp>,
    id: u64,
}

impl Topics {
    /// These instruments from now on.
    pub fn follow(&mut self, wanted: &[Wanted]) {
        let leaving = &mut self.leaving;
        self.topics.retain(|topic| {
            let stays = wanted.iter().any(|w| w.symbol == topic.symbol);
            if !stays && topic.asked.is_some() {
                leaving.push((topic.kind, topic.name));
            }
            stays
        });
        for one in wanted {
            if self.topics.iter().any(|topic| topic.symbol == one.symbol) {
                continue;
            }
            self.topics.extend(one.kinds.iter().map(|&kind| Topic {
                symbol: one.symbol,
                name: one.name,
                kind,
                asked: None,
                spoke: false,
                tries: 0,
            }));
        }
    }

    /// A new socket knows no topics.
    pub fn reset(&mut self) {
        self.leaving.clear();
        self.sent.clear();
        for topic in &mut self.topics {
            topic.asked = None;
            topic.spoke = false;
        }
    }

    /// A topic spoke.
    #[inline]
    pub fn spoke(&mut self, now: Stamp, symbol: &Symbol, kind: Kind) {
        if let Some(topic) = self.find_mut(symbol, kind) {
            topic.spoke = true;
            topic.tries = 0;
            if is_steady(kind) && topic.asked.is_some() {
                topic.asked = Some(now);
            }
        }
    }

    /// True when books and best prices that another socket tells are told by this one too.
    pub fn speaks_like(&self, other: &Self) -> bool {
        let at_once = |topic: &&Topic| matches!(topic.kind, Kind::Book | Kind::BestPrices);
        let told = other.topics.iter().filter(at_once).filter(|t| t.spoke);
        let mut own = told.map(|t| self.find(&t.symbol, t.kind));
        own.all(|topic| topic.is_none_or(|topic| topic.spoke))
    }

    /// How often a topic was asked for without an answer.
    pub fn tries(&self, symbol: &Symbol, kind: Kind) -> u32 {
        self.find(symbol, kind).map_or(0, |topic| topic.tries)
    }

    /// Asks for a topic again although it has spoken before.
    pub fn ask_again(&mut self, symbol: &Symbol, kind: Kind) {
        let Some(topic) = self.find_mut(symbol, kind) else {
            return;
        };
        let (name, was_asked) = (topic.name, topic.asked.is_some());
        topic.asked = None;
        topic.spoke = false;
        if was_asked {
            self.leaving.push((kind, name));
        }
    }

    /// Requests of the last hour.
    pub fn requests(&mut self, now: Stamp) -> usize {
        while let Some(first) = self.sent.front()
            && now.ms_since(*first) >= HOUR_MS
        {
            self.sent.pop_front();
        }
        self.sent.len()
    }

    /// The request to send now, if any, over a socket that stands. A topic that stays silent is named in `silent`, once.
    pub fn request<D: Dialect>(
        &mut self,
        now: Stamp,
        dialect: &D,
        silent: &mut Vec<String>,
    ) -> Option<String> {
        let last = self.sent.back();
        if last.is_some_and(|last| now.ms_since(*last) < SPACING_MS) {
            return None;
        }
        self.give_up_waiting(now, dialect, silent);
        let (verb, topics) = self.next_topics(now, D::TOPICS_A_REQUEST)?;
        self.id += 1;
        self.sent.push_back(now);
        Some(dialect.request(verb, &topics, self.id))
    }

    fn give_up_waiting<D: Dialect>(&mut self, now: Stamp, dialect: &D, silent: &mut Vec<String>) {
        for topic in &mut self.topics {
            let (Some(asked), Some(patience)) = (topic.asked, patience_ms(topic.kind)) else {
                continue;
            };
            let patience = patience << topic.tries.min(DOUBLINGS);
            let content = topic.spoke && !is_steady(topic.kind);
            if content || now.ms_since(asked) < patience {
                continue;
            }
            // One that spoke and fell silent may have had nothing to say.
            if topic.tries == 0 && !topic.spoke {
                silent.push(dialect.topic(topic.kind, &topic.name));
            }
            topic.tries += 1;
            topic.asked = None;
            topic.spoke = false;
            self.leaving.push((topic.kind, topic.name));
        }
    }

    /// What to leave, else what to ask for.
    fn next_topics(&mut self, now: Stamp, most: usize) -> Option<(Verb, Vec<(Kind, Symbol)>)> {
        if !self.leaving.is_empty() {
            let count = self.leaving.len().min(most);
            return Some((Verb::Unsubscribe, self.leaving.drain(..count).collect()));
        }
        let unasked = self.topics.iter_mut().filter(|t| t.asked.is_none());
        let mut topics = Vec::new();
        for topic in unasked.take(most) {
            topic.asked = Some(now);
            topics.push((topic.kind, topic.name));
        }
        (!topics.is_empty()).then_some((Verb::Subscribe, topics))
    }

    fn find(&self, symbol: &Symbol, kind: Kind) -> Option<&Topic> {
        let same = |topic: &&Topic| topic.kind == kind && topic.symbol == *symbol;
        self.topics.iter().find(same)
    }

    fn find_mut(&mut self, symbol: &Symbol, kind: Kind) -> Option<&mut Topic> {
        let same = |topic: &&mut Topic| topic.kind == kind && topic.symbol == *symbol;
        self.topics.iter_mut().find(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::pushed::tests::Plain;

    fn wanted(name: &str) -> Wanted {
        let symbol = Symbol::new(name).unwrap();
        Wanted {
            symbol,
            name: symbol,
            kinds: &[Kind::Book, Kind::BestPrices, Kind::Mark],
        }
    }

    fn at(ms: u64) -> Stamp {
        Stamp::default().plus_ms(ms)
    }

    fn ask(topics: &mut Topics, ms: u64) -> Option<String> {
        topics.request(at(ms), &Plain, &mut Vec::new())
    }

    #[test]
    fn instruments_come_and_go_at_run_time() {
        let mut topics = Topics::default();
        topics.follow(&[wanted("BTC")]);
        assert_eq!(
            ask(&mut topics, 0).unwrap(),
            "1 Subscribe Book.BTC BestPrices.BTC Mark.BTC"
        );
        topics.follow(&[wanted("ETH")]);
        assert_eq!(ask(&mut topics, 100), None);
        assert_eq!(
            ask(&mut topics, 200).unwrap(),
            "2 Unsubscribe Book.BTC BestPrices.BTC Mark.BTC"
        );
        assert!(
            ask(&mut topics, 400)
                .unwrap()
                .contains("Subscribe Book.ETH")
        );
        assert_eq!(ask(&mut topics, 600), None);
        assert_eq!(topics.requests(at(600)), 3);
        assert_eq!(topics.requests(at(HOUR_MS + 300)), 1);
    }

    #[test]
    fn a7_a_silent_topic_is_asked_for_again_with_patience_and_told_once() {
        let (mut topics, mut silent) = (Topics::default(), Vec::new());
        topics.follow(&[wanted("BTC")]);
        topics.request(at(0), &Plain, &mut silent);
        let btc = Symbol::new("BTC").unwrap();
        topics.spoke(at(10), &btc, Kind::BestPrices);
        let mut asked = Vec::new();
        for ms in (0..60_000).step_by(100) {
            if let Some(text) = topics.request(at(ms), &Plain, &mut silent) {
                asked.push((ms, text));
            }
        }
        assert_eq!(asked[0], (5_000, "2 Unsubscribe Book.BTC".to_owned()));
        assert_eq!(asked[1], (5_200, "3 Subscribe Book.BTC".to_owned()));
        assert_eq!(asked.len(), 6, "{asked:?}");
        assert_eq!(silent, ["Book.BTC"]);
        assert_eq!(topics.tries(&btc, Kind::Book), 3);
        topics.spoke(at(60_000), &btc, Kind::Book);
        assert_eq!(topics.tries(&btc, Kind::Book), 0);
        assert!(topics.speaks_like(&Topics::default()));
    }

    #[test]
    fn a18_a_mark_that_falls_silent_later_is_asked_for_again() {
        let (mut topics, mut silent) = (Topics::default(), Vec::new());
        topics.follow(&[wanted("BTC")]);
        topics.request(at(0), &Plain, &mut silent);
        let btc = Symbol::new("BTC").unwrap();
        for kind in [Kind::Book, Kind::BestPrices] {
            topics.spoke(at(10), &btc, kind);
        }
        for ms in [20, 30_000, 80_000] {
            topics.spoke(at(ms), &btc, Kind::Mark);
            assert_eq!(topics.request(at(ms + 59_999), &Plain, &mut silent), None);
        }
        let again = topics.request(at(140_000), &Plain, &mut silent);
        assert_eq!(again.unwrap(), "2 Unsubscribe Mark.BTC");
    }
}
