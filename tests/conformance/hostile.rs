//! What a broken or hostile peer says: noise, spoiled documents, absurd numbers. No machine of any venue panics, is LIVE or in sync by
//! it, or hands on a character that a terminal obeys.

use std::path::Path;

use lancet::domain::message::LinkState;
use lancet::domain::{Account, Fact, Intent, Side, Symbol, TimeInForce};
use lancet::exchange::Venue;
use lancet::exchange::machine::{CallError, In, Line, LineOut, Opcode, Out, Reply};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::Value;

use super::rig::{Rig, each};
use crate::kit::net::{Net, Who};
use crate::kit::spoil::{garbage, spoiled};

/// What a machine is told, `documents` spoiled or noise where there are none.
struct Peer<'a> {
    net: Net,
    who: Who,
    symbol: Symbol,
    random: ChaCha20Rng,
    documents: &'a [Vec<u8>],
    opened: Vec<Line>,
    asked: Vec<u64>,
    ready: bool,
    live: bool,
}

impl<'a> Peer<'a> {
    fn new(venue: &Venue, who: Who, seed: u64, documents: &'a [Vec<u8>]) -> Self {
        let label = Account::new("sim").unwrap();
        let net = Net::new(venue.id, label, "mabc12345x", seed, &[], 0);
        let symbol = Symbol::new(&net.exchange.symbol_names()[0]).unwrap();
        let mut peer = Self {
            net,
            who,
            symbol,
            random: ChaCha20Rng::seed_from_u64(seed),
            documents,
            opened: Vec::new(),
            asked: Vec::new(),
            ready: false,
            live: false,
        };
        peer.tell(In::Start);
        match who {
            Who::Feed => peer.tell(In::Follow(&[symbol])),
            Who::Account => peer.tell(In::Command(lancet::domain::Command::Follow(symbol))),
        }
        peer
    }

    fn tell(&mut self, event: In<'_>) {
        let mut out = Out::default();
        match self.who {
            Who::Feed => self.net.feed.on(self.net.now, event, &mut out),
            Who::Account => self.net.account.on(self.net.now, event, &mut out),
        }
        self.asked.extend(out.calls.iter().map(|call| call.tag));
        for line in &out.lines {
            if let LineOut::Open { line, .. } = line {
                self.opened.push(*line);
            }
        }
        for fact in &out.facts {
            inert(&format!("{fact:?}"));
            self.ready |= matches!(
                fact,
                Fact::Link {
                    state: LinkState::Ready,
                    ..
                }
            );
        }
        for fact in &out.market {
            inert(&format!("{fact:?}"));
        }
        self.live |= out.touches.iter().any(|touch| touch.live);
        let depth = self.net.feed.depth(self.symbol, self.net.now, 20);
        self.live |= depth.is_some_and(|depth| depth.state.is_live());
    }

    fn words(&mut self) -> Vec<u8> {
        if self.documents.is_empty() {
            return garbage(&mut self.random);
        }
        let at = self.random.random_range(0..self.documents.len());
        spoiled(&mut self.random, &self.documents[at])
    }

    fn turn(&mut self) {
        let ms = self.random.random_range(0..3_000);
        self.net.now = self.net.now.plus_ms(ms);
        let line = match self.opened.len() {
            0 => 0,
            all => self.opened[self.random.random_range(0..all)],
        };
        match self.random.random_range(0..20) {
            0 => self.tell(In::Closed {
                line,
                why: "closed by the venue",
            }),
            1..4 => self.tell(In::Opened { line }),
            4 => self.tell(In::Resumed { ms: u64::MAX }),
            5..8 => self.tell(In::Wake),
            8..13 if !self.asked.is_empty() => {
                let at = self.random.random_range(0..self.asked.len());
                let tag = self.asked.swap_remove(at);
                let result = self.answer();
                self.tell(In::Reply { tag, result });
            }
            _ => {
                let bytes = &self.words();
                let kinds = [
                    Opcode::Text,
                    Opcode::Text,
                    Opcode::Text,
                    Opcode::Binary,
                    Opcode::Ping,
                    Opcode::Pong,
                ];
                let opcode = kinds[self.random.random_range(0..kinds.len())];
                self.tell(In::Frame {
                    line,
                    opcode,
                    bytes,
                });
            }
        }
    }

    fn answer(&mut self) -> Result<Reply, CallError> {
        const STATUS: [u16; 12] = [200, 200, 200, 200, 200, 0, 302, 400, 418, 429, 503, 999];
        const SAID: [&str; 6] = [
            "-1",
            "1e308",
            "99999999999999999999999999999999999999999",
            "",
            "NaN",
            "18446744073709551615",
        ];
        if self.random.random_range(0..10) == 0 {
            return Err(CallError::Lost("no answer in time".to_owned()));
        }
        let said = SAID[self.random.random_range(0..SAID.len())].to_owned();
        let names = [
            "retry-after",
            "date",
            "x-mbx-used-weight-1m",
            "x-bapi-limit-reset-timestamp",
            "x-bapi-limit-status",
            "x-bapi-limit",
        ];
        Ok(Reply {
            status: STATUS[self.random.random_range(0..STATUS.len())],
            headers: names.map(|name| (name.to_owned(), said.clone())).into(),
            body: self.words(),
        })
    }
}

