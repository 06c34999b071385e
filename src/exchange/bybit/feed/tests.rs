//! The feed in virtual time, against messages of the documents and answers written by hand from them.

use super::*;
use crate::domain::{BookState, Price, Qty, Side, TradingStatus};
use crate::exchange::machine::{In, Line, Opcode};
use crate::exchange::pushed::rig::Rig;

const LINEAR: Line = 0;
const SPOT: Line = 1;
const PONG: &str = r#"{"success":true,"ret_msg":"pong","conn_id":"c","op":"ping"}"#;
const SUBSCRIBED: &str =
    r#"{"success":true,"ret_msg":"","conn_id":"c","req_id":"1","op":"subscribe"}"#;

fn listed(status: &str, tick: &str) -> String {
    format!(
        r#"{{"retCode":0,"retMsg":"OK","result":{{"category":"linear","list":[{{"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"{status}","baseCoin":"BTC","quoteCoin":"USDT","settleCoin":"USDT","priceFilter":{{"minPrice":"0.10","maxPrice":"1999999.80","tickSize":"{tick}"}},"lotSizeFilter":{{"maxOrderQty":"1190.000","minOrderQty":"0.001","qtyStep":"0.001","maxMktOrderQty":"150.000","minNotionalValue":"5"}}}},{{"symbol":"BADUSDT","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BAD","quoteCoin":"USDT","settleCoin":"USDT","priceFilter":{{"tickSize":"0"}},"lotSizeFilter":{{"qtyStep":"1"}}}}],"nextPageCursor":""}},"retExtInfo":{{}},"time":1}}"#
    )
}

const SPOT_LIST: &str = include_str!("../../../../tests/wire/bybit/instruments_spot_excerpt.json");

struct Bench {
    rig: Rig<Bybit>,
    u: u64,
    seq: u64,
}

impl Bench {
    fn new() -> Self {
        Self {
            rig: Rig::new(Bybit, &super::super::at("http://127.0.0.1:1"), PONG),
            u: 100,
            seq: 1_000,
        }
    }

    /// Instruments known, the clock measured, these symbols followed, their sockets open.
    fn started(names: &[&str]) -> Self {
        let mut bench = Self::new();
        bench.rig.on(In::Start);
        bench.rig.follow(names);
        bench.answer_time(0);
        bench.rig.answer(
            "/v5/market/instruments-info?category=linear",
            200,
            &listed("Trading", "0.10"),
        );
        bench
            .rig
            .answer("/v5/market/instruments-info?category=spot", 200, SPOT_LIST);
        for (line, _) in bench.rig.opened.clone() {
            bench.rig.on(In::Opened { line });
        }
        bench
    }

    /// BTCUSDT linear, live.
    fn synced() -> Self {
        let mut bench = Self::started(&["BTCUSDT"]);
        bench.snapshot(LINEAR);
        bench.best(LINEAR, "60000.00", "60000.10");
        assert_eq!(bench.state(), BookState::Live);
        bench
    }

    fn answer_time(&mut self, ahead_ms: i64) {
        let nanos = (self.rig.now.wall_ms() + ahead_ms) * 1_000_000;
        let body = format!(
            r#"{{"retCode":0,"retMsg":"OK","result":{{"timeSecond":"0","timeNano":"{nanos}"}},"retExtInfo":{{}},"time":0}}"#
        );
        self.rig.answer(TIME, 200, &body);
    }

    fn state(&self) -> BookState {
        self.rig.state("BTCUSDT")
    }

    fn book_text(&self, kind: &str, u: u64, bids: &str, asks: &str) -> String {
        let (ms, seq) = (self.rig.now.wall_ms(), self.seq);
        format!(
            r#"{{"topic":"orderbook.200.BTCUSDT","type":"{kind}","ts":{ms},"data":{{"s":"BTCUSDT","b":[{bids}],"a":[{asks}],"u":{u},"seq":{seq}}},"cts":{ms}}}"#
        )
    }

