//! Spot: balances instead of positions, no reduce-only, a baseline that the trader confirms.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::kit::{ASK, BID, Kit, dec, instrument, key, settings, venue};
use crate::domain::message::{AccountTruth, Balance, LinkState, MarketFact};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::Event;

fn coin(asset: &str, wallet: &str) -> Balance {
    Balance {
        asset: Asset::new(asset).unwrap(),
        wallet: dec(wallet),
        available: None,
    }
}

/// An account that holds 2 BTC of its own at a spot venue.
fn spot(environment: Environment) -> Kit {
    let mut kit = Kit::bare(settings(environment));
    let spot = Instrument {
        kind: InstrumentKind::Spot,
        ..instrument()
    };
    kit.event(Event::Market(
        venue(),
        MarketFact::Instruments(Arc::from([spot])),
    ));
    kit.book(BID, ASK);
    kit.volume(50);
    truth(&mut kit, "2");
    kit.link(LinkState::Ready);
    kit.press(Action::Arm(1));
    kit.forget();
    kit
}

fn truth(kit: &mut Kit, btc: &str) {
    kit.truth(AccountTruth {
        balances: vec![coin("BTC", btc), coin("USDT", "100000")],
        ..AccountTruth::default()
    });
}

fn balance(kit: &mut Kit, btc: &str) {
    let balance = coin("BTC", btc);
    kit.fact(Fact::Balance {
        account: key().account,
        venue: venue(),
        balance,
    });
}

/// A fill alone: no venue tells a position of coins.
fn fill(kit: &mut Kit, order: &NewOrder, qty: i64, price: &str, fee: (&str, &str)) {
    let fill = Fill {
        fee: dec(fee.0),
        fee_asset: Asset::new(fee.1).unwrap(),
        ..kit.fill_of(order, qty, price)
    };
    kit.fact(Fact::Fill(fill));
}

/// 0.050 bought at the bid, the fee of 0.1 % taken in coins.
fn long(kit: &mut Kit) {
    let order = kit.rest(Action::Join(Side::Buy));
    fill(kit, &order, 50, "60000.0", ("0.00005", "BTC"));
    kit.report(&order, OrderStatus::Filled, 50);
    balance(kit, "2.04995");
    kit.forget();
}

#[test]
fn coins_that_were_there_are_no_position_and_are_not_sold() {
    let mut kit = spot(Environment::Sim);
    assert_eq!(kit.size(), Decimal::ZERO);
    kit.press(Action::Now(Side::Sell));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("no short"), "{:?}", kit.said);
    kit.press(Action::Close(100));
    assert!(kit.placed().is_empty());
    kit.press(Action::Panic);
    kit.wait(2_000);
    truth(&mut kit, "2");
    kit.wait(2_000);
    assert!(kit.placed().is_empty(), "{:?}", kit.placed());
}

#[test]
fn a_position_is_own_fills_less_fees_in_coins() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    assert_eq!(kit.size(), dec("0.04995"));
    let own = kit.market().ledger.own();
    assert_eq!(own.fees, dec("3"));
    kit.wait(5_000);
    assert!(!kit.market().ledger.is_mismatch());
    kit.press(Action::Close(100));
    let order = kit.only();
    assert_eq!(
        (order.side, order.qty, order.intent),
        (Side::Sell, Qty(49), Intent::Exit)
    );
}

#[test]
fn truth_without_positions_does_not_make_flat() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    truth(&mut kit, "2.04995");
    assert_eq!(kit.size(), dec("0.04995"));
}

#[test]
fn coins_that_went_away_are_a_mismatch() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    balance(&mut kit, "0.01");
    kit.wait(1_000);
    assert!(
        !kit.market().ledger.is_mismatch(),
        "a moment's difference is none"
    );
    kit.wait(2_000);
    assert!(kit.market().ledger.is_mismatch());
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!(kit.only().qty, Qty(10), "never more than there is");
}

#[test]
fn with_real_money_the_trader_says_first_what_is_lancets() {
    let mut kit = spot(Environment::Demo);
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
    assert!(kit.heard(":baseline"), "{:?}", kit.said);
    kit.line("baseline 3");
    assert!(kit.heard("between 0 and that"), "{:?}", kit.said);
    kit.line("baseline 0");
    kit.press(Action::Join(Side::Buy));
    assert_eq!(kit.placed().len(), 1, "{:?}", kit.said);
}

#[test]
fn what_an_earlier_session_left_is_taken_over_by_its_size() {
    let mut kit = spot(Environment::Demo);
    kit.line("baseline 0.5");
    assert_eq!(kit.size(), dec("0.5"));
    kit.press(Action::Close(100));
    assert_eq!(kit.only().qty, Qty(500));
}

