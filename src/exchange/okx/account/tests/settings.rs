//! Leverage, margin mode, position mode, fees.

use serde_json::json;

use super::rig::{Rig, position_json, symbol};
use crate::domain::message::{MarginMode, PositionMode, Setting, SymbolSettings};
use crate::domain::{Command, Fact, Outcome};

fn settings(rig: &Rig) -> SymbolSettings {
    rig.facts
        .iter()
        .rev()
        .find_map(|fact| match fact {
            Fact::Settings(settings) => Some(*settings),
            _ => None,
        })
        .unwrap()
}

fn outcomes(rig: &Rig) -> Vec<(Setting, Outcome)> {
    let set = rig.facts.iter().filter_map(|fact| match fact {
        Fact::Set {
            setting, outcome, ..
        } => Some((*setting, outcome.clone())),
        _ => None,
    });
    set.collect()
}

const ACCEPTED: Outcome = Outcome::Accepted { venue: None };

#[test]
fn a_followed_symbol_tells_its_leverage_and_what_is_paid() {
    let mut rig = Rig::ready();
    rig.command(Command::Follow(symbol("BTC-USDT-SWAP")));
    let call = rig.take_call("trade-fee").unwrap();
    assert_eq!(
        call.target,
        "/api/v5/account/trade-fee?instType=SWAP&instFamily=BTC-USDT"
    );
    rig.reply(
        &call,
        200,
        &json!({"code":"0","msg":"","data":[{"instType":"SWAP","level":"Lv1","maker":"-0.9","taker":"-0.9",
            "makerU":"-0.0002","takerU":"-0.0005","makerUSDC":"0","takerUSDC":"0","ts":"1"}]}),
    );
    rig.rows(
        "leverage-info",
        json!([{"instId":"BTC-USDT-SWAP","mgnMode":"cross","posSide":"net","lever":"10"}]),
    );
    let told = settings(&rig);
    assert_eq!(told.maker_fee.unwrap().to_string(), "0.0002");
    assert_eq!(told.taker_fee.unwrap().to_string(), "0.0005");
    assert_eq!(
        (told.leverage, told.margin),
        (Some(10), Some(MarginMode::Cross))
    );
}

#[test]
fn b20_many_followed_symbols_are_asked_for_one_after_the_other() {
    let mut rig = Rig::ready();
    for name in ["BTC-USDT-SWAP", "ETH-USDT-SWAP", "BTC-USDT"] {
        rig.command(Command::Follow(symbol(name)));
    }
    let asked = |rig: &Rig| {
        let fees = rig.calls.iter().filter(|c| c.target.contains("trade-fee"));
        fees.count()
    };
    assert_eq!(asked(&rig), 1);
    rig.pass(460);
    assert_eq!(asked(&rig), 2);
    rig.pass(1_000);
    assert_eq!(asked(&rig), 3);
    assert!(rig.take_call("instType=SPOT&instId=BTC-USDT").is_some());
}

#[test]
fn leverage_is_set_for_the_margin_mode_in_use_and_with_isolated_legs_for_each() {
    let mut rig = Rig::ready();
    let set = Command::SetLeverage {
        symbol: symbol("BTC-USDT-SWAP"),
        leverage: 5,
    };
    rig.command(set.clone());
    let call = rig.take_call("set-leverage").unwrap();
    assert_eq!(
        call.body,
        "{\"instId\":\"BTC-USDT-SWAP\",\"lever\":\"5\",\"mgnMode\":\"cross\"}"
    );
    let good = json!({"code":"0","msg":"","data":[{"lever":"5"}]});
    rig.reply(&call, 200, &good);
    let setting = Setting::Leverage(symbol("BTC-USDT-SWAP"), 5);
    assert_eq!(outcomes(&rig), [(setting, ACCEPTED)]);
    assert_eq!(settings(&rig).leverage, Some(5));

    let mut rig = Rig::ready_as("2", "long_short_mode");
    rig.command(Command::SetMargin {
        symbol: symbol("BTC-USDT-SWAP"),
        mode: MarginMode::Isolated,
    });
    rig.clear();
    rig.command(set);
    for leg in ["long", "short"] {
        assert!(outcomes(&rig).is_empty());
        let call = rig.take_call("set-leverage").unwrap();
        assert!(
            call.body.contains(&format!("\"posSide\":\"{leg}\"")),
            "{}",
            call.body
        );
        rig.reply(&call, 200, &good);
    }
    assert_eq!(outcomes(&rig), [(setting, ACCEPTED)]);
}

#[test]
fn a_setting_that_the_venue_refuses_is_told_in_words() {
    let mut rig = Rig::ready();
    rig.command(Command::SetPositionMode(PositionMode::Hedge));
    let call = rig.take_call("set-position-mode").unwrap();
    assert_eq!(call.body, "{\"posMode\":\"long_short_mode\"}");
    rig.reply(
        &call,
        200,
        &json!({"code":"59000","msg":"Setting failed. Cancel any open orders, close positions, and stop trading bots first.","data":[]}),
    );
    let told = outcomes(&rig);
    assert!(matches!(&told[0].1, Outcome::Rejected { code: 59_000, .. }));
}

#[test]
fn the_margin_mode_is_each_orders_own_and_not_changed_under_a_position() {
    let mut rig = Rig::ready();
    let swap = symbol("BTC-USDT-SWAP");
    let set = |mode| Command::SetMargin { symbol: swap, mode };
    rig.command(set(MarginMode::Isolated));
    assert_eq!(
        outcomes(&rig),
        [(Setting::Margin(swap, MarginMode::Isolated), ACCEPTED)]
    );
    rig.place("S1a");
    assert_eq!(rig.sent()[0].1["args"][0]["tdMode"], "isolated");
    rig.push("positions", position_json("2", "isolated", rig.venue_ms()));
    rig.clear();
    rig.command(set(MarginMode::Cross));
    assert!(matches!(&outcomes(&rig)[0].1, Outcome::NotSent(words) if words.contains("position")));

    let mut rig = Rig::ready_as("3", "net_mode");
    rig.command(set(MarginMode::Isolated));
    assert!(matches!(&outcomes(&rig)[0].1, Outcome::NotSent(_)));
}
