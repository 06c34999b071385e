//! Documented and recorded messages of conditional orders, field by field.

use serde_json::{Value, json};

use super::*;
use crate::domain::decimal::Step;
use crate::domain::{Account, Leg, Side, Stamp, Symbol, VenueId};
use crate::exchange::binance_futures::instruments;
use crate::exchange::binance_futures::read::{Instruments, Whose, accepted_id, list};

const INFO: &str =
    include_str!("../../../../../tests/wire/binance_futures/exchange_info_excerpt.json");
const REST: &str = include_str!("../../../../../tests/wire/binance_futures/rest_examples.jsonl");
const ORDER_API: &str =
    include_str!("../../../../../tests/wire/binance_futures/order_api_examples.jsonl");
const STREAM: &str =
    include_str!("../../../../../tests/wire/binance_futures/user_stream_examples.jsonl");
const UPDATES: &str = include_str!("../../../../../tests/wire/binance_futures/algo_updates.jsonl");

fn whose() -> Whose {
    Whose {
        account: Account::new("main").unwrap(),
        venue: VenueId::new("binance-futures").unwrap(),
    }
}

/// The listed instruments, and the ones that only the examples speak of.
fn listed() -> Instruments {
    let load = instruments::load(INFO.as_bytes(), whose().venue).unwrap();
    let mut all: Instruments = load
        .instruments
        .into_iter()
        .map(|instrument| (instrument.symbol, instrument))
        .collect();
    let pattern = all[&Symbol::new("BTCUSDT").unwrap()].clone();
    for (name, tick, lot) in [("BNBUSDT", "0.01", "0.01"), ("DOGEUSDT", "0.00001", "1")] {
        let symbol = Symbol::new(name).unwrap();
        let instrument = Instrument {
            symbol,
            tick: Step::parse(tick).unwrap(),
            lot: Step::parse(lot).unwrap(),
            ..pattern.clone()
        };
        all.insert(symbol, instrument);
    }
    all
}

fn find(lines: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut rows = lines
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap());
    rows.find(wanted).unwrap()["msg"].take()
}

fn rest(http: &str, path: &str) -> Value {
    find(REST, |row| row["http"] == http && row["path"] == path)
}

fn read_rest(body: &Value) -> Result<AlgoOrder, ReadError> {
    let instruments = listed();
    let reader = Reader {
        whose: whose(),
        instruments: &instruments,
        at: Stamp::default(),
    };
    order(body.to_string().as_bytes(), &reader)
}

fn read_event(message: &Value) -> Result<AlgoOrder, ReadError> {
    let instruments = listed();
    let reader = Reader {
        whose: whose(),
        instruments: &instruments,
        at: Stamp::default(),
    };
    let data = &message["data"];
    event(&data["o"].to_string(), data["T"].as_i64().unwrap(), &reader)
}

#[test]
fn a_fired_stop_names_the_order_that_it_became() {
    let algo = read_rest(&rest("GET", "/fapi/v1/algoOrder")).unwrap();
    assert_eq!(
        (algo.became, algo.finished),
        (
            Some(crate::domain::OrderId::of_number(974_828_356_187)),
            true
        )
    );
    let report = algo.report;
    assert_eq!(
        report.order,
        OrderRef {
            client: crate::domain::ClientId::new("x-yHjDKm8h7cd1bf4f-9ce3-4d55-b9f").unwrap(),
            venue: Some(crate::domain::OrderId::of_number(1_000_001_270_850_379)),
            class: OrderClass::Conditional,
        }
    );
    assert_eq!((report.side, report.leg), (Side::Buy, None));
    assert_eq!(
        (report.price, report.trigger, report.callback),
        (None, Some(Price(6_908_020)), None)
    );
    assert_eq!((report.qty, report.filled), (Qty(2), Qty(2)));
    assert_eq!(report.average.unwrap().to_string(), "69067.60000");
    assert!(report.triggered && report.reduce_only);
    assert_eq!(report.status, OrderStatus::Working);
    assert_eq!(report.venue_ms, 1_775_461_936_135);
}

#[test]
fn a_waiting_order_is_working_and_has_both_prices() {
    let rows = rest("GET", "/fapi/v1/openAlgoOrders");
    let text = rows.to_string();
    let rows = list(text.as_bytes()).unwrap();
    let row: Value = serde_json::from_str(rows[0].get()).unwrap();
    let algo = read_rest(&row).unwrap();
    assert_eq!((algo.became, algo.finished), (None, false));
    let report = algo.report;
    assert_eq!(
        report.order.venue,
        Some(crate::domain::OrderId::of_number(2_148_627))
    );
    assert_eq!(
        (report.price, report.trigger),
        (Some(Price(75_000)), Some(Price(75_000)))
    );
    assert_eq!((report.qty, report.filled), (Qty(1), Qty(0)));
    assert!(!report.triggered && !report.reduce_only);
    assert_eq!(report.status, OrderStatus::Working);
}