#[test]
fn a_close_waits_until_the_take_in_its_way_is_proved_gone() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    kit.line("take +100t");
    let take = kit.only();
    kit.accepted(take.id);
    kit.report(&take, OrderStatus::Working, 0);
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!(kit.cancelled(), [take.id]);
    assert!(kit.placed().is_empty(), "both could sell the same coins");
    kit.report(&take, OrderStatus::Cancelled, 0);
    kit.wait(100);
    assert_eq!(kit.only().qty, Qty(49));
}

#[test]
fn another_close_waits_for_proof_of_the_last() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    kit.press(Action::Close(100));
    let first = kit.only();
    kit.wait(2_000);
    assert_eq!(kit.placed().len(), 1, "its outcome is not known");
    kit.report(&first, OrderStatus::Expired, 0);
    kit.wait(500);
    assert_eq!(kit.placed().len(), 2);
    assert_eq!(kit.placed()[1].qty, Qty(49));
}

#[test]
fn exits_together_sell_no_more_than_what_is_held() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    for _ in 0..5 {
        kit.press(Action::Improve(Side::Sell));
        kit.press(Action::Now(Side::Sell));
        kit.press(Action::TakeAtCursor);
        kit.wait(700);
    }
    let sold: i64 = kit
        .placed()
        .iter()
        .filter(|o| o.side == Side::Sell)
        .map(|o| o.qty.0)
        .sum();
    assert_eq!(sold, 49, "{:?}", kit.placed());
}

#[test]
fn panic_sells_what_is_lancets_after_everything_else_is_gone() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    let entry = kit.rest(Action::AtCursor(Side::Buy));
    kit.forget();
    kit.press(Action::Panic);
    assert_eq!(kit.cancelled(), [entry.id]);
    assert!(kit.placed().is_empty());
    kit.report(&entry, OrderStatus::Cancelled, 0);
    kit.wait(100);
    truth(&mut kit, "2.04995");
    kit.wait(100);
    let close = kit.only();
    assert_eq!((close.qty, close.kind), (Qty(49), OrderKind::Market));
    kit.wait(5_000);
    assert_eq!(kit.placed().len(), 1, "the last close is not proved");
    fill(&mut kit, &close, 49, "59999.0", ("2.9", "USDT"));
    kit.report(&close, OrderStatus::Filled, 49);
    balance(&mut kit, "2.00095");
    truth(&mut kit, "2.00095");
    kit.wait(3_000);
    truth(&mut kit, "2.00095");
    kit.wait(3_000);
    assert_eq!(
        kit.placed().len(),
        1,
        "what is left is dust and the account's own"
    );
}

#[test]
fn the_stop_is_lancets_own_and_closes_when_the_bid_reaches_it() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    kit.press_at(Action::StopAtCursor, Some(BID - 100));
    kit.wait(1_000);
    assert!(kit.placed().is_empty(), "no order carries it");
    assert!(!kit.market().protection.is_naked());
    kit.book(BID - 99, ASK - 99);
    kit.event(Event::Tick);
    assert!(kit.placed().is_empty());
    kit.book(BID - 100, ASK - 99);
    kit.event(Event::Tick);
    assert_eq!(kit.only().qty, Qty(49));
    assert!(kit.heard("fired"), "{:?}", kit.said);
}

#[test]
fn a_stop_of_lancets_own_sees_nothing_without_a_book_and_says_so() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    kit.press_at(Action::StopAtCursor, Some(BID - 100));
    kit.book_in(BookState::Down("gone".to_owned()), BID, ASK);
    for _ in 0..3 {
        kit.silence(1_000);
    }
    assert!(kit.market().protection.is_naked());
    assert!(kit.heard("NAKED"), "{:?}", kit.said);
}

#[test]
fn there_is_no_reverse() {
    let mut kit = spot(Environment::Sim);
    long(&mut kit);
    kit.press(Action::Reverse);
    assert!(kit.placed().is_empty());
    assert!(kit.heard("no other side"), "{:?}", kit.said);
}

#[test]
fn what_is_worth_less_than_the_least_order_is_dust_and_panic_ends_with_it() {
    let mut kit = spot(Environment::Sim);
    kit.volume(1);
    let order = kit.rest(Action::Join(Side::Buy));
    fill(&mut kit, &order, 1, "60000.0", ("0", "USDT"));
    kit.report(&order, OrderStatus::Filled, 1);
    balance(&mut kit, "2.001");
    kit.forget();
    // One lot was worth 60 and is worth 48 now; the least order is 50.
    kit.book(BID / 5 * 4, ASK / 5 * 4);
    kit.press(Action::Close(100));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("dust"), "{:?}", kit.said);
    kit.press(Action::Panic);
    for _ in 0..4 {
        kit.wait(500);
        truth(&mut kit, "2.001");
    }
    assert!(kit.placed().is_empty(), "{:?}", kit.placed());
    assert!(kit.market().panic.is_none(), "panic goes on");
}
