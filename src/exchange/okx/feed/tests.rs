//! The feed in virtual time, against messages of the documents and answers written by hand from them.

use super::*;
use crate::domain::{BookState, Price, Qty, Side, TradingStatus};
use crate::exchange::machine::{In, Line, Opcode};
use crate::exchange::pushed::dialect::Follows;
use crate::exchange::pushed::rig::Rig;

const LINE: Line = 0;
const SWAP: &str = "BTC-USDT-SWAP";

fn listed(state: &str, tick: &str) -> String {
    format!(
        r#"{{"code":"0","msg":"","data":[{{"baseCcy":"","ctMult":"1","ctType":"linear","ctVal":"0.01","ctValCcy":"BTC","instFamily":"BTC-USDT","instId":"BTC-USDT-SWAP","instIdCode":10459,"instType":"SWAP","lotSz":"0.01","maxLmtSz":"100000000","maxMktSz":"35000","minSz":"0.01","quoteCcy":"","settleCcy":"USDT","state":"{state}","tickSz":"{tick}"}}]}}"#
    )
}

const SPOT: &str = r#"{"code":"0","msg":"","data":[{"baseCcy":"BTC","instId":"BTC-USDT","instIdCode":1,"instType":"SPOT","lotSz":"0.00000001","maxLmtSz":"9999999999","maxMktSz":"1000000","minSz":"0.00001","quoteCcy":"USDT","settleCcy":"","state":"live","tickSz":"0.1"}]}"#;

struct Bench {
    rig: Rig<Okx>,
    seq: i64,
}

