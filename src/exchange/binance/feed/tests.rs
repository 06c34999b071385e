//! The feed in virtual time, against answers written by hand from the documents.

use super::*;
use crate::domain::{BookState, Price, Qty};
use crate::exchange::machine::LineOut;
use crate::exchange::machine::{Call, Reply};

const START_MS: i64 = 1_720_000_000_000;

mod past;
mod spot;

struct Rig {
    feed: BinanceFeed,
    now: Stamp,
    out: Out,
    sent: Vec<String>,
    opened: Vec<Line>,
    calls: Vec<Call>,
    notes: Vec<String>,
    minutes: Vec<Vec<crate::domain::Minute>>,
    statuses: Vec<crate::domain::TradingStatus>,
    bad: usize,
    touches: Vec<crate::domain::Touch>,
    prints: usize,
    answer_pings: bool,
}

fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

fn listed(name: &str, tick: &str) -> String {
    format!(
        r#"{{"symbol":"{name}","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","marginAsset":"USDT","filters":[{{"filterType":"PRICE_FILTER","minPrice":"0.1","maxPrice":"1000000","tickSize":"{tick}"}},{{"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"1000","stepSize":"0.001"}}]}}"#
    )
}

impl Rig {
    fn new() -> Self {
        Self::of(&crate::exchange::binance_futures::PRODUCT)
    }

    fn of(product: &'static Product) -> Self {
        let endpoints = Endpoints {
            rest: "http://127.0.0.1:1".to_owned(),
            ws_public: "ws://127.0.0.1:1/public".to_owned(),
            ws_market: "ws://127.0.0.1:1/market".to_owned(),
            ws_private: String::new(),
            ws_api: String::new(),
            rights: None,
            headers: Vec::new(),
        };
        Self {
            feed: BinanceFeed::new(product, &endpoints),
            now: Stamp {
                mono_ns: 5_000_000_000,
                wall_ns: START_MS * 1_000_000,
            },
            out: Out::default(),
            sent: Vec::new(),
            opened: Vec::new(),
            calls: Vec::new(),
            notes: Vec::new(),
            minutes: Vec::new(),
            statuses: Vec::new(),
            bad: 0,
            touches: Vec::new(),
            prints: 0,
            answer_pings: true,
        }
    }

