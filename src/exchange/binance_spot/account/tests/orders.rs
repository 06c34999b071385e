//! Order requests: sent once, answered once, told as they are.

use serde_json::json;

use super::rig::{
    KEY, OFFSET_MS, Rig, approved, fill_report, key, order, order_json, report, with_kind,
};
use crate::domain::message::{MarginMode, Proves, Setting};
use crate::domain::{
    Command, Fact, Intent, OrderId, OrderKind, OrderStatus, Outcome, Price, Symbol, TimeInForce,
    TriggerBy,
};
use crate::exchange::account::upkeep::{ORDERS, PRIVATE};
use crate::exchange::machine::{CallError, Method};

const EXAMPLES: &str =
    include_str!("../../../../../tests/wire/binance_spot/order_api_examples.jsonl");

/// A documented answer of the WebSocket API.
fn example(name: &str) -> serde_json::Value {
    let mut examples = EXAMPLES
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let mut found = examples.find(|e| e["name"] == name).unwrap();
    found["msg"].take()
}

#[test]
fn an_entry_is_one_signed_frame_on_the_warm_line_and_its_answer_is_told() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let sent = rig.sent();
    assert_eq!(sent.len(), 1);
    let (tag, frame) = &sent[0];
    assert_eq!(frame["method"], "order.place");
    assert_eq!(frame["id"], *tag);
    let params = &frame["params"];
    let expected = json!({"apiKey":KEY,"newClientOrderId":"S1a","newOrderRespType":"ACK","price":"60000.00",
        "quantity":"0.01000","recvWindow":2000,"side":"BUY","symbol":"BTCUSDT","timestamp":rig.venue_ms() - 250,
        "type":"LIMIT_MAKER","signature":params["signature"]});
    assert_eq!(*params, expected);
    rig.written(*tag, 300);
    assert!(matches!(rig.facts.last(), Some(Fact::Written { .. })));
    rig.answer_order(200, example("Trading/PlaceOrder"));
    let venue = Some(OrderId::of_number(12_569_099_453));
    assert_eq!(rig.outcomes("S1a"), [Outcome::Accepted { venue }]);
    rig.pass(10_000);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn every_kind_of_order_is_in_the_venues_words() {
    let limit = |tif| OrderKind::Limit {
        price: Price(6_000_000),
        tif,
    };
    for (id, kind, intent, wanted) in [
        (
            "S1g",
            limit(TimeInForce::Gtc),
            Intent::Entry,
            json!({"type":"LIMIT","timeInForce":"GTC","price":"60000.00"}),
        ),
        (
            "S1i",
            limit(TimeInForce::Ioc),
            Intent::Entry,
            json!({"type":"LIMIT","timeInForce":"IOC","price":"60000.00"}),
        ),
        (
            "S1p",
            limit(TimeInForce::PostOnly),
            Intent::Exit,
            json!({"type":"LIMIT_MAKER","timeInForce":null,"price":"60000.00"}),
        ),
        (
            "S1m",
            OrderKind::Market,
            Intent::Exit,
            json!({"type":"MARKET","timeInForce":null,"price":null,"quantity":"0.01000","quoteOrderQty":null}),
        ),
    ] {
        let mut rig = Rig::ready();
        rig.command(Command::Place(approved(with_kind(id, kind, intent))));
        let (_, frame) = rig.last_sent(ORDERS);
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(frame["params"][name], *value, "{id} {name}");
        }
        assert_eq!(frame["params"]["reduceOnly"], json!(null), "spot has none");
    }
}

#[test]
fn what_spot_does_not_have_is_refused_in_words_and_never_sent() {
    let mut rig = Rig::ready();
    let stop = OrderKind::Stop {
        trigger: Price(5_900_000),
        limit: None,
        by: TriggerBy::Last,
    };
    let stop = approved(with_kind("S1s", stop, Intent::Exit));
    rig.command(Command::Place(stop));
    assert!(
        matches!(&rig.outcomes("S1s")[..], [Outcome::NotSent(words)] if words.contains("stops itself"))
    );
    let symbol = Symbol::new("BTCUSDT").unwrap();
    rig.command(Command::SetLeverage {
        symbol,
        leverage: 5,
    });
    rig.command(Command::SetMargin {
        symbol,
        mode: MarginMode::Cross,
    });
    let sets: Vec<_> = rig
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Set {
                setting, outcome, ..
            } => Some((*setting, outcome.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(sets.len(), 2);
    assert!(matches!(
        sets[0],
        (Setting::Leverage(_, 5), Outcome::NotSent(_))
    ));
    assert!(rig.sent().is_empty() && rig.calls.is_empty());
}

#[test]
fn b6_what_was_not_written_goes_by_rest_once_and_what_was_written_never_does() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let (tag, _) = rig.sent()[0];
    rig.lines.clear();
    rig.written(tag, 0);
    assert_eq!(rig.placed("S1a"), 1);
    let call = rig.take_call("newClientOrderId=S1a").unwrap();
    assert_eq!(call.method, Method::Post);
    assert!(call.target.starts_with("/api/v3/order?"));
    rig.reply(&call, Err(CallError::NotSent("refused".into())));
    assert_eq!(rig.outcomes("S1a"), [Outcome::NotSent("refused".into())]);
    for written in [1, 100, 400] {
        let id = format!("S1w{written}");
        rig.place(&id);
        let (tag, _) = rig.last_sent(ORDERS);
        rig.written(tag, written);
        assert_eq!(rig.placed(&id), 1);
    }
    rig.closed(ORDERS);
    for written in [1, 100, 400] {
        let id = format!("S1w{written}");
        assert!(matches!(rig.outcomes(&id)[..], [Outcome::Unknown(_)]));
        assert_eq!(rig.placed(&id), 1);
    }
}

#[test]
fn b7_a_lost_line_leaves_everything_in_flight_unknown_at_once() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.place("S1b");
    rig.closed(ORDERS);
    for id in ["S1a", "S1b"] {
        assert!(matches!(rig.outcomes(id)[..], [Outcome::Unknown(_)]));
    }
    // New orders go by REST while there is no line.
    rig.place("S1c");
    assert!(rig.take_call("newClientOrderId=S1c").is_some());
}

