//! Documented records as domain facts.

use serde_json::Value;

use super::*;
use crate::domain::message::{MarginMode, PositionMode};
use crate::domain::{Callback, OrderStatus};
use crate::exchange::okx::account::tests::rig;
use crate::exchange::okx::instruments;

const LISTED: &str = include_str!("../../../../tests/wire/okx/instruments_excerpt.json");
const PUSHED: &str = include_str!("../../../../tests/wire/okx/private_stream_examples.jsonl");
const REST: &str = include_str!("../../../../tests/wire/okx/rest_examples.jsonl");

fn known() -> Instruments {
    let mut known = Instruments::default();
    let load = instruments::load(LISTED.as_bytes(), rig::key("BTC-USDT").venue).unwrap();
    known.extend(load.instruments.into_iter().map(|i| (i.symbol, i)));
    // Of the documentation's examples.
    let mut usdc = rig::spot();
    usdc.symbol = rig::symbol("BTC-USDC");
    known.insert(usdc.symbol, usdc);
    known
}

fn whose() -> Whose {
    let key = rig::key("BTC-USDT");
    Whose {
        account: key.account,
        venue: key.venue,
    }
}

/// The first record of a documented message.
fn record(all: &str, name: &str) -> String {
    let lines = all
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap());
    let mut found = lines.filter(|e| e["name"] == name);
    let message = found.next().unwrap_or_else(|| panic!("no {name}"));
    message["msg"]["data"][0].to_string()
}

fn body(name: &str) -> String {
    let lines = REST
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap());
    let mut found = lines.filter(|e| e["name"] == name);
    found.next().unwrap()["msg"].to_string()
}