#[test]
fn documented_updates_of_the_stream_are_read() {
    let cancelled = find(STREAM, |row| row["name"] == "AlgoOrderUpdate");
    let algo = read_event(&cancelled).unwrap();
    assert_eq!(algo.report.status, OrderStatus::Cancelled);
    assert_eq!(algo.report.order.client.as_str(), "Q5xaq5EGKgXXa0fD7fs0Ip");
    assert_eq!(
        algo.report.order.venue,
        Some(crate::domain::OrderId::of_number(2_148_719))
    );
    assert_eq!(algo.report.venue_ms, 1_750_515_742_297);
    assert_eq!((algo.became, algo.report.triggered), (None, false));

    let fired = find(UPDATES, |row| row["name"] == "Triggered");
    let algo = read_event(&fired).unwrap();
    assert_eq!(
        (algo.became, algo.finished),
        (
            Some(crate::domain::OrderId::of_number(88_937_381_063)),
            false
        )
    );
    assert_eq!(
        algo.report.order.venue,
        Some(crate::domain::OrderId::of_number(1_000_000_033_225_453))
    );
    assert_eq!(algo.report.trigger, Some(Price(13_855)));
    assert_eq!((algo.report.qty, algo.report.price), (Qty(38), None));
    assert!(algo.report.triggered);
    assert_eq!(algo.report.status, OrderStatus::Working);
}

#[test]
fn every_documented_state_has_its_meaning() {
    use OrderStatus::*;
    for (word, status, triggered) in [
        ("NEW", Working, false),
        ("TRIGGERING", Working, true),
        ("TRIGGERED", Working, true),
        ("CANCELED", Cancelled, false),
        ("EXPIRED", Expired, false),
        ("REJECTED", Rejected, false),
        ("SOMETHING", Unknown, false),
    ] {
        let mut message = find(STREAM, |row| row["name"] == "AlgoOrderUpdate");
        message["data"]["o"]["X"] = json!(word);
        message["data"]["o"]["rm"] = json!("Reduce Only reject\u{1b}[2J");
        let report = read_event(&message).unwrap().report;
        assert_eq!(
            (report.status, report.triggered),
            (status, triggered),
            "{word}"
        );
        if status == Rejected {
            let reason = report.reason.unwrap();
            assert_eq!(reason, "it fired and was refused: Reduce Only reject?[2J");
        }
    }
}

#[test]
fn an_end_that_names_no_order_is_an_end() {
    let mut message = find(STREAM, |row| row["name"] == "AlgoOrderUpdate");
    message["data"]["o"]["X"] = json!("FINISHED");
    let algo = read_event(&message).unwrap();
    assert_eq!(
        (algo.report.status, algo.finished),
        (OrderStatus::Expired, false)
    );
    message["data"]["o"]["aq"] = json!("0.01");
    assert_eq!(
        read_event(&message).unwrap().report.status,
        OrderStatus::Filled
    );
}

#[test]
fn trails_legs_and_orders_for_the_whole_position_are_read() {
    let mut row = rest("POST", "/fapi/v1/algoOrder");
    row["orderType"] = json!("TRAILING_STOP_MARKET");
    row["triggerPrice"] = json!("0.00");
    row["activatePrice"] = json!("760.00");
    row["callbackRate"] = json!("0.3");
    row["positionSide"] = json!("LONG");
    let report = read_rest(&row).unwrap().report;
    assert_eq!(report.trigger, Some(Price(76_000)));
    assert_eq!(report.callback, Some(Callback::Rate(30)));
    assert_eq!((report.leg, report.reduce_only), (Some(Leg::Long), true));
    row["quantity"] = json!("");
    row["positionSide"] = json!("BOTH");
    row["closePosition"] = json!(true);
    let report = read_rest(&row).unwrap().report;
    assert_eq!(
        (report.qty, report.leg, report.reduce_only),
        (Qty(0), None, true)
    );
    row["positionSide"] = json!("SIDEWAYS");
    assert!(read_rest(&row).is_err());
}

#[test]
fn answers_to_requests_name_the_order_whatever_their_shape() {
    let placed = rest("POST", "/fapi/v1/algoOrder").to_string();
    assert_eq!(
        accepted_id(placed.as_bytes()),
        Some(crate::domain::OrderId::of_number(2_146_760))
    );
    let cancelled = rest("DELETE", "/fapi/v1/algoOrder").to_string();
    assert_eq!(
        accepted_id(cancelled.as_bytes()),
        Some(crate::domain::OrderId::of_number(3_000_000_000_003_505))
    );
    for name in [
        "Trading/PlaceConditionalOrder",
        "Trading/CancelConditionalOrder",
    ] {
        let answer = find(ORDER_API, |row| row["name"] == name)["result"].to_string();
        assert_eq!(
            accepted_id(answer.as_bytes()),
            Some(crate::domain::OrderId::of_number(3_000_000_000_003_505)),
            "{name}"
        );
    }
    let short = |code: &str| {
        format!(r#"{{"algoId":2146760,"clientAlgoId":"6B2I","code":{code},"msg":"success"}}"#)
    };
    assert_eq!(
        accepted_id(short("\"200\"").as_bytes()),
        Some(crate::domain::OrderId::of_number(2_146_760))
    );
    assert_eq!(
        accepted_id(short("200").as_bytes()),
        Some(crate::domain::OrderId::of_number(2_146_760))
    );
    assert_eq!(accepted_id(short("\"-2011\"").as_bytes()), None);
}