#[test]
fn b4_a_timeout_of_the_engine_is_unknown_and_the_stream_settles_it() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.answer_order(
        504,
        json!({"error":{"code":-1007,"msg":"Timeout waiting for response from backend server. Send status unknown; execution status unknown."}}),
    );
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
    rig.event(&report("S1a", 7, "NEW", "NEW", rig.venue_ms()));
    assert!(
        rig.facts
            .iter()
            .any(|fact| matches!(fact, Fact::Order(order) if order.status == OrderStatus::Working))
    );
    rig.pass(30_000);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn b12_a_post_only_order_that_would_take_is_refused_and_not_tried_again() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.refuse(-2010, "Order would immediately match and take.");
    let [Outcome::Rejected { proves, code, .. }] = &rig.outcomes("S1a")[..] else {
        panic!("{:?}", rig.facts);
    };
    assert_eq!((*code, *proves), (-2010, Proves::WouldTake));
    rig.pass(20_000);
    assert_eq!(rig.placed("S1a"), 1);
}

#[test]
fn refusals_say_what_to_do_next() {
    for (code, msg, asks) in [
        (-1013, "Filter failure: LOT_SIZE", "exchangeInfo"),
        (-2010, "Market is closed.", "exchangeInfo"),
        (
            -1021,
            "Timestamp for this request is outside of the recvWindow.",
            "/time",
        ),
        (-2011, "Unknown order sent.", "/api/v3/order?"),
    ] {
        let mut rig = Rig::ready();
        if code == -2011 {
            rig.cancel("S1a");
        } else {
            rig.place("S1a");
        }
        rig.refuse(code, msg);
        assert!(rig.take_call(asks).is_some(), "{code}");
    }
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.refuse(
        -2010,
        "Account has insufficient balance for requested action.",
    );
    assert!(
        matches!(&rig.outcomes("S1a")[..], [Outcome::Rejected { words, .. }] if words == "balance is insufficient")
    );
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.refuse(-2010, "Duplicate order sent.");
    assert!(matches!(rig.outcomes("S1a")[..], [Outcome::Unknown(_)]));
}

#[test]
fn b15_a_cancel_that_finds_nothing_is_a_question_not_a_cancel() {
    let mut rig = Rig::ready();
    rig.cancel("S1a");
    let (_, frame) = rig.last_sent(ORDERS);
    assert_eq!(frame["method"], "order.cancel");
    assert_eq!(frame["params"]["origClientOrderId"], "S1a");
    rig.refuse(-2011, "Unknown order sent.");
    let filled = order_json("S1a", 7, "FILLED", "0.01000000", rig.venue_ms());
    rig.ok("/api/v3/order?", filled);
    assert!(
        rig.facts.iter().any(
            |fact| matches!(fact, Fact::Order(report) if report.status == OrderStatus::Filled)
        )
    );
}

#[test]
fn b16_a_cancel_is_of_the_order_and_not_of_its_own_name() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.event(&report("S1a", 7, "NEW", "NEW", rig.venue_ms()));
    let mut cancelled = report("cancelOfS1a", 7, "CANCELED", "CANCELED", rig.venue_ms() + 1);
    cancelled["C"] = json!("S1a");
    rig.event(&cancelled);
    let told: Vec<_> = rig
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Order(report) => Some((report.order.client.to_string(), report.status)),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            ("S1a".to_owned(), OrderStatus::Working),
            ("S1a".to_owned(), OrderStatus::Cancelled)
        ]
    );
}

