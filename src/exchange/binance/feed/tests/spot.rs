//! What is different on spot, against the documented messages.

use super::*;
use crate::exchange::binance_spot::PRODUCT;

const NEXT: Line = PUBLIC ^ 2;

impl Rig {
    fn spot() -> Self {
        Self::of(&PRODUCT)
    }

    /// Connected, instruments known, BTCUSDT followed and synchronised at id 105.
    fn synced_spot() -> Self {
        let mut rig = Self::spot();
        rig.start();
        rig.spot_depth(90, 95, "");
        rig.answer_snapshot(100);
        rig.spot_depth(96, 105, r#"["60000.0","2"]"#);
        assert_eq!(rig.state(), BookState::Live);
        rig
    }

    fn spot_text(&self, first: u64, last: u64, bids: &str) -> String {
        let ms = self.now.wall_ms();
        format!(
            r#"{{"e":"depthUpdate","E":{ms},"s":"BTCUSDT","U":{first},"u":{last},"b":[{bids}],"a":[]}}"#
        )
    }

    fn spot_depth(&mut self, first: u64, last: u64, bids: &str) {
        let text = self.spot_text(first, last, bids);
        self.text(PUBLIC, &text);
    }

    /// Best prices as spot sends them: without kind and time.
    fn spot_ticker(&mut self, id: u64, bid: &str, ask: &str) {
        let text = format!(r#"{{"u":{id},"s":"BTCUSDT","b":"{bid}","B":"1","a":"{ask}","A":"1"}}"#);
        self.text(PUBLIC, &text);
    }
}

#[test]
fn connects_subscribes_and_asks_for_the_deepest_book() {
    let mut rig = Rig::spot();
    rig.start();
    assert_eq!(rig.opened, [PUBLIC, MARKET]);
    let sent = rig.sent.join("\n");
    for stream in [
        "btcusdt@depth@100ms",
        "btcusdt@bookTicker",
        "btcusdt@aggTrade",
    ] {
        assert!(sent.contains(stream), "{stream}");
    }
    assert!(!sent.contains("markPrice"));
    rig.spot_depth(90, 95, "");
    let call = &rig.calls[0];
    assert_eq!(
        call.target,
        "/api/v3/depth?symbol=BTCUSDT&limit=5000".to_owned()
    );
}

#[test]
fn a2_events_up_to_the_snapshot_are_dropped_and_the_next_id_continues_it() {
    let mut rig = Rig::spot();
    rig.start();
    rig.spot_depth(91, 95, r#"["1.0","1"]"#);
    // Ends where the snapshot stands: on spot it is contained.
    rig.spot_depth(96, 100, r#"["2.0","1"]"#);
    rig.spot_depth(101, 103, r#"["60000.0","9"]"#);
    rig.answer_snapshot(100);
    let picture = rig.picture();
    assert_eq!(picture.state, BookState::Live);
    assert_eq!(picture.bids.len(), 2);
    assert_eq!(picture.bids[0].qty, Qty(9_000));
    let counts = *rig.feed.followed[0].resync().counts();
    assert_eq!((counts.applied, counts.stale, counts.gaps), (1, 2, 0));
}

#[test]
fn a1_an_id_left_out_is_a_gap_and_an_overlap_is_none() {
    let mut rig = Rig::synced_spot();
    rig.spot_depth(104, 108, r#"["60000.0","3"]"#);
    assert_eq!(rig.state(), BookState::Live);
    assert_eq!(rig.picture().bids[0].qty, Qty(3_000));
    rig.spot_depth(107, 108, r#"["60000.0","7"]"#);
    assert_eq!(rig.picture().bids[0].qty, Qty(3_000), "contained: dropped");
    rig.pass(1_000);
    rig.spot_depth(110, 111, "");
    assert_eq!(rig.state(), BookState::Resync("gap".to_owned()));
    assert!(rig.picture().bids.is_empty());
    rig.answer_snapshot(111);
    assert_eq!((rig.state(), rig.picture().gaps), (BookState::Live, 1));
}

#[test]
fn best_prices_without_a_time_say_nothing_of_the_lag() {
    let mut rig = Rig::synced_spot();
    let late = rig.spot_text(106, 110, "");
    rig.pass(3_000);
    rig.text(PUBLIC, &late);
    rig.spot_ticker(111, "60000.2", "60000.3");
    assert_eq!(rig.state(), BookState::Stale("LAG 3.0s".to_owned()));
    rig.spot_depth(111, 111, "");
    assert_eq!(rig.state(), BookState::Live);
    rig.spot_ticker(112, "60000.4", "60000.5");
    let touch = rig.touches.last().unwrap();
    assert_eq!(touch.bid.unwrap().price, Price(600_004));
    assert_eq!(touch.venue_ms, rig.now.wall_ms());
    assert_eq!(rig.bad, 0);
}

#[test]
fn a7_a_dead_depth_stream_is_seen_by_best_prices() {
    let mut rig = Rig::synced_spot();
    for id in 106..120 {
        rig.pass(100);
        rig.spot_ticker(id, "60000.0", "60000.1");
    }
    assert!(matches!(rig.state(), BookState::Stale(words) if words.starts_with("no depth 1.")));
}

#[test]
fn a10_a_connection_that_the_venue_ends_is_replaced_before_without_loss_of_live() {
    let mut rig = Rig::synced_spot();
    rig.opened.clear();
    rig.text(PUBLIC, r#"{"e":"serverShutdown","E":1770123456789}"#);
    rig.pass(100);
    assert_eq!(rig.opened, [NEXT]);
    rig.on(In::Opened { line: NEXT });
    rig.pass(100);
    for last in 105..135 {
        rig.pass(100);
        let text = rig.spot_text(last + 1, last + 1, "");
        rig.text(PUBLIC, &text);
        rig.text(NEXT, &text);
        rig.text(
            NEXT,
            &format!(r#"{{"u":{last},"s":"BTCUSDT","b":"60000.0","B":"1","a":"60000.1","A":"1"}}"#),
        );
        assert_eq!(rig.state(), BookState::Live);
    }
    assert!(rig.sent.contains(&format!("close {PUBLIC}")));
    assert_eq!(rig.picture().gaps, 0);
    // It is told once, and the socket that took over is not replaced for it.
    rig.opened.clear();
    rig.pass(2_000);
    assert_eq!(rig.opened, Vec::<Line>::new());
}

#[test]
fn a_snapshot_is_as_deep_as_the_weight_allows() {
    let mut rig = Rig::spot();
    rig.start();
    for (used, levels) in [("4700", 1_000), ("4790", 100)] {
        rig.pass(60_000);
        let call = rig.take_call("/api/v3/time").unwrap();
        let reply = Reply {
            status: 200,
            headers: vec![("x-mbx-used-weight-1m".to_owned(), used.to_owned())],
            body: format!(r#"{{"serverTime":{}}}"#, rig.now.wall_ms()).into_bytes(),
        };
        rig.calls.clear();
        rig.feed.calls.forget_snapshots();
        rig.on(In::Closed {
            line: PUBLIC,
            why: "reset",
        });
        rig.on(In::Reply {
            tag: call.tag,
            result: Ok(reply),
        });
        rig.on(In::Opened { line: PUBLIC });
        rig.spot_depth(90, 95, "");
        let call = rig.take_call("/api/v3/depth").unwrap();
        assert!(
            call.target.ends_with(&format!("limit={levels}")),
            "{call:?}"
        );
    }
}

#[test]
fn names_outside_ascii_are_encoded_in_addresses_and_lower_in_streams() {
    let mut rig = Rig::spot();
    rig.on(In::Start);
    let name = Symbol::new("币安人生USDT").unwrap();
    rig.on(In::Follow(&[name]));
    rig.answer_time(0);
    let info = format!(
        r#"{{"rateLimits":[],"symbols":[{}]}}"#,
        listed("币安人生USDT", "0.10")
    );
    rig.answer("/api/v3/exchangeInfo", 200, &info);
    rig.on(In::Opened { line: PUBLIC });
    rig.pass(1_000);
    assert!(rig.sent.join("").contains("币安人生usdt@depth@100ms"));
    let call = rig.take_call("/api/v3/depth").unwrap();
    assert!(
        call.target
            .contains("symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&limit=")
    );
}

/// The list with this much of BTCUSDT's row replaced, as the next reading of it gives it.
fn relist(rig: &mut Rig, rows: &str) {
    rig.pass(5 * 60_000);
    let target = rig.below("/exchangeInfo");
    let body = format!(r#"{{"rateLimits":[],"symbols":[{rows}]}}"#);
    rig.answer(&target, 200, &body);
}

#[test]
fn k5_a_symbol_that_stops_trading_is_said_and_goes_on_being_shown() {
    use crate::domain::TradingStatus::{CancelOnly, Closed, Halted, Trading};
    let mut rig = Rig::synced_spot();
    let row = listed("BTCUSDT", "0.10");
    relist(&mut rig, &row);
    assert_eq!(rig.statuses, []);
    for (word, status) in [
        ("CANCEL_ONLY", CancelOnly),
        ("HALT", Halted),
        ("TRADING", Trading),
        ("BREAK", Halted),
    ] {
        relist(&mut rig, &row.replace("TRADING", word));
        assert_eq!(rig.statuses.pop(), Some(status), "{word}");
    }
    relist(&mut rig, &listed("ETHUSDT", "0.10"));
    assert_eq!(rig.statuses, [Closed], "what is not listed does not trade");
    assert_eq!(rig.state(), BookState::Live);
}

#[test]
fn k5_a_new_price_step_reads_the_book_anew() {
    let mut rig = Rig::synced_spot();
    relist(&mut rig, &listed("BTCUSDT", "0.01"));
    assert!(matches!(rig.state(), BookState::Resync(_)));
    assert!(
        rig.picture().bids.is_empty(),
        "old numbers meant something else"
    );
    let told = |note: &String| note.contains("price step 0.01 (was 0.1)");
    assert!(rig.notes.iter().any(told), "{:?}", rig.notes);
    rig.spot_depth(106, 107, r#"["60000.03","2"]"#);
    rig.answer_snapshot(106);
    assert_eq!(rig.state(), BookState::Live);
    assert_eq!(rig.picture().bids[0].price, Price(6_000_003));
    assert_eq!(rig.bad, 0);
}

#[test]
fn a_list_that_cannot_be_read_again_changes_nothing() {
    let mut rig = Rig::synced_spot();
    rig.pass(5 * 60_000);
    let target = rig.below("/exchangeInfo");
    rig.answer(&target, 500, "{}");
    assert_eq!((rig.state(), rig.statuses.len()), (BookState::Live, 0));
    assert!(!rig.notes.iter().any(|note| note.contains("instruments")));
    rig.pass(1_000);
    assert!(rig.take_call(&target).is_some(), "it is tried again");
}