fn with<T>(test: impl FnOnce(&Reader<'_>) -> T) -> T {
    let known = known();
    test(&Reader {
        whose: whose(),
        instruments: &known,
        at: Stamp::default(),
    })
}

#[test]
fn the_documented_push_of_a_fill_is_order_and_fill() {
    let text = record(PUSHED, "Trading/Order");
    let order = with(|reader| order::read(&text, reader)).unwrap();
    let report = &order.report;
    assert_eq!(report.order.venue.unwrap().as_str(), "452197707845865472");
    assert_eq!(report.order.client.as_str(), "id-452197707845865472");
    assert_eq!((report.side, report.leg), (Side::Sell, None));
    assert_eq!(
        (report.status, report.qty),
        (OrderStatus::Filled, Qty(100_000))
    );
    assert_eq!(report.price, Some(Price(315_271)));
    assert_eq!(report.venue_ms, 1_654_084_353_264);
    assert!(order.made_of.is_none() && !order.would_take && order.not_changed.is_none());
    let fill = with(|reader| fill::pushed(&text, reader)).unwrap().unwrap();
    assert_eq!(fill.trade.as_str(), "242589207");
    assert_eq!(fill.fee.to_string(), "0.02522168");
    assert_eq!(fill.fee_asset.as_str(), "USDT");
    assert_eq!(fill.liquidity, Liquidity::Maker);
    assert_eq!(fill.venue_ms, 1_654_084_353_263);
}

#[test]
fn documented_orders_over_rest_are_read_and_name_no_new_fill() {
    let pending = record(REST, "Trading/GetOrders");
    let report = with(|reader| order::read(&pending, reader)).unwrap().report;
    assert_eq!(
        (report.status, report.filled),
        (OrderStatus::Working, Qty::ZERO)
    );
    assert_eq!(report.price, Some(Price(592_000)));
    assert!(
        with(|reader| fill::pushed(&pending, reader))
            .unwrap()
            .is_none()
    );
    // Bought for 100 USDT: sized by what it filled.
    let details = record(REST, "Trading/GetOrderDetails");
    let report = with(|reader| order::read(&details, reader)).unwrap().report;
    assert_eq!((report.qty, report.filled), (Qty(192_834), Qty(192_834)));
}

#[test]
fn a_documented_row_of_fills_is_a_recovered_fill() {
    let text = record(REST, "Trading/GetUserTrades");
    let fill = with(|reader| fill::row(&text, reader, |_| None)).unwrap();
    assert!(fill.recovered);
    assert_eq!(fill.client.as_str(), "id-680800019749904384");
    assert_eq!(fill.fee.to_string(), "0.00000192834");
    assert_eq!((fill.fee_asset.as_str(), fill.qty), ("BTC", Qty(192_834)));
    let named = ClientId::new("S1a").unwrap();
    let fill = with(|reader| fill::row(&text, reader, |_| Some(named))).unwrap();
    assert_eq!(fill.client, named);
}

#[test]
fn the_documented_position_is_a_long_leg_in_isolated_margin() {
    for text in [
        record(PUSHED, "Trading/Position"),
        record(REST, "Account/GetAccountPositions"),
    ] {
        let (report, mode) = with(|reader| holding::position(&text, reader)).unwrap();
        assert_eq!(report.key.symbol.as_str(), "ETH-USD-210430");
        assert_eq!(report.leg, Some(Leg::Long));
        assert_eq!(report.size, Decimal::ONE);
        assert_eq!(report.entry.to_string(), "2566.31");
        assert!(report.liquidation.is_some());
        assert_eq!(mode, MarginMode::Isolated);
    }
}

#[test]
fn the_documented_balances_are_read() {
    for text in [
        record(PUSHED, "Account/Balance"),
        record(REST, "Account/GetAccountBalance"),
    ] {
        let balances = holding::balances(&text).unwrap();
        let balance = balances[0].clone().unwrap();
        assert_eq!(balance.asset.as_str(), "USDT");
        assert!(balance.available.unwrap() < balance.wallet);
    }
}

#[test]
fn documented_conditional_orders_are_read() {
    let text = record(PUSHED, "Trading/AlgoOrder");
    let algo = with(|reader| algo::read(&text, reader)).unwrap();
    assert_eq!(
        algo.report.order.venue.unwrap().as_str(),
        "581878926302093312"
    );
    assert_eq!(algo.report.status, OrderStatus::Working);
    assert_eq!(algo.report.trigger, Some(Price(10)));
    assert_eq!((algo.became, algo.trails), (None, false));
    let text = record(REST, "Trading/GetAlgoOrder");
    let trail = with(|reader| algo::read(&text, reader)).unwrap();
    assert!(trail.trails);
    assert_eq!(trail.report.callback, Some(Callback::Rate(500)));
    let text = record(REST, "Trading/GetAlgoOrderList");
    let trigger = with(|reader| algo::read(&text, reader)).unwrap();
    assert_eq!(trigger.report.trigger, Some(Price(1_000)));
    assert_eq!(trigger.report.price, None);
    // An iceberg waits for no trigger.
    let text = record(PUSHED, "Trading/AdvancedAlgoOrder");
    let iceberg = with(|reader| algo::read(&text, reader));
    assert_eq!(iceberg.err(), Some(ReadError::Elsewhere));
}

#[test]
fn the_documented_settings_are_read() {
    let config = settings::config(body("Account/GetAccountConfiguration").as_bytes()).unwrap();
    assert_eq!(config.mode, PositionMode::OneWay);
    assert_eq!(config.level, settings::Level::Margin);
    assert_eq!(config.rights, ["read_only", "withdraw", "trade"]);
    assert!(config.can_trade());
    let fees = body("Account/GetFeeRates");
    let (maker, taker) = settings::fees(fees.as_bytes(), &rig::spot()).unwrap();
    assert_eq!(
        (maker.to_string(), taker.to_string()),
        ("0.0008".into(), "0.001".into())
    );
    assert!(
        settings::fees(fees.as_bytes(), &rig::swap()).is_err(),
        "the answer for spot says nothing about swaps"
    );
    let leverage = body("Account/GetAccountLeverage");
    let found = settings::leverage(leverage.as_bytes(), MarginMode::Cross);
    assert_eq!(found, Ok(Some(10)));
    let found = settings::leverage(leverage.as_bytes(), MarginMode::Isolated);
    assert_eq!(found, Ok(None));
}

#[test]
fn k1_hostile_records_are_errors_and_nothing_worse() {
    let order = rig::order_json("S1a", 5, "live", "0", 1);
    for (field, value) in [
        ("sz", "1e9"),
        ("sz", "99999999999999999999999999"),
        ("sz", "-1"),
        ("px", "NaN"),
        ("side", "BUY"),
        ("posSide", "both"),
        ("ordId", ""),
        ("instId", "\u{202e}"),
    ] {
        let mut odd = order.clone();
        odd["instId"] = "BTC-USDT".into();
        odd[field] = value.into();
        let read = with(|reader| order::read(&odd.to_string(), reader));
        assert!(read.is_err(), "{field} {value}: {read:?}");
    }
    for bytes in ["", "[]", "{}", "null", "{\"instId\":1}"] {
        with(|reader| {
            assert!(order::read(bytes, reader).is_err());
            assert!(algo::read(bytes, reader).is_err());
            assert!(holding::position(bytes, reader).is_err());
            assert!(fill::row(bytes, reader, |_| None).is_err());
        });
        assert!(settings::config(bytes.as_bytes()).is_err());
        assert!(list(bytes.as_bytes()).is_err());
    }
    let odd = order.to_string().replace("\"live\"", "\"dancing\"");
    let odd = odd.replace("BTC-USDT-SWAP", "BTC-USDT");
    let report = with(|reader| order::read(&odd, reader)).unwrap().report;
    assert_eq!(report.status, OrderStatus::Unknown, "never a final state");
}