#[test]
fn a_fill_is_told_once_with_its_fee_in_the_coin_that_was_bought() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let event = fill_report("S1a", 7, 31, rig.venue_ms());
    rig.event(&event);
    rig.event(&event);
    let fills: Vec<_> = rig
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Fill(fill) => Some(*fill),
            _ => None,
        })
        .collect();
    assert_eq!(fills.len(), 1);
    let fill = fills[0];
    assert_eq!(
        (fill.fee_asset.as_str(), fill.fee.to_string()),
        ("BTC", "0.00001000".to_owned())
    );
    assert_eq!((fill.client.as_str(), fill.trade.as_str()), ("S1a", "31"));
    assert!(
        !rig.facts
            .iter()
            .any(|fact| matches!(fact, Fact::Position(_)))
    );
    // The stream overtook the answer, which then comes as a loss: the order arrived all the same.
    rig.pass(3_100);
    assert!(
        matches!(rig.outcomes("S1a")[..], [Outcome::Accepted { venue: Some(id) }] if id.as_str() == "7")
    );
}

#[test]
fn b20_entries_wait_for_the_venues_limit_and_exits_do_not() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.answer_order(
        200,
        json!({"result":{"symbol":"BTCUSDT","orderId":7,"clientOrderId":"S1a","transactTime":1},"rateLimits":[
            {"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100,"count":80},
            {"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":200000,"count":1}]}),
    );
    rig.place("S1b");
    assert!(
        matches!(&rig.outcomes("S1b")[..], [Outcome::NotSent(words)] if words.starts_with("rate limit"))
    );
    rig.command(Command::Place(order("S1x", Intent::Exit)));
    assert_eq!(rig.placed("S1x"), 1);
    rig.pass(10_000);
    rig.place("S1c");
    assert_eq!(rig.placed("S1c"), 1);
}

#[test]
fn b19_a_ban_on_the_line_silences_rest_and_is_told() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    let until = rig.venue_ms() + 30_000;
    rig.answer_order(
        418,
        json!({"error":{"code":-1003,"msg":"Way too much request weight used; IP banned.",
            "data":{"serverTime":rig.venue_ms(),"retryAfter":until}}}),
    );
    assert!(matches!(
        rig.facts.iter().rev().find(|f| matches!(f, Fact::Limited { .. })),
        Some(Fact::Limited { until_ms, .. }) if (*until_ms + OFFSET_MS - until).abs() < 5
    ));
    rig.calls.clear();
    rig.pass(29_000);
    assert!(rig.calls.is_empty(), "{}", rig.calls.len());
    rig.pass(2_000);
    assert!(
        rig.facts
            .iter()
            .any(|f| matches!(f, Fact::Limited { until_ms: 0, .. }))
    );
}

#[test]
fn e8_an_order_takes_the_other_path_when_the_line_was_silent_for_three_seconds() {
    let mut rig = Rig::ready();
    rig.pass_in_silence(3_200);
    rig.place("S1a");
    assert!(rig.sent().is_empty());
    assert!(rig.take_call("newClientOrderId=S1a").is_some());
}

#[test]
fn e8_a_line_that_answers_pings_and_no_request_is_replaced() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.pass(3_100);
    assert_eq!(rig.closes(ORDERS), 0, "one lost answer is no proof");
    rig.place("S1b");
    rig.pass(3_100);
    assert_eq!(rig.closes(ORDERS), 1);
    assert_eq!(rig.closes(PRIVATE), 0);
    assert_eq!((rig.placed("S1a"), rig.placed("S1b")), (1, 1));
}

#[test]
fn a_query_that_the_desk_asks_is_answered_even_with_nothing() {
    let mut rig = Rig::ready();
    rig.command(Command::Query {
        key: key("BTCUSDT"),
        order: super::rig::reference("S1a"),
    });
    rig.answer(
        "/api/v3/order?",
        400,
        &json!({"code":-2013,"msg":"Order does not exist."}),
    );
    assert!(matches!(
        rig.outcomes("S1a")[..],
        [Outcome::Rejected {
            proves: Proves::NotFound,
            ..
        }]
    ));
}

#[test]
fn k5_an_order_means_what_its_trader_saw_whatever_steps_are_loaded_since() {
    let mut rig = Rig::ready();
    rig.place("S1a");
    rig.refuse(-1013, "Filter failure: PRICE_FILTER");
    let coarser =
        super::rig::INFO.replace(r#""tickSize":"0.01000000""#, r#""tickSize":"0.10000000""#);
    rig.ok("exchangeInfo", serde_json::from_str(&coarser).unwrap());
    rig.place("S1b");
    let (_, frame) = rig.last_sent(ORDERS);
    assert_eq!(frame["params"]["price"], "60000.00");
    assert_eq!(frame["params"]["quantity"], "0.01000");
    assert!(
        rig.take_call("openOrders").is_some(),
        "open orders are told anew in the new steps"
    );
}

#[test]
fn what_trades_is_read_again_while_running() {
    let mut rig = Rig::ready();
    rig.pass(299_000);
    assert!(rig.take_call("exchangeInfo").is_none());
    rig.pass(2_000);
    let call = rig.take_call("exchangeInfo").unwrap();
    assert_eq!(call.target, "/api/v3/exchangeInfo?showPermissionSets=false");
    rig.reply_with(&call, 500, &json!({}));
    rig.pass(30_000);
    assert!(rig.take_call("exchangeInfo").is_none(), "not in a hurry");
    rig.pass(31_000);
    assert!(rig.take_call("exchangeInfo").is_some());
}