impl Bench {
    /// Instruments known, the clock measured, these followed, the socket open.
    fn started(names: &[&str]) -> Self {
        let mut rig = Rig::new(Okx, &super::super::at("http://127.0.0.1:1"), "pong");
        rig.on(In::Start);
        rig.follow(names);
        let ms = rig.now.wall_ms();
        let time = format!(r#"{{"code":"0","msg":"","data":[{{"ts":"{ms}"}}]}}"#);
        rig.answer(TIME, 200, &time);
        rig.answer(
            "/api/v5/public/instruments?instType=SWAP",
            200,
            &listed("live", "0.1"),
        );
        rig.answer("/api/v5/public/instruments?instType=SPOT", 200, SPOT);
        let none = r#"{"code":"0","msg":"","data":[]}"#;
        rig.answer("/api/v5/public/instruments?instType=FUTURES", 200, none);
        rig.on(In::Opened { line: LINE });
        Self { rig, seq: 123_456 }
    }

    fn synced() -> Self {
        let mut bench = Self::started(&[SWAP]);
        bench.snapshot(LINE);
        bench.best(LINE, "60000", "60000.1");
        assert_eq!(bench.state(), BookState::Live);
        bench
    }

    fn state(&self) -> BookState {
        self.rig.state(SWAP)
    }

    fn book_text(&self, action: &str, previous: i64, seq: i64, bids: &str, asks: &str) -> String {
        let ms = self.rig.now.wall_ms();
        format!(
            r#"{{"arg":{{"channel":"books","instId":"BTC-USDT-SWAP"}},"action":"{action}","data":[{{"asks":[{asks}],"bids":[{bids}],"ts":"{ms}","checksum":0,"prevSeqId":{previous},"seqId":{seq}}}]}}"#
        )
    }

    fn snapshot(&mut self, line: Line) {
        let bids = r#"["60000","1","0","12"],["59999.9","3","0","1"]"#;
        let text = self.book_text("snapshot", -1, self.seq, bids, r#"["60000.1","4","0","2"]"#);
        self.rig.text(line, &text);
    }

    /// An update that names what it follows.
    fn update(&mut self, previous: i64, seq: i64, bids: &str, asks: &str) {
        let text = self.book_text("update", previous, seq, bids, asks);
        self.rig.text(LINE, &text);
        self.seq = seq;
    }

    /// The next change of the book; ids do not step by one.
    fn next(&mut self, bids: &str, asks: &str) {
        self.update(self.seq, self.seq + 7, bids, asks);
    }

    fn best(&mut self, line: Line, bid: &str, ask: &str) {
        let (ms, seq) = (self.rig.now.wall_ms(), self.seq + 1);
        let text = format!(
            r#"{{"arg":{{"channel":"bbo-tbt","instId":"BTC-USDT-SWAP"}},"data":[{{"asks":[["{ask}","4","0","2"]],"bids":[["{bid}","1","0","2"]],"ts":"{ms}","seqId":{seq}}}]}}"#
        );
        self.rig.text(line, &text);
    }

    fn chatter(&mut self, ms: u64) {
        for _ in 0..ms / 100 {
            self.rig.pass(100);
            self.next("", "");
        }
    }
}

fn grid(name: &str) -> Option<Grid> {
    let grid = Grid {
        symbol: Symbol::new(SWAP).unwrap(),
        tick: crate::domain::decimal::Step::parse("0.01").unwrap(),
        lot: crate::domain::decimal::Step::parse("1").unwrap(),
    };
    (name == SWAP).then_some(grid)
}

fn read(text: &str) -> Vec<Said> {
    let mut said = Vec::new();
    Okx.read(text, &grid, &mut said).unwrap();
    said
}

fn book(text: &str) -> crate::exchange::pushed::dialect::BookEvent {
    match read(text).remove(0) {
        Said::Book(event) => event,
        other => panic!("{other:?}"),
    }
}

/// (OKX, Order book channel: push data examples.)
#[test]
fn reads_the_documented_books() {
    let snapshot = book(
        r#"{"arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"action":"snapshot","data":[{"asks":[["8476.98","415","0","13"]],"bids":[["8476.97","256","0","12"]],"ts":"1597026383085","checksum":0,"prevSeqId":-1,"seqId":123456}]}"#,
    );
    assert_eq!((snapshot.depth, snapshot.follows), (400, Follows::Nothing));
    assert_eq!(
        (snapshot.id, snapshot.venue_ms),
        (123_456, 1_597_026_383_085)
    );
    assert_eq!(
        (snapshot.changes[0].side, snapshot.changes[0].qty),
        (Side::Buy, Qty(256))
    );
    let text = r#"{"arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"action":"update","data":[{"asks":[["8476.98","0","0","0"]],"bids":[],"ts":"1597026383185","checksum":0,"prevSeqId":123456,"seqId":123457}]}"#;
    let update = book(text);
    assert_eq!((update.follows, update.id), (Follows::Id(123_456), 123_457));
    assert_eq!(
        (update.changes[0].price, update.changes[0].qty),
        (Price(847_698), Qty(0))
    );
    // A checksum beside ids proves nothing and is not looked at.
    let summed = book(&text.replace(r#""checksum":0"#, r#""checksum":-855196043"#));
    assert_eq!(summed.follows, Follows::Id(123_456));
    let best = book(
        r#"{"arg":{"channel":"bbo-tbt","instId":"BTC-USDT-SWAP"},"data":[{"asks":[["111.06","55154","0","2"]],"bids":[["111.05","57745","0","2"]],"ts":"1670324386802","seqId":363996337}]}"#,
    );
    assert_eq!(
        (best.depth, best.order, best.follows),
        (1, 363_996_337, Follows::Nothing)
    );
}

/// Recordings from before the ids. (OKX, Checksum.)
#[test]
fn a17_without_ids_the_checksum_decides_and_zero_is_none() {
    let text = r#"{"arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"action":"update","data":[{"asks":[["30249.40","0","0","0"]],"bids":[["30182.6","452","0","1"]],"ts":"1652459225464","checksum":-914047754}]}"#;
    let update = book(text);
    assert_eq!(update.follows, Follows::Checksum(Some(-914_047_754)));
    let bid = ["30182.6".to_owned(), "452".to_owned()];
    assert_eq!(
        (update.texts[0].clone(), update.texts[1][0].as_str()),
        (bid, "30249.40")
    );
    let zero = book(&text.replace("-914047754", "0"));
    assert_eq!(zero.follows, Follows::Checksum(None));
}

/// (OKX, Trades, Mark price and Funding rate channels: push data examples.)
#[test]
fn reads_the_documented_trades_marks_and_funding() {
    let trade = r#"{"arg":{"channel":"trades","instId":"BTC-USDT-SWAP"},"data":[{"instId":"BTC-USDT-SWAP","tradeId":"130639474","px":"42219.9","sz":"12","side":"buy","ts":"1630048897897","count":"3","source":"0","seqId":1234}]}"#;
    let [
        Said::Print {
            id,
            print,
            in_book: true,
        },
    ] = &read(trade)[..]
    else {
        panic!()
    };
    assert_eq!(
        (print.side, print.price, print.qty),
        (Side::Buy, Price(4_221_990), Qty(12))
    );
    assert_eq!(id.as_str(), "130639474");
    let hidden = trade.replace(r#""source":"0""#, r#""source":"1""#);
    assert!(matches!(
        &read(&hidden)[..],
        [Said::Print { in_book: false, .. }]
    ));
    let mark = r#"{"arg":{"channel":"mark-price","instId":"BTC-USDT-SWAP"},"data":[{"instType":"SWAP","instId":"BTC-USDT-SWAP","markPx":"0.1","ts":"1597026383085"}]}"#;
    let [Said::Mark { mark, funding, .. }] = &read(mark)[..] else {
        panic!()
    };
    assert_eq!(
        (mark.unwrap().to_string(), *funding),
        ("0.1".to_owned(), None)
    );
    let rate = r#"{"arg":{"channel":"funding-rate","instId":"BTC-USDT-SWAP"},"data":[{"fundingRate":"0.0001875391284828","fundingTime":"1700726400000","instId":"BTC-USDT-SWAP","instType":"SWAP","method":"next_period","maxFundingRate":"0.00375","nextFundingRate":"","nextFundingTime":"1700755200000","ts":"1700724675402"}]}"#;
    let [
        Said::Mark {
            mark,
            funding,
            next_funding_ms,
            ..
        },
    ] = &read(rate)[..]
    else {
        panic!()
    };
    assert_eq!(
        (*mark, funding.unwrap().to_string().as_str()),
        (None, "0.0001875391284828")
    );
    assert_eq!(*next_funding_ms, Some(1_700_726_400_000));
}

#[test]
fn answers_refusals_and_announcements() {
    assert_eq!(read("pong"), []);
    assert_eq!(
        read(
            r#"{"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"connId":"a4d3ae55"}"#
        ),
        []
    );
    let error = r#"{"event":"error","code":"60012","msg":"Invalid request: \u001b[2J","connId":"a4d3ae55"}"#;
    assert_eq!(
        read(error),
        [Said::Refused("60012 Invalid request: ?[2J".to_owned())]
    );
    let notice = r#"{"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"}"#;
    assert!(matches!(&read(notice)[..], [Said::Leaving(words)] if words.starts_with("64008 The")));
    let other = r#"{"arg":{"channel":"books","instId":"ETH-USDT"},"action":"update","data":[{}]}"#;
    assert_eq!(read(other), []);
}

#[test]
fn subscribes_each_kind_of_instrument_to_what_it_has() {
    let bench = Bench::started(&[SWAP]);
    assert_eq!(
        bench.rig.opened,
        [(0, "ws://127.0.0.1:1/ws/v5/public".to_owned())]
    );
    assert_eq!(
        bench.rig.sent[0].1,
        r#"{"args":[{"channel":"books","instId":"BTC-USDT-SWAP"},{"channel":"bbo-tbt","instId":"BTC-USDT-SWAP"},{"channel":"trades","instId":"BTC-USDT-SWAP"},{"channel":"mark-price","instId":"BTC-USDT-SWAP"},{"channel":"funding-rate","instId":"BTC-USDT-SWAP"}],"id":"1","op":"subscribe"}"#
    );
    let bench = Bench::started(&["BTC-USDT"]);
    let spot = &bench.rig.sent[0].1;
    assert!(spot.contains("trades") && !spot.contains("mark"), "{spot}");
}

#[test]
fn demo_says_so_in_every_call_and_handshake() {
    let sites = super::super::sites(crate::domain::Environment::Demo);
    let mut rig = Rig::new(Okx, &sites[0].endpoints, "pong");
    rig.on(In::Start);
    rig.follow(&[SWAP]);
    let demo = vec![("x-simulated-trading", "1".to_owned())];
    assert!(rig.calls.iter().all(|call| call.headers == demo));
    rig.answer(
        "/api/v5/public/instruments?instType=SWAP",
        200,
        &listed("live", "0.1"),
    );
    assert_eq!(rig.headers, demo);
    assert_eq!(rig.opened[0].1, "wss://wspap.okx.com:8443/ws/v5/public");
}

#[test]
fn a4_the_documented_table() {
    let mut bench = Bench::synced();
    let last = bench.seq;
    // Steps are not 1.
    bench.update(last, last + 9, r#"["59999.9","0","0","0"]"#, "");
    assert_eq!(bench.rig.picture(SWAP).bids.len(), 1);
    // Nothing happened for a minute: equal ids, no levels.
    bench.update(last + 9, last + 9, "", "");
    assert_eq!(bench.state(), BookState::Live);
    // Maintenance: the ids fall, the chain holds.
    bench.rig.pass(100);
    bench.update(last + 9, 3, r#"["59999.8","2","0","1"]"#, "");
    assert_eq!(bench.state(), BookState::Live);
    bench.update(3, 5, "", r#"["60000.1","5","0","1"]"#);
    let picture = bench.rig.picture(SWAP);
    assert_eq!((picture.bids.len(), picture.asks[0].qty), (2, Qty(500)));
    assert_eq!(picture.gaps, 0);
    // Anything else is a gap.
    bench.update(4, 6, r#"["1","1","0","1"]"#, "");
    assert_eq!(bench.state(), BookState::Resync("gap".to_owned()));
    assert!(bench.rig.picture(SWAP).bids.is_empty());
    bench.rig.pass(400);
    let books = r#"{"args":[{"channel":"books","instId":"BTC-USDT-SWAP"}]"#;
    let asked = bench.rig.requests(books);
    assert!(asked[0].contains("unsubscribe") && asked[1].contains(r#""subscribe""#));
    assert_eq!(asked.len(), 2);
    bench.snapshot(LINE);
    bench.next("", "");
    assert_eq!(bench.state(), BookState::Live);
}

#[test]
fn a11_an_update_that_comes_twice_changes_nothing() {
    let mut bench = Bench::synced();
    let last = bench.seq;
    let text = bench.book_text("update", last, last + 2, r#"["59999.9","7","0","1"]"#, "");
    bench.rig.text(LINE, &text);
    let before = bench.rig.picture(SWAP);
    bench.rig.text(LINE, &text);
    assert_eq!(bench.rig.picture(SWAP), before);
    assert_eq!(before.gaps, 0);
}

/// A snapshot of a quiet book bears the time of its last change, however long ago.
#[test]
fn a_quiet_book_is_live_from_its_snapshot_on() {
    let mut bench = Bench::started(&[SWAP]);
    let now = bench.rig.now.wall_ms().to_string();
    let old = (bench.rig.now.wall_ms() - 60_000).to_string();
    let text = bench.book_text("snapshot", -1, 5, r#"["60000","1","0","1"]"#, "");
    bench.rig.text(LINE, &text.replace(&now, &old));
    assert_eq!(bench.state(), BookState::Live);
    bench.rig.pass(60_000);
    let text = bench.book_text("update", 5, 5, "", "");
    bench.rig.text(LINE, &text.replace(&now, &old));
    assert_eq!(bench.state(), BookState::Live);
}

/// That the ids of best prices and of the book are of one sequence is not documented for certain.
#[test]
fn best_prices_counted_otherwise_make_no_book_stale_that_shows_the_same() {
    let mut bench = Bench::synced();
    let mut seq = bench.seq;
    for ask in 2..10 {
        bench.seq = 9_000_000;
        bench.best(LINE, "60000", &format!("60000.{ask}"));
        bench.rig.pass(100);
        let gone = format!(r#"["60000.{}","0","0","0"],"#, ask - 1);
        let asks = format!(r#"{gone}["60000.{ask}","4","0","2"]"#);
        seq += 1;
        let text = bench.book_text("update", seq - 1, seq, "", &asks);
        bench.rig.text(LINE, &text);
        bench.rig.pass(6_000);
        assert_eq!(bench.state(), BookState::Live, "{ask}");
    }
}

#[test]
fn a_silent_socket_is_proved_by_a_plain_text() {
    let mut bench = Bench::synced();
    bench.rig.pass(10_000);
    assert_eq!(bench.state(), BookState::Live);
    let pings = bench.rig.sent.iter().filter(|(_, text)| text == "ping");
    assert!((8..=10).contains(&pings.count()));
    bench.rig.pong = None;
    bench.rig.pass(5_100);
    assert!(matches!(bench.state(), BookState::Down(_)));
}

#[test]
fn a10_a_notice_of_an_upgrade_opens_another_socket_before_the_old_one_ends() {
    let mut bench = Bench::synced();
    bench.rig.opened.clear();
    bench.rig.text(
        LINE,
        r#"{"event":"notice","code":"64008","msg":"upgrade","connId":"a"}"#,
    );
    bench.rig.pass(100);
    assert_eq!(bench.rig.opened[0].0, 2);
    bench.rig.on(In::Opened { line: 2 });
    bench.next("", "");
    bench.snapshot(2);
    assert!(!bench.rig.sent.contains(&(LINE, "close".to_owned())));
    bench.best(2, "60000", "60000.1");
    bench.rig.pass(100);
    assert!(bench.rig.sent.contains(&(LINE, "close".to_owned())));
    assert_eq!(bench.state(), BookState::Live);
    let text = bench.book_text(
        "update",
        bench.seq,
        bench.seq + 1,
        "",
        r#"["60000.1","9","0","1"]"#,
    );
    bench.rig.text(2, &text);
    let picture = bench.rig.picture(SWAP);
    assert_eq!((picture.asks[0].qty, picture.gaps), (Qty(900), 0));
    // It stays with the new one.
    bench.rig.opened.clear();
    bench.rig.pass(120_000);
    assert!(bench.rig.opened.is_empty());
}

#[test]
fn a_socket_that_has_spent_its_requests_is_replaced() {
    let mut bench = Bench::synced();
    bench.rig.opened.clear();
    // Every break costs two requests; the venue takes 480 an hour.
    while bench.rig.opened.is_empty() {
        bench.chatter(10_000);
        bench.update(bench.seq + 1, bench.seq + 2, "", "");
        assert_eq!(bench.state(), BookState::Resync("gap".to_owned()));
        bench.rig.pass(500);
        bench.snapshot(LINE);
        bench.rig.calls.clear();
        assert!(bench.rig.requests("subscribe").len() < 420);
    }
    let requests = bench.rig.requests("subscribe").len();
    assert!((400..=405).contains(&requests), "{requests}");
    assert_eq!(bench.rig.opened[0].0, 2);
}

#[test]
fn mark_and_funding_come_apart_and_are_told_together() {
    let mut bench = Bench::synced();
    let mark = |px: &str| {
        format!(
            r#"{{"arg":{{"channel":"mark-price","instId":"BTC-USDT-SWAP"}},"data":[{{"instType":"SWAP","instId":"BTC-USDT-SWAP","markPx":"{px}","ts":"1"}}]}}"#
        )
    };
    let funding = r#"{"arg":{"channel":"funding-rate","instId":"BTC-USDT-SWAP"},"data":[{"fundingRate":"0.0002","fundingTime":"1700726400000","instId":"BTC-USDT-SWAP","ts":"1"}]}"#;
    bench.rig.text(LINE, funding);
    assert!(bench.rig.marks.is_empty());
    bench.rig.text(LINE, &mark("60001.5"));
    bench.rig.pass(1_000);
    bench.rig.text(LINE, &mark("60001.6"));
    let told = |mark: &str| (mark.to_owned(), "0.0002".to_owned());
    assert_eq!(bench.rig.marks, [told("60001.5"), told("60001.6")]);
}

#[test]
fn a14_a_suspension_an_end_and_a_new_tick_are_told() {
    let mut bench = Bench::synced();
    let look = "/api/v5/public/instruments?instType=SWAP&instId=BTC-USDT-SWAP";
    bench.chatter(61_000);
    bench.rig.answer(look, 200, &listed("suspend", "0.1"));
    assert_eq!(bench.rig.statuses, [TradingStatus::Halted]);
    bench.chatter(60_100);
    bench.rig.answer(look, 200, &listed("live", "0.5"));
    assert_eq!(bench.rig.statuses.last(), Some(&TradingStatus::Trading));
    assert!(bench.rig.said("BTC-USDT-SWAP: price step 0.5 (was 0.1)"));
    assert!(!bench.state().is_live());
    bench.rig.pass(500);
    let text = bench.book_text("snapshot", -1, 7, r#"["60000","1","0","1"]"#, "");
    bench.rig.text(LINE, &text);
    assert_eq!(bench.rig.picture(SWAP).bids[0].price, Price(120_000));
    bench.rig.pass(60_100);
    let gone = r#"{"code":"51001","msg":"Instrument ID does not exist","data":[]}"#;
    bench.rig.answer(look, 200, gone);
    assert_eq!(bench.rig.statuses.last(), Some(&TradingStatus::Closed));
}

#[test]
fn too_many_requests_are_waited_out() {
    let mut bench = Bench::synced();
    bench.chatter(1_000);
    assert!(bench.rig.take_call(super::past::TARGET).is_some());
    let refused = r#"{"code":"50011","msg":"Too Many Requests","data":[]}"#;
    bench.rig.answer(TIME, 429, refused);
    assert!(bench.rig.said("rate limit: no requests for 5 s"));
    bench.chatter(4_900);
    assert!(bench.rig.calls.is_empty());
    bench.chatter(200);
    assert!(bench.rig.take_call(TIME).is_some());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]
    #[test]
    fn k1_no_bytes_make_it_panic_or_lie(
        edits in proptest::collection::vec((proptest::prelude::any::<usize>(), proptest::prelude::any::<u8>()), 1..40),
        line in 0_u8..4,
    ) {
        let mut bench = Bench::synced();
        let update = bench.book_text("update", bench.seq, bench.seq + 1, r#"["59999.9","7","0","1"]"#, "");
        for (at, byte) in edits {
            let mut bytes = update.clone().into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            bench.rig.on(In::Frame { line, opcode: Opcode::Text, bytes: &bytes });
            let picture = bench.rig.picture(SWAP);
            let crossed = picture.bids.first().zip(picture.asks.first()).is_some_and(|(b, a)| b.price >= a.price);
            proptest::prop_assert!(!(crossed && picture.state.is_live()));
            bench.rig.pass(100);
        }
    }
}

#[test]
fn past_minutes_are_read_in_contracts_and_a_failure_is_told_once_and_quietly() {
    let target = "/api/v5/market/candles?instId=BTC-USDT-SWAP&bar=1m&limit=300";
    let mut bench = Bench::synced();
    bench.chatter(100);
    let minute = bench.rig.now.wall_ms() / 60_000 * 60_000 - 60_000;
    let row =
        format!(r#"["{minute}","60000","60001.1","59999.9","60000.1","250","2.5","150000","1"]"#);
    let body = format!(r#"{{"code":"0","msg":"","data":[{row}]}}"#);
    bench.rig.answer(target, 200, &body);
    let told = bench.rig.minutes[0][0];
    assert_eq!(
        (told.began_ms, told.qty, told.bought),
        (minute, Qty(25_000), None)
    );
    let mut bench = Bench::synced();
    for _ in 0..4 {
        bench.chatter(60_100);
        let refused = r#"{"code":"51001","msg":"Instrument ID doesn't exist.","data":[]}"#;
        bench.rig.answer(target, 200, refused);
    }
    bench.chatter(200_000);
    assert!(bench.rig.take_call(target).is_none());
    let told: Vec<&String> = bench
        .rig
        .notes
        .iter()
        .filter(|note| note.contains("past"))
        .collect();
    assert_eq!(
        told,
        ["BTC-USDT-SWAP: no past candles: refused with code 51001"]
    );
    assert_eq!(bench.state(), BookState::Live);
}