/// Nothing in what was told moves a cursor or turns text around. `told` is a text that escapes such characters, and backslashes too.
fn inert(told: &str) {
    let told = told.replace("\\\\", "");
    for wild in ["\\u{1b}", "\\u{202e}", "\\u{7}", "\\u{9b}"] {
        assert!(!told.contains(wild), "{told}");
    }
}

/// The recorded and documented messages of a venue.
fn documents(venue: &Venue) -> Vec<Vec<u8>> {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let at = at.join(venue.id.replace('-', "_"));
    let mut out = Vec::new();
    for folder in [at.clone(), at.join("server")] {
        let Ok(files) = std::fs::read_dir(folder) else {
            continue;
        };
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            let kind = file.extension().and_then(|kind| kind.to_str());
            if !matches!(kind, Some("json" | "jsonl")) {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            if kind == Some("json") {
                out.push(text.into_bytes());
                continue;
            }
            let rows = text.lines().take(400);
            let rows = rows.filter_map(|row| serde_json::from_str::<Value>(row).ok());
            let said = rows.map(|mut row| row["msg"].take());
            out.extend(said.map(|message| message.to_string().into_bytes()));
        }
    }
    out
}

/// How many times as much under `LANCET_DEEP`.
fn deep() -> u64 {
    if std::env::var_os("LANCET_DEEP").is_some() {
        20
    } else {
        1
    }
}

#[test]
fn noise_makes_no_machine_panic_live_or_in_sync() {
    each(|venue| {
        for seed in 0..3 * deep() {
            for who in [Who::Feed, Who::Account] {
                let mut peer = Peer::new(venue, who, seed, &[]);
                (0..400).for_each(|_| peer.turn());
                assert!(!peer.live, "{}: a book of noise", venue.id);
                assert!(!peer.ready, "{}: in sync by noise", venue.id);
            }
        }
    });
}

#[test]
fn spoiled_documents_make_no_machine_panic_and_no_terminal_obey() {
    each(|venue| {
        let documents = documents(venue);
        assert!(documents.len() > 20, "{}", venue.id);
        for seed in 0..3 * deep() {
            for who in [Who::Feed, Who::Account] {
                let mut peer = Peer::new(venue, who, seed, &documents);
                (0..1_500).for_each(|_| peer.turn());
            }
        }
    });
}

#[test]
fn an_exchange_whose_words_are_spoiled_makes_no_machine_panic_and_crosses_no_live_book() {
    each(|venue| {
        for seed in 1..=deep() {
            let mut rig = Rig::seeded(venue, None, &[], 0, seed);
            rig.in_sync();
            let (lots, price) = (rig.lots(), rig.best(Side::Buy));
            let mut random = ChaCha20Rng::seed_from_u64(seed);
            for _ in 0..60 {
                // What is asked for is right, and heard: only what comes back is spoiled.
                rig.net.spoils = None;
                if rig.is_live() {
                    let kind = rig.limit(price, TimeInForce::Gtc);
                    rig.place(Side::Buy, lots, kind, Intent::Entry);
                    let kind = rig.limit(price, TimeInForce::Ioc);
                    rig.place(Side::Sell, lots, kind, Intent::Exit);
                }
                rig.net.spoils = Some(random.random_range(2..30));
                for _ in 0..6 {
                    rig.pass(100);
                    not_crossed(&rig);
                }
            }
            rig.net.spoils = None;
            rig.until("in sync again", 600_000, |rig| {
                rig.is_live() && rig.link() == LinkState::Ready
            });
            for fact in &rig.facts {
                inert(&format!("{fact:?}"));
            }
            for words in &rig.bad {
                inert(&format!("{words:?}"));
            }
            assert!(!rig.bad.is_empty(), "{}: nothing was spoiled", venue.id);
        }
    });
}

#[test]
fn an_exchange_that_talks_nonsense_from_its_first_word_is_got_on_with_once_it_stops() {
    each(|venue| {
        for seed in 1..=deep() {
            let mut rig = Rig::seeded(venue, None, &[], 0, seed);
            for spoils in [1, 2, 3, 5, 8, 20] {
                rig.net.spoils = Some(spoils);
                for _ in 0..50 {
                    rig.pass(100);
                    not_crossed(&rig);
                }
            }
            rig.net.spoils = None;
            rig.until("in sync", 600_000, |rig| {
                rig.is_live() && rig.link() == LinkState::Ready
            });
            for fact in &rig.facts {
                inert(&format!("{fact:?}"));
            }
        }
    });
}

fn not_crossed(rig: &Rig) {
    let Some(depth) = rig.depth().filter(|depth| depth.state.is_live()) else {
        return;
    };
    if let (Some(bid), Some(ask)) = (depth.bids.first(), depth.asks.first()) {
        assert!(
            bid.price < ask.price,
            "{}: {bid:?} {ask:?}",
            rig.net.venue.id
        );
    }
}
