//! The minutes before a symbol was followed.

use super::*;

const TARGET: &str = "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=499";

/// A row as the venue writes it, of a minute so many before the running one.
fn row(rig: &Rig, back: i64) -> String {
    let began = (rig.now.wall_ms() / 60_000 - back) * 60_000;
    let end = began + 59_999;
    format!(
        r#"[{began},"60000.0","60001.1","59999.9","60000.1","1.500",{end},"90000",12,"0.600","36000","0"]"#
    )
}

fn body(rig: &Rig, back: std::ops::RangeInclusive<i64>) -> String {
    let rows: Vec<String> = back.rev().map(|back| row(rig, back)).collect();
    format!("[{}]", rows.join(","))
}

#[test]
fn they_are_asked_for_once_the_book_is_live_and_come_in_ticks_and_lots() {
    let mut rig = Rig::new();
    rig.start();
    rig.depth(90, 95, 89, "", "");
    rig.pass(1_000);
    assert!(rig.take_call(TARGET).is_none(), "the book is first");
    rig.answer_snapshot(100);
    rig.depth(96, 105, 95, "", "");
    rig.pass(100);
    let text = body(&rig, 0..=3);
    rig.answer(TARGET, 200, &text);
    let told = &rig.minutes[0];
    let began = |back: i64| (rig.now.wall_ms() / 60_000 - back) * 60_000;
    let times: Vec<i64> = told.iter().map(|minute| minute.began_ms).collect();
    assert_eq!(times, [began(3), began(2), began(1)], "the last one runs");
    assert_eq!(
        (told[0].low, told[0].close),
        (Price(599_999), Price(600_001))
    );
    assert_eq!((told[0].qty, told[0].bought), (Qty(1_500), Some(Qty(600))));
}

#[test]
fn the_minute_that_ran_is_asked_for_when_it_is_over_and_then_no_more() {
    let mut rig = Rig::synced();
    rig.pass(100);
    let text = body(&rig, 0..=1);
    rig.answer(TARGET, 200, &text);
    let began = rig.minutes[0][0].began_ms + 60_000;
    let mut asked = 0;
    for second in 0..200 {
        let id = 106 + second;
        rig.depth(id, id, id - 1, "", "");
        rig.pass(1_000);
        if rig.calls.iter().any(|call| call.target == TARGET) {
            let text = body(&rig, 0..=3);
            rig.answer(TARGET, 200, &text);
            asked += 1;
        }
    }
    assert_eq!((asked, rig.minutes.len()), (1, 2));
    assert_eq!(rig.minutes[1].last().unwrap().began_ms, began);
}

#[test]
fn no_book_waits_for_an_answer_and_a_broken_one_is_no_alarm() {
    let mut rig = Rig::synced();
    rig.pass(100);
    let first = rig.take_call(TARGET).unwrap();
    rig.pass(5_000);
    assert!(rig.take_call(TARGET).is_none(), "one is on its way");
    // A gap: the book is read anew at once.
    rig.depth(300, 310, 299, "", "");
    rig.pass(2_000);
    assert!(rig.take_call("/fapi/v1/depth").is_some());
    let result = Ok(Reply {
        status: 200,
        headers: Vec::new(),
        body: b"<html>".to_vec(),
    });
    rig.on(In::Reply {
        tag: first.tag,
        result,
    });
    assert_eq!((rig.minutes.len(), rig.bad), (0, 0));
    assert!(rig.notes.iter().all(|note| !note.contains("past")));
}

#[test]
fn a_hostile_answer_harms_no_book_and_is_told_once() {
    let mut rig = Rig::synced();
    rig.pass(100);
    let text = body(&rig, 1..=4).replacen("60001.1", "60001.15", 1);
    rig.answer(TARGET, 200, &text);
    assert_eq!(rig.minutes[0].len(), 3, "the newest before the broken one");
    let told = |rig: &Rig| {
        rig.notes
            .iter()
            .filter(|note| note.contains("past candles"))
            .count()
    };
    assert_eq!((told(&rig), rig.bad), (1, 0));
    assert_eq!(rig.state(), BookState::Live);
}