    fn snapshot(&mut self, line: Line) {
        self.seq += 10;
        let bids = r#"["60000.00","1.000"],["59999.90","3"]"#;
        let text = self.book_text("snapshot", self.u, bids, r#"["60000.10","4"]"#);
        self.rig.text(line, &text);
    }

    /// The next change of the book.
    fn delta(&mut self, bids: &str, asks: &str) {
        self.u += 1;
        self.seq += 10;
        let text = self.book_text("delta", self.u, bids, asks);
        self.rig.text(LINEAR, &text);
    }

    fn best(&mut self, line: Line, bid: &str, ask: &str) {
        self.seq += 10;
        let (ms, seq) = (self.rig.now.wall_ms(), self.seq);
        let text = format!(
            r#"{{"topic":"orderbook.1.BTCUSDT","ts":{ms},"type":"snapshot","data":{{"s":"BTCUSDT","b":[["{bid}","1"]],"a":[["{ask}","4"]],"u":7,"seq":{seq}}},"cts":{ms}}}"#
        );
        self.rig.text(line, &text);
    }

    fn print(&mut self, id: u32, more: &str) {
        let ms = self.rig.now.wall_ms();
        let text = format!(
            r#"{{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":{ms},"data":[{{"T":{ms},"s":"BTCUSDT","S":"Buy","v":"0.001","p":"60000.10","L":"PlusTick","i":"{id}"{more}}}]}}"#
        );
        self.rig.text(LINEAR, &text);
    }

    /// The book moves on every tenth of a second.
    fn chatter(&mut self, ms: u64) {
        for _ in 0..ms / 100 {
            self.rig.pass(100);
            self.delta("", "");
        }
    }
}

fn grid(name: &str) -> Option<Grid> {
    let grid = Grid {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        tick: crate::domain::decimal::Step::parse("0.01").unwrap(),
        lot: crate::domain::decimal::Step::parse("0.001").unwrap(),
    };
    (name == "BTCUSDT").then_some(grid)
}

fn read(text: &str) -> Vec<Said> {
    let mut said = Vec::new();
    Bybit.read(text, &grid, &mut said).unwrap();
    said
}

/// (Bybit, Orderbook: response examples.)
#[test]
fn reads_the_documented_books() {
    use crate::exchange::pushed::dialect::Follows;
    let snapshot = r#"{"topic":"orderbook.50.BTCUSDT","type":"snapshot","ts":1672304484978,"data":{"s":"BTCUSDT","b":[["16493.50","0.006"]],"a":[["16611.00","0.029"]],"u":18521288,"seq":7961638724},"cts":1672304484976}"#;
    let [Said::Book(event)] = &read(snapshot)[..] else {
        panic!()
    };
    assert_eq!((event.depth, event.channel.as_str()), (50, "orderbook.50"));
    assert_eq!((event.id, event.order), (18_521_288, 7_961_638_724));
    assert_eq!(
        (event.venue_ms, event.engine_ms),
        (1_672_304_484_978, 1_672_304_484_976)
    );
    assert_eq!(event.follows, Follows::Nothing);
    assert_eq!(event.changes[1].side, Side::Sell);
    let delta = r#"{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1687940967466,"data":{"s":"BTCUSDT","b":[["30240.00","0"]],"a":[["30248.70","0"],["30249.30","0.892"]],"u":177400507,"seq":66544703342},"cts":1687940967464}"#;
    let [Said::Book(event)] = &read(delta)[..] else {
        panic!()
    };
    assert_eq!(event.follows, Follows::Id(177_400_506));
    assert_eq!(
        (event.changes[0].price, event.changes[0].qty),
        (Price(3_024_000), Qty(0))
    );
    let restarted = delta.replace("177400507", "1");
    let [Said::Book(event)] = &read(&restarted)[..] else {
        panic!()
    };
    assert_eq!(event.follows, Follows::Nothing);
    // Spot puts the time before the type.
    let spot = r#"{"topic":"orderbook.1.BTCUSDT","ts":1672304484978,"type":"snapshot","data":{"s":"BTCUSDT","b":[],"a":[],"u":1,"seq":2},"cts":3}"#;
    assert!(matches!(&read(spot)[..], [Said::Book(event)] if event.depth == 1));
}

/// (Bybit, Trade and Ticker: response examples.)
#[test]
fn reads_the_documented_trades_and_tickers() {
    let trades = r#"{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"RPI":false,"seq":1783284617},{"T":1672304486866,"s":"BTCUSDT","S":"Sell","v":"1","p":"16578.49","L":"MinusTick","i":"y","BT":true}]}"#;
    let [
        Said::Print { id, print, in_book },
        Said::Print {
            print: second,
            in_book: blocked,
            ..
        },
    ] = &read(trades)[..]
    else {
        panic!()
    };
    assert_eq!(
        (print.side, print.price, print.qty),
        (Side::Buy, Price(1_657_850), Qty(1))
    );
    assert_eq!((print.venue_ms, *in_book), (1_672_304_486_865, true));
    assert_eq!((second.side, *blocked), (Side::Sell, false));
    assert_eq!(id.as_str(), "20f43950-d8dd-5b31-9112-a178eb6023af");
    let ticker = r#"{"topic":"tickers.BTCUSDT","type":"snapshot","data":{"symbol":"BTCUSDT","lastPrice":"17216.00","markPrice":"17217.33","indexPrice":"17227.36","nextFundingTime":"1673280000000","fundingRate":"-0.000212","bid1Price":"17215.50"},"cs":24987956059,"ts":1673272861686}"#;
    let [
        Said::Mark {
            mark,
            funding,
            next_funding_ms,
            ..
        },
    ] = &read(ticker)[..]
    else {
        panic!()
    };
    assert_eq!(mark.unwrap().to_string(), "17217.33");
    assert_eq!(funding.unwrap().to_string(), "-0.000212");
    assert_eq!(*next_funding_ms, Some(1_673_280_000_000));
    let delta = r#"{"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","bid1Price":"65114.20"},"cs":1,"ts":2}"#;
    let [Said::Mark { mark, funding, .. }] = &read(delta)[..] else {
        panic!()
    };
    assert_eq!((*mark, *funding), (None, None));
}

#[test]
fn answers_refusals_and_strangers_say_nothing_of_a_book() {
    assert_eq!(read(SUBSCRIBED), []);
    assert_eq!(read(PONG), []);
    let refused = r#"{"success":false,"ret_msg":"error:handler not found \u001b[2J","conn_id":"c","op":"subscribe"}"#;
    let words = "error:handler not found ?[2J".to_owned();
    assert_eq!(read(refused), [Said::Refused(words)]);
    let other = r#"{"topic":"orderbook.200.ETHUSDT","type":"delta","ts":1,"data":{"s":"ETHUSDT"}}"#;
    assert_eq!(read(other), []);
    assert_eq!(read(r#"{"topic":"kline.1.BTCUSDT","data":[]}"#), []);
}

#[test]
fn each_category_has_its_socket_and_its_topics_and_none_is_opened_in_vain() {
    let bench = Bench::started(&["BTCUSDT"]);
    let linear = (LINEAR, "ws://127.0.0.1:1/v5/public/linear".to_owned());
    assert_eq!(bench.rig.opened, [linear]);
    let subscribe = bench.rig.requests("subscribe")[0];
    assert_eq!(
        subscribe,
        r#"{"args":["orderbook.200.BTCUSDT","orderbook.1.BTCUSDT","publicTrade.BTCUSDT","tickers.BTCUSDT"],"op":"subscribe","req_id":"1"}"#
    );
    let mut bench = Bench::started(&["BTCUSDT", "BTC/USDT", "ETH/USDC"]);
    assert_eq!(bench.rig.opened.len(), 2);
    assert_eq!(bench.rig.opened[1].1, "ws://127.0.0.1:1/v5/public/spot");
    let spot = bench.rig.requests("publicTrade.ETHUSDC")[0];
    assert!(!spot.contains("tickers"), "{spot}");
    // One name, two instruments: each book comes by its own socket.
    bench.snapshot(LINEAR);
    let mut text = bench.book_text("snapshot", 5, r#"["59000.0","0.000001"]"#, "");
    text = text.replace(r#""s":"BTCUSDT""#, r#""s":"BTCUSDT","x":1"#);
    bench.rig.text(SPOT, &text);
    assert_eq!(bench.rig.picture("BTCUSDT").bids[0].price, Price(600_000));
    let spot = bench.rig.picture("BTC/USDT");
    assert_eq!(
        (spot.bids[0].price, spot.bids[0].qty),
        (Price(590_000), Qty(1))
    );
    assert_eq!(spot.state, BookState::Live);
}

#[test]
fn no_request_names_more_than_ten_topics() {
    let topics = [(Kind::Book, Symbol::new("BTCUSDT").unwrap()); 10];
    assert_eq!(topics.len(), Bybit::TOPICS_A_REQUEST);
    let text = Bybit.request(Verb::Unsubscribe, &topics[..1], 7);
    assert_eq!(
        text,
        r#"{"args":["orderbook.200.BTCUSDT"],"op":"unsubscribe","req_id":"7"}"#
    );
}

#[test]
fn best_prices_lie_over_the_book_by_their_place_in_the_sequence() {
    let mut bench = Bench::synced();
    bench.best(LINEAR, "60000.00", "60000.20");
    let touch = bench.rig.touch("BTCUSDT");
    assert_eq!(touch.ask.unwrap().price, Price(600_002));
    bench.delta("", r#"["60000.10","0"],["60000.20","4"]"#);
    assert_eq!(bench.rig.touch("BTCUSDT").ask.unwrap().qty, Qty(4_000));
    // An older one does not come back.
    let old = r#"{"topic":"orderbook.1.BTCUSDT","ts":1,"type":"snapshot","data":{"s":"BTCUSDT","b":[["1.00","1"]],"a":[["2.00","1"]],"u":6,"seq":5},"cts":1}"#;
    bench.rig.text(LINEAR, old);
    assert_eq!(
        bench.rig.touch("BTCUSDT").ask.unwrap().price,
        Price(600_002)
    );
    assert_eq!(bench.state(), BookState::Live);
}

/// A quiet book: the best prices come again every 3 s with the same `u` and a later `seq`, the book does not move.
#[test]
fn repeated_best_prices_are_neither_a_gap_nor_a_dead_book() {
    let mut bench = Bench::synced();
    for _ in 0..20 {
        bench.rig.pass(3_000);
        bench.best(LINEAR, "60000.00", "60000.10");
        assert_eq!(bench.state(), BookState::Live);
    }
    let asked = bench.rig.requests("orderbook.200");
    assert_eq!(asked.len(), 1, "{asked:?}");
}

#[test]
fn a1_a3_a_jump_of_u_is_a_gap_and_the_topic_alone_is_asked_for_again() {
    let mut bench = Bench::synced();
    bench.chatter(12_000);
    bench.u += 1;
    bench.delta("", "");
    assert_eq!(bench.state(), BookState::Resync("gap".to_owned()));
    assert!(bench.rig.picture("BTCUSDT").bids.is_empty());
    assert!(!bench.rig.touch("BTCUSDT").live);
    // Within the frame, and not twice while it is under way.
    let left = r#"{"args":["orderbook.200.BTCUSDT"],"op":"unsubscribe","req_id":"2"}"#;
    assert_eq!(bench.rig.sent.last().unwrap().1, left);
    bench.rig.pass(200);
    bench.delta("", "");
    bench.delta("", "");
    let asked = r#"{"args":["orderbook.200.BTCUSDT"],"op":"subscribe","req_id":"3"}"#;
    assert_eq!(bench.rig.requests("subscribe").last(), Some(&asked));
    bench.rig.text(LINEAR, SUBSCRIBED);
    bench.snapshot(LINEAR);
    bench.delta("", "");
    assert_eq!(bench.state(), BookState::Live);
    assert_eq!(bench.rig.picture("BTCUSDT").gaps, 1);
    assert_eq!(bench.rig.requests("unsubscribe").len(), 1);
}

#[test]
fn a3_a_restart_and_an_unsolicited_snapshot_replace_in_one_step() {
    let mut bench = Bench::synced();
    let text = bench.book_text("delta", 1, r#"["50000.00","2"]"#, r#"["50000.10","1"]"#);
    bench.rig.text(LINEAR, &text);
    bench.u = 1;
    assert_eq!(bench.state(), BookState::Live);
    assert_eq!(bench.rig.picture("BTCUSDT").bids.len(), 1);
    bench.delta("", "");
    bench.u = 500;
    bench.snapshot(LINEAR);
    bench.delta("", "");
    assert_eq!(bench.state(), BookState::Live);
    assert_eq!(bench.rig.picture("BTCUSDT").gaps, 0);
}

#[test]
fn a5_a_book_that_breaks_again_and_again_is_down_and_never_given_up() {
    let mut bench = Bench::synced();
    let mut asked = 0;
    for _ in 0..6_000 {
        bench.rig.pass(100);
        let count = bench
            .rig
            .requests(r#""orderbook.200.BTCUSDT"],"op":"subscribe""#)
            .len();
        if count > asked {
            asked = count;
            bench.snapshot(LINEAR);
        }
        bench.u += 1;
        bench.delta("", "");
        assert!(!bench.state().is_live());
        while bench.rig.take_call("/v5").is_some() {}
    }
    assert!((15..60).contains(&asked), "{asked} tries in ten minutes");
    let BookState::Down(words) = bench.state() else {
        panic!("{:?}", bench.state())
    };
    assert!(words.starts_with("cannot sync ("), "{words}");
    bench.rig.pass(31_000);
    bench.snapshot(LINEAR);
    bench.chatter(1_000);
    assert_eq!(bench.state(), BookState::Live);
}

#[test]
fn a5_a_snapshot_that_never_comes_is_asked_for_again_and_then_the_socket_is_not_trusted() {
    let mut bench = Bench::synced();
    bench.u += 1;
    bench.delta("", "");
    bench.rig.opened.clear();
    bench.rig.pass(14_000);
    assert!(bench.rig.opened.is_empty());
    bench.rig.pass(3_000);
    assert!(bench.rig.said("BTCUSDT: still no depth, reconnecting"));
    assert_eq!(bench.rig.opened.len(), 1, "{:?}", bench.rig.notes);
    bench.rig.on(In::Opened { line: LINEAR });
    bench.rig.pass(200);
    bench.snapshot(LINEAR);
    assert_eq!(bench.state(), BookState::Live);
}

#[test]
fn a6_a_half_open_socket_goes_stale_then_down_and_is_opened_anew() {
    let mut bench = Bench::synced();
    bench.rig.pong = None;
    bench.rig.opened.clear();
    bench.rig.pass(1_900);
    assert_eq!(bench.state(), BookState::Live);
    bench.rig.pass(400);
    assert_eq!(bench.state(), BookState::Stale("no data 2.3s".to_owned()));
    assert!(!bench.rig.touch("BTCUSDT").live);
    bench.rig.pass(2_700);
    assert!(matches!(bench.state(), BookState::Down(_)));
    assert_eq!(bench.rig.opened.len(), 1);
    bench.rig.pong = Some(PONG);
    bench.rig.on(In::Opened { line: LINEAR });
    assert_eq!(bench.state(), BookState::Resync("reconnected".to_owned()));
    bench.rig.pass(200);
    bench.snapshot(LINEAR);
    assert_eq!(bench.state(), BookState::Live);
}

#[test]
fn a7_a18_a_book_that_falls_silent_while_best_prices_go_on_is_asked_for_again() {
    let mut bench = Bench::synced();
    bench.chatter(12_000);
    for step in 0..12 {
        bench.rig.pass(100);
        bench.best(
            LINEAR,
            "60000.00",
            if step % 2 == 0 {
                "60000.20"
            } else {
                "60000.30"
            },
        );
    }
    let BookState::Stale(words) = bench.state() else {
        panic!("{:?}", bench.state())
    };
    assert!(words.starts_with("no depth 1."), "{words}");
    bench.rig.pass(4_000);
    assert_eq!(bench.state(), BookState::Resync("no depth".to_owned()));
    assert!(bench.rig.said("BTCUSDT: no depth, subscribed again"));
    bench.rig.pass(400);
    let asked = bench
        .rig
        .requests(r#"["orderbook.200.BTCUSDT"],"op":"subscribe""#);
    assert_eq!(asked.len(), 1);
    bench.snapshot(LINEAR);
    assert_eq!(bench.state(), BookState::Live);
}

#[test]
fn a7_prints_that_the_book_does_not_show_make_it_stale_but_not_those_outside_the_book() {
    let mut bench = Bench::synced();
    bench.rig.pass(100);
    bench.print(1, r#","BT":true"#);
    bench.print(2, r#","BT":false,"RPI":true"#);
    bench.rig.pass(2_000);
    assert_eq!(bench.state(), BookState::Live);
    assert_eq!(bench.rig.prints.len(), 2);
    // Inside the spread: of an order that came and went.
    bench.delta("", r#"["60000.10","0"],["60000.50","4"]"#);
    bench.best(LINEAR, "60000.00", "60000.50");
    bench.rig.pass(100);
    bench.print(3, "");
    bench.rig.pass(2_000);
    assert_eq!(bench.state(), BookState::Live);
    bench.delta("", r#"["60000.10","4"]"#);
    bench.best(LINEAR, "60000.00", "60000.10");
    bench.rig.pass(100);
    bench.print(4, r#","BT":false,"RPI":false"#);
    bench.rig.pass(1_100);
    assert!(matches!(bench.state(), BookState::Stale(_)));
    bench.delta(r#"["60000.00","2"]"#, "");
    assert_eq!(bench.state(), BookState::Live);
}

#[test]
fn a18_best_prices_that_fall_silent_are_asked_for_again() {
    let mut bench = Bench::synced();
    bench.delta(r#"["60000.00","0"]"#, "");
    bench.chatter(10_100);
    assert!(bench.rig.said("BTCUSDT: no best prices, subscribed again"));
    assert_eq!(bench.state(), BookState::Live);
    bench.chatter(300);
    assert_eq!(
        bench
            .rig
            .requests(r#"["orderbook.1.BTCUSDT"],"op":"subscribe""#)
            .len(),
        1
    );
}

#[test]
fn a8_changes_that_are_three_seconds_old_are_no_live_book() {
    let mut bench = Bench::synced();
    bench.rig.pass(200);
    let old = format!("{}", bench.rig.now.wall_ms() - 3_000);
    let now = format!("{}", bench.rig.now.wall_ms());
    bench.u += 1;
    bench.seq += 10;
    let text = bench
        .book_text("delta", bench.u, "", "")
        .replace(&now, &old);
    bench.rig.text(LINEAR, &text);
    assert_eq!(bench.state(), BookState::Stale("LAG 3.0s".to_owned()));
    bench.delta("", "");
    assert_eq!(bench.state(), BookState::Live);
}

#[test]
fn a9_crossed_twice_in_a_row_is_read_anew() {
    let mut bench = Bench::synced();
    bench.delta(r#"["60000.10","1"]"#, "");
    assert_eq!(bench.state(), BookState::Stale("crossed".to_owned()));
    bench.delta("", "");
    assert_eq!(bench.state(), BookState::Resync("crossed".to_owned()));
    bench.rig.pass(200);
    assert_eq!(bench.rig.requests("unsubscribe").len(), 1);
}

#[test]
fn best_prices_that_contradict_the_book_have_it_read_anew() {
    let mut bench = Bench::synced();
    for _ in 0..60 {
        bench.rig.pass(100);
        bench.best(LINEAR, "59990.00", "59990.10");
        bench.delta(r#"["59000.00","1"]"#, "");
    }
    assert!(bench.rig.said("BTCUSDT: best prices contradict the book"));
}

#[test]
fn a10_the_day_old_socket_is_replaced_without_loss_of_live() {
    let mut bench = Bench::synced();
    bench.rig.opened.clear();
    // Jump close to the age, prove the socket, then let time pass as usual.
    bench.rig.now = bench.rig.now.plus_ms(23 * 3_600_000 - 500);
    bench.rig.text(LINEAR, PONG);
    bench.delta("", "");
    bench.chatter(1_000);
    let next = LINEAR ^ 2;
    assert_eq!(bench.rig.opened.last().unwrap().0, next);
    bench.rig.on(In::Opened { line: next });
    bench.chatter(300);
    let asked = bench.rig.sent.iter().filter(|(line, _)| *line == next);
    assert!(asked.count() >= 1);
    // Its book comes, and goes on by itself.
    bench.snapshot(next);
    bench.best(next, "60000.00", "60000.10");
    for _ in 0..20 {
        bench.rig.pass(100);
        bench.u += 1;
        bench.seq += 10;
        let text = bench.book_text("delta", bench.u, r#"["59990.00","5"]"#, "");
        bench.rig.text(LINEAR, &text);
        bench.rig.text(next, &text);
        assert_eq!(bench.state(), BookState::Live);
    }
    assert!(bench.rig.sent.contains(&(LINEAR, "close".to_owned())));
    let picture = bench.rig.picture("BTCUSDT");
    assert_eq!((picture.gaps, picture.bids.len()), (0, 3));
}

#[test]
fn a10_a_taking_over_socket_that_fails_is_tried_again_with_patience() {
    let mut bench = Bench::synced();
    bench.rig.now = bench.rig.now.plus_ms(23 * 3_600_000);
    bench.rig.text(LINEAR, PONG);
    let mut tries = 0;
    for _ in 0..1_800 {
        bench.rig.opened.clear();
        bench.chatter(100);
        if bench.rig.opened.iter().any(|(line, _)| *line == 2) {
            tries += 1;
            bench.rig.on(In::Closed {
                line: 2,
                why: "refused",
            });
        }
        assert_eq!(bench.state(), BookState::Live);
        while bench.rig.take_call("/v5").is_some() {}
    }
    assert!((2..5).contains(&tries), "{tries}");
}

#[test]
fn a10_when_the_old_socket_ends_first_the_new_one_takes_over_at_once() {
    let mut bench = Bench::synced();
    bench.rig.now = bench.rig.now.plus_ms(23 * 3_600_000);
    bench.rig.text(LINEAR, PONG);
    bench.delta("", "");
    bench.chatter(200);
    bench.rig.on(In::Opened { line: 2 });
    bench.snapshot(2);
    bench.rig.on(In::Closed {
        line: LINEAR,
        why: "reset",
    });
    assert_eq!(bench.state(), BookState::Live);
}

#[test]
fn a_trade_is_told_once_by_whichever_socket_tells_it_first_and_an_old_one_never() {
    let mut bench = Bench::synced();
    bench.print(1, "");
    bench.print(1, "");
    bench.print(2, "");
    assert_eq!(bench.rig.prints.len(), 2);
    let now = bench.rig.now.wall_ms();
    let text = |id: u32, ms: i64| {
        format!(
            r#"{{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":{ms},"data":[{{"T":{ms},"s":"BTCUSDT","S":"Sell","v":"1","p":"60000.00","i":"{id}"}}]}}"#
        )
    };
    bench.rig.text(2, &text(3, now));
    bench.rig.text(LINEAR, &text(3, now));
    assert_eq!(bench.rig.prints.len(), 3);
    // What the venue sends of yesterday after a subscription.
    bench.rig.text(LINEAR, &text(4, now - 86_400_000));
    assert_eq!(bench.rig.prints.len(), 3);
    for id in 5..1_000 {
        bench.rig.text(LINEAR, &text(id, now));
    }
    assert_eq!(bench.rig.prints.len(), 998);
}

#[test]
fn a_socket_of_which_nothing_is_wanted_is_closed_and_opened_again_when_it_is() {
    let mut bench = Bench::started(&["BTCUSDT", "BTC/USDT"]);
    bench.rig.follow(&["BTCUSDT"]);
    assert_eq!(bench.rig.sent.last().unwrap(), &(SPOT, "close".to_owned()));
    bench.rig.opened.clear();
    bench.rig.pass(10_000);
    assert!(bench.rig.opened.is_empty());
    bench.rig.follow(&["BTCUSDT", "BTC/USDT"]);
    bench.rig.pass(100);
    assert_eq!(bench.rig.opened[0].0, SPOT);
}

#[test]
fn a12_a_frame_of_a_line_that_is_not_in_use_changes_nothing() {
    let mut bench = Bench::synced();
    let text = bench.book_text("snapshot", 9, r#"["1.00","1"]"#, "");
    bench.rig.text(2, &text);
    bench.rig.text(3, &text);
    bench.rig.text(9, &text);
    assert_eq!(bench.rig.picture("BTCUSDT").bids[0].price, Price(600_000));
}

#[test]
fn a13_a_full_side_ends_where_the_venue_ends_it() {
    let mut bench = Bench::started(&["BTCUSDT"]);
    let bids: Vec<String> = (0..200)
        .map(|i| format!(r#"["{}.00","1"]"#, 60_000 - i))
        .collect();
    let text = bench.book_text("snapshot", 100, &bids.join(","), r#"["60001.00","1"]"#);
    bench.rig.text(LINEAR, &text);
    let picture = bench.rig.picture("BTCUSDT");
    assert_eq!(picture.known_down_to, Some(Price(598_010)));
    assert_eq!(picture.known_up_to, None);
}

#[test]
fn a14_a_halt_and_an_end_of_trading_are_told() {
    let mut bench = Bench::synced();
    let look = "/v5/market/instruments-info?category=linear&symbol=BTCUSDT";
    bench.chatter(61_000);
    bench.rig.answer(look, 200, &listed("PreLaunch", "0.10"));
    assert_eq!(bench.rig.statuses, [TradingStatus::Halted]);
    bench.chatter(60_100);
    // What is delisted is not in the answer any more.
    let gone = r#"{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[],"nextPageCursor":""}}"#;
    bench.rig.answer(look, 200, gone);
    assert_eq!(bench.rig.statuses.last(), Some(&TradingStatus::Closed));
    bench.chatter(60_100);
    bench.rig.answer(look, 500, "");
    assert_eq!(bench.rig.statuses.len(), 2);
}

#[test]
fn a14_a_new_tick_shows_itself_and_the_book_is_read_anew_in_it() {
    let mut bench = Bench::synced();
    bench.chatter(12_000);
    bench.delta(r#"["60000.05","1"]"#, "");
    assert_eq!(bench.state(), BookState::Resync("bad message".to_owned()));
    assert_eq!(bench.rig.bad.len(), 1);
    bench.rig.pass(100);
    let look = "/v5/market/instruments-info?category=linear&symbol=BTCUSDT";
    bench.rig.answer(look, 200, &listed("Trading", "0.05"));
    let words =
        "BTCUSDT: price step 0.05 (was 0.1), size step 0.001 (was 0.001): reading the book anew";
    assert!(bench.rig.said(words), "{:?}", bench.rig.notes);
    bench.rig.pass(500);
    bench.snapshot(LINEAR);
    bench.delta(r#"["60000.05","1"]"#, "");
    let picture = bench.rig.picture("BTCUSDT");
    assert_eq!(
        (picture.state.clone(), picture.bids[0].price),
        (BookState::Live, Price(1_200_001))
    );
}

#[test]
fn a15_one_empty_side_is_live_and_has_no_best() {
    let mut bench = Bench::synced();
    bench.delta("", r#"["60000.10","0"]"#);
    assert_eq!(bench.state(), BookState::Live);
    assert_eq!(bench.rig.touch("BTCUSDT").ask, None);
    assert!(bench.rig.touch("BTCUSDT").bid.is_some());
}

#[test]
fn d4_a_resume_proves_nothing_and_connects_anew() {
    let mut bench = Bench::synced();
    bench.rig.opened.clear();
    bench.rig.on(In::Resumed { ms: 600_000 });
    assert!(matches!(bench.state(), BookState::Down(_)));
    assert_eq!(bench.rig.opened.len(), 1);
    assert!(bench.rig.take_call(TIME).is_some());
}

#[test]
fn the_venue_wants_a_ping_every_twenty_seconds_however_busy() {
    let mut bench = Bench::synced();
    bench.chatter(61_000);
    assert_eq!(bench.rig.requests(r#"{"op":"ping"}"#).len(), 3);
}

#[test]
fn mark_and_funding_are_kept_where_a_delta_does_not_name_them_and_told_once_a_second() {
    let mut bench = Bench::synced();
    let ticker = |fields: &str| {
        format!(
            r#"{{"topic":"tickers.BTCUSDT","type":"delta","data":{{"symbol":"BTCUSDT",{fields}}},"cs":1,"ts":2}}"#
        )
    };
    let first =
        r#""markPrice":"60001.00","fundingRate":"0.0001","nextFundingTime":"1720008000000""#;
    bench.rig.text(LINEAR, &ticker(first));
    bench.rig.text(LINEAR, &ticker(r#""markPrice":"60002.00""#));
    bench.rig.text(LINEAR, &ticker(r#""markPrice":"60003.00""#));
    bench.rig.text(LINEAR, &ticker(r#""lastPrice":"1""#));
    assert_eq!(bench.rig.marks.len(), 1);
    bench.chatter(3_000);
    let told = |mark: &str| (mark.to_owned(), "0.0001".to_owned());
    assert_eq!(bench.rig.marks, [told("60001.00"), told("60003.00")]);
}

#[test]
fn k1_k3_a_bad_message_is_counted_and_of_a_book_a_gap_and_the_feed_goes_on() {
    for bad in [
        r#"{"topic":"orderbook.200.BTCUSDT","type":"del"#,
        r#"{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1,"data":{"b":[["60000.05","1"]],"a":[],"u":101,"seq":1}}"#,
        r#"{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1,"data":{"b":[["60000.0","1e308"]],"a":[],"u":101,"seq":1}}"#,
        r#"{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1,"data":{"b":null,"a":[],"u":101,"seq":1}}"#,
        r#"{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1,"data":{"b":[],"a":[],"u":-1,"seq":1}}"#,
        r#"{"topic":"orderbook.200.BTCUSDT","type":"both","ts":1,"data":{"b":[],"a":[],"u":101,"seq":1}}"#,
        r#"{"topic":"orderbook.200.BTCUSDT","type":"delta"}"#,
        "\u{1}",
    ] {
        let mut bench = Bench::synced();
        bench.chatter(12_000);
        bench.rig.text(LINEAR, bad);
        assert_eq!(bench.rig.bad.len(), 1, "{bad}");
        assert_eq!(
            bench.state(),
            BookState::Resync("bad message".to_owned()),
            "{bad}"
        );
        bench.rig.pass(300);
        bench.snapshot(LINEAR);
        assert_eq!(bench.state(), BookState::Live, "{bad}");
    }
    let mut bench = Bench::synced();
    bench.rig.text(
        LINEAR,
        r#"{"topic":"publicTrade.BTCUSDT","data":[{"p":1}]}"#,
    );
    bench.rig.text(
        LINEAR,
        r#"{"topic":"tickers.BTCUSDT","data":{"markPrice":"x"}}"#,
    );
    assert_eq!((bench.rig.bad.len(), bench.state()), (2, BookState::Live));
}

#[test]
fn k4_following_a_disabled_or_unknown_symbol_says_why() {
    let mut bench = Bench::synced();
    bench.rig.follow(&["BADUSDT", "NOSUCH"]);
    assert!(bench.rig.said("BADUSDT is disabled: it has no valid tick"));
    assert!(bench.rig.said("no symbol NOSUCH at bybit"));
}

#[test]
fn a_list_goes_on_where_its_cursor_says_and_a_refusal_is_asked_again() {
    let mut bench = Bench::new();
    bench.rig.on(In::Start);
    bench.rig.follow(&["BTCUSDT"]);
    let list = "/v5/market/instruments-info?category=linear";
    let refused = r#"{"retCode":10016,"retMsg":"Internal error","result":{}}"#;
    bench.rig.answer(list, 200, refused);
    assert!(
        bench
            .rig
            .said("no instruments yet: instruments refused: 10016")
    );
    bench.rig.pass(500);
    let page = r#"{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[],"nextPageCursor":"a=b&c%3D1"}}"#;
    bench.rig.answer(list, 200, page);
    let next = format!("{list}&limit=1000&cursor=a%3Db%26c%253D1");
    bench.rig.answer(&next, 200, &listed("Trading", "0.10"));
    assert_eq!(bench.rig.opened.len(), 1);
}

#[test]
fn too_many_requests_stop_every_call_until_the_ban_ends() {
    let mut bench = Bench::synced();
    bench.chatter(1_000);
    bench.rig.answer(TIME, 403, "access too frequent");
    assert!(bench.rig.said("rate limit: no requests for 600 s"));
    bench.rig.calls.clear();
    for _ in 0..599 {
        bench.chatter(1_000);
    }
    assert!(bench.rig.calls.is_empty(), "{:?}", bench.rig.calls);
    bench.chatter(2_000);
    assert!(bench.rig.take_call(TIME).is_some());
}

#[test]
fn a_closed_symbol_that_still_speaks_says_nothing() {
    let mut bench = Bench::synced();
    bench.rig.follow(&["BTC/USDT"]);
    bench.delta("", "");
    assert!(bench.rig.bad.is_empty());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]
    #[test]
    fn k1_no_bytes_make_it_panic_or_lie(
        edits in proptest::collection::vec((proptest::prelude::any::<usize>(), proptest::prelude::any::<u8>()), 1..40),
        line in 0_u8..4,
    ) {
        let mut bench = Bench::synced();
        let delta = bench.book_text("delta", 101, r#"["59999.90","7"]"#, r#"["60000.10","0"]"#);
        let list = listed("Trading", "0.10");
        for (at, byte) in edits {
            for text in [&delta, &list] {
                let mut bytes = text.clone().into_bytes();
                let at = at % bytes.len();
                bytes[at] = byte;
                bench.rig.on(In::Frame { line, opcode: Opcode::Text, bytes: &bytes });
            }
            let picture = bench.rig.picture("BTCUSDT");
            let crossed = picture.bids.first().zip(picture.asks.first()).is_some_and(|(b, a)| b.price >= a.price);
            proptest::prop_assert!(!(crossed && picture.state.is_live()));
            bench.rig.pass(100);
        }
    }
}

#[test]
fn past_minutes_are_asked_for_after_the_book_and_again_when_the_minute_is_over() {
    let target = "/v5/market/kline?category=linear&symbol=BTCUSDT&interval=1&limit=1000";
    let mut bench = Bench::started(&["BTCUSDT"]);
    bench.chatter(1_000);
    assert!(
        bench.rig.take_call(super::past::TARGET).is_none(),
        "no book yet"
    );
    bench.snapshot(LINEAR);
    bench.best(LINEAR, "60000.00", "60000.10");
    bench.chatter(100);
    // The test begins 20 s before a minute ends.
    let minute = bench.rig.now.wall_ms() / 60_000 * 60_000;
    let row =
        |began: i64| format!(r#"["{began}","60000","60001.1","59999.9","60000.1","1.5","90000"]"#);
    let rows = [row(minute), row(minute - 60_000), row(minute - 120_000)].join(",");
    let body = format!(
        r#"{{"retCode":0,"retMsg":"OK","result":{{"category":"linear","list":[{rows}]}}}}"#
    );
    bench.rig.answer(target, 200, &body);
    let told = &bench.rig.minutes[0];
    assert_eq!((told.len(), told[1].began_ms), (2, minute - 60_000));
    assert_eq!((told[1].high, told[1].qty), (Price(600_011), Qty(1_500)));
    assert_eq!(told[1].bought, None, "the venue does not say");
    let left = 60_000 - bench.rig.now.wall_ms().rem_euclid(60_000) + 3_000;
    bench.chatter(left.unsigned_abs() / 1_000 * 1_000);
    bench.chatter(1_000);
    bench.rig.answer(target, 200, &body);
    assert_eq!(bench.rig.minutes[1].len(), 3);
    bench.chatter(200_000);
    assert!(
        bench.rig.take_call(super::past::TARGET).is_none(),
        "twice is all"
    );
}