    /// Connected, instruments known, BTCUSDT followed and synchronised at id 100.
    fn synced() -> Self {
        let mut rig = Self::new();
        rig.start();
        rig.depth(90, 95, 89, "", "");
        rig.answer_snapshot(100);
        rig.depth(96, 105, 95, r#"["60000.0","2"]"#, "");
        assert_eq!(rig.state(), BookState::Live);
        rig
    }

    fn start(&mut self) {
        self.on(In::Start);
        self.on(In::Follow(&[symbol()]));
        self.answer_time(0);
        let info = format!(
            r#"{{"rateLimits":[],"symbols":[{},{}]}}"#,
            listed("BTCUSDT", "0.10"),
            listed("BADUSDT", "0")
        );
        let target = self.below("/exchangeInfo");
        self.answer(&target, 200, &info);
        self.on(In::Opened { line: PUBLIC });
        self.on(In::Opened { line: MARKET });
    }

    fn on(&mut self, event: In<'_>) {
        self.out.clear();
        self.feed.on(self.now, event, &mut self.out);
        let mut pings = Vec::new();
        for line in self.out.lines.drain(..) {
            match line {
                LineOut::Open { line, .. } => self.opened.push(line),
                LineOut::Close { line } => self.sent.push(format!("close {line}")),
                LineOut::Send {
                    line,
                    opcode: Opcode::Ping,
                    ..
                } => pings.push(line),
                LineOut::Send { bytes, .. } => self.sent.push(String::from_utf8(bytes).unwrap()),
            }
        }
        self.calls.append(&mut self.out.calls);
        self.touches.append(&mut self.out.touches);
        self.prints += self.out.prints.len();
        for fact in self.out.market.drain(..) {
            match fact {
                MarketFact::Note { words } => self.notes.push(words),
                MarketFact::Bad { .. } => self.bad += 1,
                MarketFact::Minutes { minutes, .. } => self.minutes.push(minutes.to_vec()),
                MarketFact::Status { status, .. } => self.statuses.push(status),
                _ => {}
            }
        }
        if self.answer_pings {
            for line in pings {
                self.on(In::Frame {
                    line,
                    opcode: Opcode::Pong,
                    bytes: &[],
                });
            }
        }
    }

    fn pass(&mut self, ms: u64) {
        for _ in 0..ms / 100 {
            self.now = self.now.plus_ms(100);
            self.on(In::Wake);
        }
    }

    fn text(&mut self, line: Line, text: &str) {
        self.on(In::Frame {
            line,
            opcode: Opcode::Text,
            bytes: text.as_bytes(),
        });
    }

    fn depth_text(&self, first: u64, last: u64, previous: u64, bids: &str, asks: &str) -> String {
        let ms = self.now.wall_ms();
        format!(
            r#"{{"e":"depthUpdate","E":{ms},"T":{ms},"s":"BTCUSDT","U":{first},"u":{last},"pu":{previous},"b":[{bids}],"a":[{asks}]}}"#
        )
    }

    fn depth(&mut self, first: u64, last: u64, previous: u64, bids: &str, asks: &str) {
        let text = self.depth_text(first, last, previous, bids, asks);
        self.text(PUBLIC, &text);
    }

    fn ticker(&mut self, id: u64, bid: &str, ask: &str) {
        let ms = self.now.wall_ms();
        let text = format!(
            r#"{{"e":"bookTicker","u":{id},"E":{ms},"T":{ms},"s":"BTCUSDT","b":"{bid}","B":"1","a":"{ask}","A":"1"}}"#
        );
        self.text(PUBLIC, &text);
    }

    fn print(&mut self) {
        let ms = self.now.wall_ms();
        let text = format!(
            r#"{{"e":"aggTrade","E":{ms},"s":"BTCUSDT","a":1,"p":"60000.1","q":"0.100","nq":"0.100","f":1,"l":1,"T":{ms},"m":true}}"#
        );
        self.text(MARKET, &text);
    }

    fn take_call(&mut self, target: &str) -> Option<Call> {
        let at = self
            .calls
            .iter()
            .position(|c| c.target.starts_with(target))?;
        Some(self.calls.remove(at))
    }

    fn answer(&mut self, target: &str, status: u16, body: &str) {
        let call = self.take_call(target).expect(target);
        let reply = Reply {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        self.on(In::Reply {
            tag: call.tag,
            result: Ok(reply),
        });
    }

    fn answer_time(&mut self, ahead_ms: i64) {
        let ms = self.now.wall_ms() + ahead_ms;
        let target = self.below("/time");
        self.answer(&target, 200, &format!(r#"{{"serverTime":{ms}}}"#));
    }

    fn below(&self, path: &str) -> String {
        format!("{}{path}", self.feed.product.root)
    }

    fn answer_snapshot(&mut self, last: u64) {
        let body = format!(
            r#"{{"lastUpdateId":{last},"E":1,"T":1,"bids":[["60000.0","1.000"],["59999.9","3"]],"asks":[["60000.1","4"]]}}"#
        );
        let target = self.below("/depth");
        self.answer(&target, 200, &body);
    }

    fn picture(&self) -> Arc<Depth> {
        self.feed.depth(symbol(), self.now, 20).unwrap()
    }

    fn state(&self) -> BookState {
        self.picture().state.clone()
    }

    /// Keeps both streams going for a while, the book's own id moving by one each 100 ms.
    fn chatter(&mut self, from: u64, ms: u64) -> u64 {
        let mut last = from;
        for _ in 0..ms / 100 {
            self.pass(100);
            self.depth(last + 1, last + 1, last, "", "");
            last += 1;
        }
        last
    }
}

#[test]
fn connects_subscribes_and_synchronises() {
    let mut rig = Rig::new();
    rig.start();
    assert_eq!(rig.opened, [PUBLIC, MARKET]);
    assert!(rig.sent.iter().any(|s| s.contains("btcusdt@depth@100ms")));
    assert!(rig.sent.iter().any(|s| s.contains("btcusdt@markPrice@1s")));
    assert_eq!(rig.state(), BookState::Resync("first snapshot".to_owned()));
    rig.depth(90, 95, 89, "", "");
    rig.answer_snapshot(100);
    rig.depth(96, 105, 95, r#"["60000.0","2"]"#, "");
    let picture = rig.picture();
    assert_eq!(picture.state, BookState::Live);
    assert_eq!(picture.bids[0].price, Price(600_000));
    assert_eq!(picture.bids[0].qty, Qty(2_000));
    assert!(rig.touches.last().unwrap().live);
}

#[test]
fn a_quiet_symbol_synchronises_without_any_event_and_stays_live() {
    let mut rig = Rig::new();
    rig.start();
    rig.pass(1_000);
    rig.answer_snapshot(100);
    rig.pass(30_000);
    assert_eq!(rig.state(), BookState::Live);
}

#[test]
fn a1_a_gap_resyncs_within_the_frame() {
    let mut rig = Rig::synced();
    rig.chatter(105, 2_000);
    rig.depth(300, 310, 299, "", "");
    assert_eq!(rig.state(), BookState::Resync("gap".to_owned()));
    assert!(rig.picture().bids.is_empty());
    assert!(!rig.touches.last().unwrap().live);
    rig.answer_snapshot(305);
    assert_eq!(rig.state(), BookState::Live);
    assert_eq!(rig.picture().gaps, 1);
}

#[test]
fn a2_a5_snapshots_that_are_too_old_are_fetched_again_for_ever() {
    let mut rig = Rig::new();
    rig.start();
    rig.depth(200, 210, 199, "", "");
    let mut tries = 0;
    for _ in 0..6_000 {
        rig.pass(100);
        if rig.calls.iter().any(|c| c.target.contains("/depth?")) {
            rig.answer_snapshot(100);
            tries += 1;
            assert!(!rig.state().is_live());
            assert!(rig.picture().bids.is_empty());
        }
        while rig.take_call("/fapi/v1/time").is_some() {}
    }
    assert!((15..60).contains(&tries), "{tries} tries in ten minutes");
    let BookState::Down(words) = rig.state() else {
        panic!("{:?}", rig.state())
    };
    assert!(words.starts_with("cannot sync ("), "{words}");
    rig.pass(30_000);
    rig.answer_snapshot(205);
    assert_eq!(rig.state(), BookState::Live);
}

#[test]
fn a6_a_half_open_socket_goes_stale_then_down_and_is_opened_anew() {
    let mut rig = Rig::synced();
    rig.answer_pings = false;
    rig.opened.clear();
    rig.pass(1_900);
    assert_eq!(rig.state(), BookState::Live);
    rig.pass(400);
    assert_eq!(rig.state(), BookState::Stale("no data 2.3s".to_owned()));
    assert!(!rig.touches.last().unwrap().live);
    rig.pass(2_700);
    assert!(matches!(rig.state(), BookState::Down(_)));
    assert!(rig.opened.contains(&PUBLIC));
    rig.on(In::Opened { line: PUBLIC });
    assert!(matches!(rig.state(), BookState::Resync(_)));
    rig.pass(300);
    rig.depth(400, 410, 399, "", "");
    rig.pass(1_000);
    rig.answer_snapshot(405);
    assert_eq!(rig.state(), BookState::Live);
}

#[test]
fn a7_a_dead_depth_stream_is_seen_by_best_prices_and_asked_for_again() {
    let mut rig = Rig::synced();
    let mut id = 106;
    for _ in 0..12 {
        rig.pass(100);
        rig.ticker(id, "60000.0", "60000.1");
        id += 1;
    }
    assert!(matches!(rig.state(), BookState::Stale(words) if words.starts_with("no depth 1.")));
    rig.sent.clear();
    for _ in 0..45 {
        rig.pass(100);
        rig.ticker(id, "60000.0", "60000.1");
        id += 1;
    }
    assert_eq!(rig.state(), BookState::Resync("no depth".to_owned()));
    let sent = rig.sent.join("\n");
    assert!(sent.contains("UNSUBSCRIBE") && sent.contains("btcusdt@depth@100ms"));
    assert!(rig.take_call("/fapi/v1/depth").is_none());
    rig.depth(500, 510, 499, "", "");
    rig.answer_snapshot(505);
    assert_eq!(rig.state(), BookState::Live);
}

#[test]
fn a7_a_socket_that_answers_pings_and_nothing_else_is_opened_anew() {
    let mut rig = Rig::synced();
    rig.opened.clear();
    for _ in 0..150 {
        rig.pass(100);
        rig.print();
        if rig.opened.contains(&PUBLIC) {
            break;
        }
    }
    assert_eq!(rig.opened, [PUBLIC]);
    assert!(matches!(rig.state(), BookState::Down(_)));
    rig.on(In::Opened { line: PUBLIC });
    rig.pass(1_000);
    rig.depth(500, 510, 499, "", "");
    rig.answer_snapshot(505);
    assert_eq!(rig.state(), BookState::Live);
}

#[test]
fn a7_prints_that_the_book_never_shows_make_it_stale() {
    let mut rig = Rig::synced();
    rig.pass(500);
    rig.print();
    rig.pass(1_200);
    assert_eq!(rig.state(), BookState::Stale("no depth 1.2s".to_owned()));
    rig.depth(106, 107, 105, "", "");
    assert_eq!(rig.state(), BookState::Live);
    assert_eq!(rig.prints, 1);
}

#[test]
fn a_busy_market_in_which_best_prices_are_always_ahead_is_live() {
    let mut rig = Rig::synced();
    let mut last = 105;
    for _ in 0..100 {
        rig.pass(100);
        rig.ticker(last + 2, "60000.0", "60000.1");
        rig.depth(last + 1, last + 2, last, "", "");
        rig.ticker(last + 3, "60000.0", "60000.1");
        last += 2;
        assert_eq!(rig.state(), BookState::Live);
    }
}

#[test]
fn best_prices_that_contradict_the_book_for_long_resync_it() {
    let mut rig = Rig::synced();
    for last in 105..145 {
        rig.pass(100);
        rig.ticker(last + 1, "60000.3", "60000.4");
        rig.depth(last + 1, last + 1, last, "", "");
    }
    assert!(rig.notes.iter().any(|n| n.contains("contradict")));
    assert!(rig.take_call("/fapi/v1/depth").is_some());
}

#[test]
fn the_touch_is_whichever_is_newer() {
    let mut rig = Rig::synced();
    rig.ticker(110, "60000.2", "60000.3");
    assert_eq!(
        rig.touches.last().unwrap().bid.unwrap().price,
        Price(600_002)
    );
    assert_eq!(rig.picture().bids[0].price, Price(600_000));
    rig.depth(106, 111, 105, "", "");
    assert_eq!(
        rig.touches.last().unwrap().bid.unwrap().price,
        Price(600_000)
    );
    rig.ticker(109, "1.0", "2.0");
    assert_eq!(
        rig.touches.last().unwrap().bid.unwrap().price,
        Price(600_000)
    );
}

#[test]
fn a8_frames_that_are_three_seconds_old_say_so() {
    let mut rig = Rig::synced();
    let late = rig.depth_text(106, 110, 105, "", "");
    rig.pass(3_000);
    rig.text(PUBLIC, &late);
    assert_eq!(rig.state(), BookState::Stale("LAG 3.0s".to_owned()));
    assert_eq!(rig.picture().lag_ms, 3_000);
    rig.depth(111, 112, 110, "", "");
    assert_eq!(rig.state(), BookState::Live);
}

#[test]
fn d1_d3_a_wrong_or_stepped_clock_is_no_lag() {
    let mut rig = Rig::synced();
    rig.now.wall_ns -= 3_600_000_000_000;
    let ms = rig.now.wall_ms() + 3_600_000;
    let text = rig
        .depth_text(106, 110, 105, "", "")
        .replace(&rig.now.wall_ms().to_string(), &ms.to_string());
    rig.text(PUBLIC, &text);
    assert_eq!(rig.state(), BookState::Live);
    assert_eq!(rig.picture().lag_ms, 0);
    rig.pass(1_500);
    assert_eq!(rig.state(), BookState::Live);
}

#[test]
fn without_the_venues_clock_nothing_is_live() {
    let mut rig = Rig::synced();
    rig.feed.calls.clock.forget();
    assert_eq!(
        rig.state(),
        BookState::Stale("venue clock unknown".to_owned())
    );
}

#[test]
fn a9_a_crossed_book_resyncs_after_the_second_message() {
    let mut rig = Rig::synced();
    rig.chatter(105, 1_000);
    rig.depth(116, 117, 115, r#"["60000.5","1"]"#, "");
    assert_eq!(rig.state(), BookState::Stale("crossed".to_owned()));
    rig.depth(118, 119, 117, "", "");
    assert_eq!(rig.state(), BookState::Resync("crossed".to_owned()));
    assert!(rig.take_call("/fapi/v1/depth").is_some());
}

#[test]
fn a11_duplicates_change_nothing() {
    let mut rig = Rig::synced();
    let text = rig.depth_text(106, 110, 105, r#"["59999.9","7"]"#, "");
    rig.text(PUBLIC, &text);
    let before = rig.picture();
    rig.text(PUBLIC, &text);
    assert_eq!(rig.picture(), before);
    assert_eq!(before.gaps, 0);
}

#[test]
fn a12_a_snapshot_asked_for_before_a_reconnect_is_not_used() {
    let mut rig = Rig::new();
    rig.start();
    rig.depth(90, 95, 89, "", "");
    let old = rig.take_call("/fapi/v1/depth").unwrap();
    rig.on(In::Closed {
        line: PUBLIC,
        why: "reset",
    });
    rig.on(In::Opened { line: PUBLIC });
    let reply = Reply {
        status: 200,
        headers: Vec::new(),
        body: br#"{"lastUpdateId":100,"bids":[["60000.0","1"]],"asks":[]}"#.to_vec(),
    };
    rig.on(In::Reply {
        tag: old.tag,
        result: Ok(reply),
    });
    assert!(matches!(rig.state(), BookState::Resync(_)));
    assert!(rig.picture().bids.is_empty());
}

#[test]
fn a10_the_day_old_socket_is_replaced_without_loss_of_live() {
    let mut rig = Rig::synced();
    rig.opened.clear();
    // Jump close to the age, prove the sockets, then let time pass as usual.
    rig.now = rig.now.plus_ms(23 * 3_600_000 - 500);
    for line in [PUBLIC, MARKET] {
        rig.on(In::Frame {
            line,
            opcode: Opcode::Ping,
            bytes: &[],
        });
    }
    let start = rig.chatter(105, 1_000);
    let next = PUBLIC ^ 2;
    assert!(rig.opened.contains(&next));
    rig.on(In::Opened { line: next });
    rig.pass(100);
    for last in start..start + 200 {
        rig.pass(100);
        let text = rig.depth_text(last + 1, last + 1, last, "", "");
        rig.text(PUBLIC, &text);
        rig.text(next, &text);
        assert_eq!(rig.state(), BookState::Live);
    }
    assert!(rig.sent.contains(&format!("close {PUBLIC}")));
    assert_eq!(rig.picture().gaps, 0);
}

#[test]
fn a13_what_the_snapshot_never_told_is_said() {
    let mut rig = Rig::new();
    rig.start();
    rig.depth(90, 95, 89, "", "");
    let bids: Vec<String> = (0..50)
        .map(|i| format!(r#"["{}.0","1"]"#, 60_000 - i))
        .collect();
    let body = format!(
        r#"{{"lastUpdateId":100,"bids":[{}],"asks":[["60001.0","1"]]}}"#,
        bids.join(",")
    );
    rig.answer("/fapi/v1/depth", 200, &body);
    let picture = rig.picture();
    assert_eq!(picture.known_down_to, Some(Price(599_510)));
    assert_eq!(picture.known_up_to, None);
}

#[test]
fn a15_one_empty_side_is_live_and_has_no_best() {
    let mut rig = Rig::synced();
    rig.depth(106, 107, 105, "", r#"["60000.1","0"]"#);
    assert_eq!(rig.state(), BookState::Live);
    assert_eq!(rig.touches.last().unwrap().ask, None);
    assert!(rig.touches.last().unwrap().bid.is_some());
}

#[test]
fn k1_k3_a_bad_book_message_is_counted_and_a_gap_and_the_stream_goes_on() {
    for bad in [
        r#"{"e":"depthUpdate","E":17"#,
        r#"{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","U":106,"u":107,"pu":105,"b":[["60000.05","1"]],"a":[]}"#,
        r#"{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","U":106,"u":107,"pu":105,"b":[["60000.0","1e308"]],"a":[]}"#,
        r#"{"e":"depthUpdate","E":1,"T":1,"s":"BTCUSDT","U":106,"u":107,"pu":105,"b":null,"a":[]}"#,
        "\u{1}",
    ] {
        let mut rig = Rig::synced();
        let last = rig.chatter(105, 1_500);
        rig.text(PUBLIC, bad);
        assert_eq!(rig.bad, 1, "{bad}");
        assert_eq!(rig.state(), BookState::Resync("bad message".to_owned()));
        rig.depth(last + 2, last + 2, last + 1, "", "");
        rig.answer_snapshot(last + 2);
        assert_eq!(rig.state(), BookState::Live, "{bad}");
    }
    let mut rig = Rig::synced();
    rig.text(PUBLIC, r#"{"e":"bookTicker","s":"BTCUSDT","u":-1}"#);
    rig.text(MARKET, "{");
    assert_eq!((rig.bad, rig.state()), (2, BookState::Live));
}

#[test]
fn k4_following_a_disabled_or_unknown_symbol_says_why() {
    let mut rig = Rig::synced();
    let names = ["BADUSDT", "NOSUCH"].map(|name| Symbol::new(name).unwrap());
    rig.on(In::Follow(&names));
    assert!(
        rig.notes
            .iter()
            .any(|n| n == "BADUSDT is disabled: it has no valid tick")
    );
    assert!(rig.notes.iter().any(|n| n.starts_with("no symbol NOSUCH")));
    assert!(rig.feed.depth(symbol(), rig.now, 1).is_none());
}

#[test]
fn a_ban_stops_every_call_until_it_ends() {
    let mut rig = Rig::synced();
    rig.pass(1_000);
    rig.answer(
        "/fapi/v1/time",
        418,
        r#"{"code":-1003,"msg":"banned until 1720000031000"}"#,
    );
    assert!(rig.notes.iter().any(|n| n.contains("rate limit")));
    rig.calls.clear();
    rig.depth(300, 310, 299, "", "");
    rig.pass(29_000);
    assert!(rig.calls.is_empty(), "{:?}", rig.calls);
    rig.pass(2_000);
    assert!(rig.take_call("/fapi/v1/depth").is_some());
}

#[test]
fn d4_a_resume_proves_nothing_and_connects_anew() {
    let mut rig = Rig::synced();
    rig.opened.clear();
    rig.on(In::Resumed { ms: 600_000 });
    assert!(matches!(rig.state(), BookState::Down(_)));
    assert_eq!(rig.opened, [PUBLIC, MARKET]);
    assert!(rig.take_call("/fapi/v1/time").is_some());
}

#[test]
fn a_taking_over_socket_that_fails_is_tried_again_with_patience() {
    let mut rig = Rig::synced();
    rig.now = rig.now.plus_ms(23 * 3_600_000);
    for line in [PUBLIC, MARKET] {
        rig.on(In::Frame {
            line,
            opcode: Opcode::Ping,
            bytes: &[],
        });
    }
    let mut tries = 0;
    for _ in 0..100 {
        rig.opened.clear();
        rig.pass(100);
        if rig.opened.contains(&(PUBLIC ^ 2)) {
            tries += 1;
            rig.on(In::Closed {
                line: PUBLIC ^ 2,
                why: "refused",
            });
        }
    }
    assert!((2..12).contains(&tries), "{tries}");
    assert_eq!(rig.state(), BookState::Live);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]
    #[test]
    fn k1_no_bytes_make_it_panic_or_lie(
        edits in proptest::collection::vec((proptest::prelude::any::<usize>(), proptest::prelude::any::<u8>()), 1..40),
        line in 0_u8..4,
    ) {
        let mut rig = Rig::synced();
        let depth = rig.depth_text(106, 110, 105, r#"["59999.9","7"]"#, r#"["60000.1","0"]"#);
        let info = listed("BTCUSDT", "0.10");
        for (at, byte) in edits {
            for text in [&depth, &info] {
                let mut bytes = text.clone().into_bytes();
                let at = at % bytes.len();
                bytes[at] = byte;
                rig.on(In::Frame { line, opcode: Opcode::Text, bytes: &bytes });
            }
            let picture = rig.picture();
            let crossed = picture.bids.first().zip(picture.asks.first()).is_some_and(|(b, a)| b.price >= a.price);
            proptest::prop_assert!(!(crossed && picture.state.is_live()));
            rig.pass(100);
        }
    }
}
