//! What a preview says is what the press does.

use std::sync::Arc;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::kit::*;
use super::properties::{Run, step};
use crate::domain::message::{MarginMode, PositionMode, SymbolSettings};
use crate::domain::*;
use crate::engine::action::{ACTIONS, Action};
use crate::engine::effect::{Effect, Effects, Loudness};
use crate::engine::event::{Event, Press};
use crate::engine::preview::{self, Foreseen, Preview};

fn press(kit: &Kit, action: Action, cursor: Option<i64>, drift: i64) -> Press {
    let market = kit.desk.market(&key());
    let drawn = |side| {
        let best = market.and_then(|market| market.best(side));
        best.map(|best| Price(best.0 + drift))
    };
    Press {
        action,
        key: key(),
        cursor: cursor.map(Price),
        row: None,
        pointed: false,
        drawn: (drawn(Side::Buy), drawn(Side::Sell)),
        at: kit.now,
    }
}

fn foreseen(kit: &Kit, action: Action, cursor: i64) -> Foreseen {
    let press = press(kit, action, Some(cursor), 0);
    match preview::of(&kit.desk, kit.now, &press) {
        Some(Ok(Preview::Order(foreseen))) => foreseen,
        other => panic!("{action:?}: {other:?}"),
    }
}

fn refused(kit: &Kit, action: Action) -> String {
    let press = press(kit, action, Some(BID - 5), 0);
    preview::of(&kit.desk, kit.now, &press)
        .unwrap()
        .unwrap_err()
}

fn commands(effects: &Effects) -> Vec<Command> {
    let sent = effects.0.iter().filter_map(|effect| match effect {
        Effect::Send(command) => Some(command.clone()),
        _ => None,
    });
    sent.collect()
}

/// Presses on a copy of the desk and holds what happens against what was foreseen; `None` where nothing was.
fn holds(kit: &Kit, press: &Press) -> Option<Result<(), String>> {
    let foreseen = preview::of(&kit.desk, kit.now, press)?;
    let mut desk = kit.desk.clone();
    let effects = desk.handle(kit.now, Event::Press(*press));
    let commands = commands(&effects);
    let placed = |order: &NewOrder| {
        let named = commands.iter().find_map(|command| match command {
            Command::Place(sent) if sent.get().id == order.id => Some(*sent.get()),
            _ => None,
        });
        named == Some(*order)
    };
    let held = match &foreseen {
        Ok(Preview::Order(foreseen)) => placed(&foreseen.order),
        // No waiting order can be changed in place: it goes, and another takes its place.
        Ok(Preview::Move(moved)) if moved.amend.order.class == OrderClass::Conditional => {
            let goes = |command: &Command| matches!(command, Command::Cancel { order, .. } if *order == moved.amend.order);
            commands.iter().any(goes)
        }
        Ok(Preview::Move(moved)) => commands
            .iter()
            .any(|command| matches!(command, Command::Amend(sent) if *sent.get() == moved.amend)),
        Ok(Preview::Stop(stop)) => {
            let wanted = desk
                .market(&key())
                .and_then(|market| market.protection.stop);
            let sent = commands.iter().all(|command| match command {
                Command::Place(order) if order.get().kind.trigger().is_some() => {
                    let order = order.get();
                    (order.side, order.kind.trigger()) == (stop.side, Some(stop.trigger))
                }
                _ => true,
            });
            wanted.is_some_and(|wanted| wanted.trigger == stop.trigger) && sent
        }
        Err(why) => {
            let said = Effect::Notice(Loudness::Warn, why.clone());
            let sent = commands.iter().any(|command| match command {
                Command::Amend(_) => true,
                Command::Place(order) => order.get().intent == Intent::Entry,
                _ => false,
            });
            effects.0.contains(&said) && !sent
        }
    };
    Some(if held {
        Ok(())
    } else {
        Err(format!(
            "{:?}: foreseen {foreseen:?}, came {effects:?}",
            press.action
        ))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_preview_never_disagrees_with_the_press(
        steps in prop::collection::vec(step(), 0..50),
        lots in prop_oneof![1..9_i64, 1..400_i64, 1_000..9_000_i64],
        cursor in prop::option::of(-300..300_i64),
        drift in prop_oneof![3 => Just(0), 1 => -40..40_i64],
        is_live in prop::bool::weighted(0.8),
        is_hedge in prop::bool::weighted(0.05),
        selects in 0..3_u8,
    ) {
        let mut run = Run::new(50, 4);
        for step in &steps {
            run.take(step);
        }
        let kit = &mut run.kit;
        kit.volume(lots);
        if is_hedge {
            kit.mode(PositionMode::Hedge, true);
        }
        if is_live {
            kit.link(message::LinkState::Ready);
            kit.wait(5_000);
        }
        for _ in 0..selects {
            kit.press(Action::SelectNext);
        }
        for row in ACTIONS {
            let press = press(kit, row.action, cursor.map(|cursor| BID + cursor), drift);
            if let Some(Err(words)) = holds(kit, &press) {
                prop_assert!(false, "{}", words);
            }
        }
    }

    #[test]
    fn the_expected_average_is_that_of_a_naive_walk(
        sizes in prop::collection::vec(1..9_i64, 1..12),
        gaps in prop::collection::vec(1..6_i64, 12),
        lots in 1..60_i64,
        through in 1..30_i64,
        side in prop_oneof![Just(Side::Buy), Just(Side::Sell)],
    ) {
        let mut set = settings(Environment::Sim);
        set.now_through = Decimal::ZERO;
        set.now_ticks = through;
        let mut kit = Kit::with(set);
        let sign = side.sign();
        let first = if side == Side::Buy { ASK } else { BID };
        let mut price = first;
        let mut levels = Vec::new();
        for (size, gap) in sizes.iter().zip(&gaps) {
            levels.push(Level { price: Price(price), qty: Qty(*size) });
            price += gap * sign;
        }
        show(&mut kit, side.opposite(), &levels);
        kit.volume(lots);
        // One lot after another, as a venue fills them.
        let limit = first + through * sign;
        let each = levels.iter().flat_map(|level| vec![level.price.0; level.qty.0 as usize]);
        let taken: Vec<i64> = each
            .take(lots as usize)
            .take_while(|price| (limit - price) * sign >= 0)
            .collect();
        let foreseen = foreseen(&kit, Action::Now(side), BID - 5);
        let took = foreseen.takes.unwrap();
        prop_assert_eq!(took.qty.0, taken.len() as i64);
        prop_assert_eq!(took.worst.0, *taken.last().unwrap());
        let average = Decimal::from(taken.iter().sum::<i64>()) / Decimal::from(taken.len()) / dec("10");
        prop_assert_eq!(took.average.round_dp(12), average.round_dp(12));
        let ended = taken.len() < lots as usize && (limit - levels.last().unwrap().price.0) * sign >= 0;
        prop_assert_eq!(took.is_all_seen, !ended);
    }
}

/// A book with these levels on one half and the kit's best price on the other.
fn show(kit: &mut Kit, half: Side, levels: &[Level]) {
    let other = |price| Level {
        price: Price(price),
        qty: Qty(600),
    };
    let best = levels[0];
    let (bids, asks): (Vec<Level>, Vec<Level>) = match half {
        Side::Buy => (levels.to_vec(), vec![other(ASK)]),
        Side::Sell => (vec![other(BID)], levels.to_vec()),
    };
    kit.event(Event::Touch(
        venue(),
        Touch {
            symbol: key().symbol,
            bid: bids.first().copied(),
            ask: asks.first().copied(),
            live: true,
            proved: kit.now,
            at: kit.now,
            venue_ms: 0,
        },
    ));
    kit.event(Event::Depth(
        venue(),
        Arc::new(Depth {
            symbol: key().symbol,
            state: BookState::Live,
            bids: bids.into(),
            asks: asks.into(),
            known_down_to: None,
            known_up_to: None,
            proved: kit.now,
            changed: kit.now,
            lag_ms: 1,
            gaps: 0,
        }),
    ));
    assert_eq!(kit.market().best(half), Some(best.price));
}

#[test]
fn the_cost_of_a_round_trip_is_both_fees_and_the_spread_in_ticks() {
    let mut kit = Kit::ready();
    let cost = |kit: &Kit, action| foreseen(kit, action, BID - 5).cost_ticks;
    // 60 000.0 × (0.0002 + 0.0005) = 42.0
    assert_eq!(cost(&kit, Action::Join(Side::Buy)), Some(420));
    // 59 999.5 × 0.0007 = 41.99965
    assert_eq!(cost(&kit, Action::AtCursor(Side::Buy)), Some(420));
    // 0.3 + 60 000.3 × 0.0005 + 60 000.0 × 0.0005 = 60.30015
    assert_eq!(cost(&kit, Action::Now(Side::Buy)), Some(604));
    assert_eq!(cost(&kit, Action::Now(Side::Sell)), Some(604));
    kit.long(50);
    assert_eq!(
        cost(&kit, Action::Close(100)),
        None,
        "an exit opens nothing"
    );
    let unknown = SymbolSettings {
        key: key(),
        leverage: None,
        margin: None,
        maker_fee: None,
        taker_fee: None,
    };
    kit.fact(Fact::Settings(unknown));
    let join = foreseen(&kit, Action::Join(Side::Buy), BID - 5);
    assert_eq!(
        (join.cost_ticks, join.fee),
        (None, None),
        "no fee is no guess"
    );
}

#[test]
fn fees_and_the_position_are_those_of_what_trades() {
    let mut kit = Kit::ready();
    let join = foreseen(&kit, Action::Join(Side::Buy), BID - 5);
    assert_eq!(join.fee, Some(dec("0.6")));
    assert_eq!(join.after, Some((dec("0.05"), dec("60000"))));
    assert_eq!((join.takes, join.ahead), (None, Some(Qty(600))));
    kit.long(50);
    let now = foreseen(&kit, Action::Now(Side::Buy), BID - 5);
    assert_eq!(now.after, Some((dec("0.1"), dec("60000.15"))));
    assert_eq!(now.fee, Some(dec("1.5000075")));
    let close = foreseen(&kit, Action::Close(100), BID - 5);
    assert_eq!(close.after, Some((dec("0"), dec("0"))));
    // A part of it takes at the cursor and the rest waits there.
    let ten = [Level {
        price: Price(BID),
        qty: Qty(10),
    }];
    kit.volume(40);
    show(&mut kit, Side::Buy, &ten);
    let cross = foreseen(&kit, Action::AtCursor(Side::Sell), BID);
    assert_eq!(cross.takes.map(|taken| taken.qty), Some(Qty(10)));
    assert_eq!(cross.after.map(|after| after.0), Some(dec("0.01")));
    // 60 000 × (0.010 × 0.0005 + 0.030 × 0.0002)
    assert_eq!(cross.fee, Some(dec("0.66")));
}

#[test]
fn what_is_ahead_is_the_level_and_nothing_inside_the_spread() {
    let kit = Kit::ready();
    let ahead = |action, cursor| foreseen(&kit, action, cursor).ahead;
    assert_eq!(ahead(Action::Improve(Side::Buy), BID), Some(Qty(0)));
    assert_eq!(ahead(Action::AtCursor(Side::Buy), BID - 7), Some(Qty(600)));
    assert_eq!(
        ahead(Action::AtCursor(Side::Buy), BID - 50),
        None,
        "the picture does not reach"
    );
}

#[test]
fn refusals_are_the_sentences_of_the_press() {
    let mut kit = Kit::ready();
    kit.volume(1_700);
    assert_eq!(
        refused(&kit, Action::Join(Side::Buy)),
        "order is worth 102000, your limit is 100000"
    );
    assert_eq!(
        refused(&kit, Action::Close(100)),
        "BTCUSDT is FLAT: nothing to close"
    );
    kit.silence(3_000);
    assert_eq!(
        refused(&kit, Action::Now(Side::Buy)),
        "book is STALE (silent 3.0s): entries wait"
    );
    kit.press(Action::Lock);
    assert!(refused(&kit, Action::Close(100)).starts_with("LOCKED (your key)"));
}

#[test]
fn a_moved_order_loses_its_place_whichever_way_it_is_changed() {
    let mut kit = Kit::ready();
    kit.rest_at(Action::AtCursor(Side::Buy), BID - 9);
    kit.volume(30);
    for (action, price, left) in [
        (Action::Move(1), BID - 8, 50),
        (Action::MoveToCursor, BID - 5, 50),
        (Action::Resize, BID - 9, 30),
    ] {
        let press = press(&kit, action, Some(BID - 5), 0);
        let Some(Ok(Preview::Move(moved))) = preview::of(&kit.desk, kit.now, &press) else {
            panic!("{action:?}");
        };
        assert_eq!((moved.amend.price, moved.left), (Price(price), Qty(left)));
        assert_eq!(
            (moved.ahead, moved.ahead_then),
            (Some(Qty(600)), Some(Qty(600)))
        );
    }
}

#[test]
fn a_stop_says_what_it_leaves_and_a_wider_one_asks_for_a_second_press() {
    let mut kit = Kit::ready();
    kit.long(50);
    let stop = |kit: &Kit, cursor| {
        let press = press(kit, Action::StopAtCursor, Some(cursor), 0);
        preview::of(&kit.desk, kit.now, &press).unwrap()
    };
    let Ok(Preview::Stop(put)) = stop(&kit, BID - 100) else {
        panic!("no stop");
    };
    assert_eq!(
        (put.side, put.qty, put.trigger),
        (Side::Sell, Qty(50), Price(BID - 100))
    );
    // −10 × 0.05 − 59 990 × 0.05 × 0.0005
    assert_eq!(put.result, Some(dec("-1.99975")));
    kit.press_at(Action::StopAtCursor, Some(BID - 100));
    let wider = "that is further away: press again to widen the stop";
    assert_eq!(stop(&kit, BID - 120), Err(wider.to_owned()));
    kit.press_at(Action::StopAtCursor, Some(BID - 120));
    assert!(stop(&kit, BID - 120).is_ok(), "the second press does it");
    assert!(
        stop(&kit, BID - 121).is_err(),
        "somewhere else it is the first"
    );
}

/// A long of 0.05 at 60 000, ten times levered, that the venue liquidates at this price.
fn levered(margin: MarginMode, liquidation: Option<&str>) -> Kit {
    let mut kit = Kit::ready();
    kit.fact(Fact::Settings(SymbolSettings {
        key: key(),
        leverage: Some(10),
        margin: Some(margin),
        maker_fee: Some(dec("0.0002")),
        taker_fee: Some(dec("0.0005")),
    }));
    kit.fact(Fact::Balance {
        account: key().account,
        venue: venue(),
        balance: message::Balance {
            asset: Asset::new("USDT").unwrap(),
            wallet: dec("1000"),
            available: None,
        },
    });
    kit.long(50);
    let report = PositionReport {
        liquidation: liquidation.map(dec),
        ..kit.position_of(dec("0.05"), dec("60000"))
    };
    kit.fact(Fact::Position(report));
    kit
}

fn liquidation(kit: &Kit, action: Action) -> Option<Decimal> {
    let found = foreseen(kit, action, BID - 5).liquidation;
    found.map(|liquidation| liquidation.price.round_dp(2))
}

#[test]
fn the_liquidation_after_an_order_starts_from_the_venues_number() {
    // Margin 300, rate 0.004: (3 000 − 300) / (0.05 × 0.996).
    let isolated = levered(MarginMode::Isolated, Some("54216.867469879518"));
    // 0.1 at 60 000.15 with 600.0015: (6 000.015 − 600.0015) / (0.1 × 0.996).
    let more = liquidation(&isolated, Action::Now(Side::Buy));
    assert_eq!(more, Some(dec("54217.00")));
    let part = liquidation(&isolated, Action::Close(50));
    assert_eq!(
        part,
        Some(dec("54216.87")),
        "its share of the margin goes along"
    );
    assert_eq!(liquidation(&isolated, Action::Close(100)), None, "flat");
    // Wallet 1 000, rate 0.004: (3 000 − 1 000) / (0.05 × 0.996), then (6 000.015 − 1 000) / (0.1 × 0.996).
    let cross = levered(MarginMode::Cross, Some("40160.64257"));
    let more = liquidation(&cross, Action::Now(Side::Buy));
    assert_eq!(more, Some(dec("50200.95")));
}

#[test]
fn no_liquidation_is_guessed_where_the_venue_gives_nothing_to_start_from() {
    let none = levered(MarginMode::Isolated, None);
    assert_eq!(liquidation(&none, Action::Now(Side::Buy)), None);
    let by_hand = levered(MarginMode::Isolated, Some("40000"));
    assert_eq!(
        liquidation(&by_hand, Action::Now(Side::Buy)),
        None,
        "margin was added by hand"
    );
    let mut shared = levered(MarginMode::Cross, Some("40160.64257"));
    let other = MarketKey {
        symbol: Symbol::new("ETHUSDT").unwrap(),
        ..key()
    };
    let report = PositionReport {
        key: other,
        ..shared.position_of(dec("1"), dec("3000"))
    };
    shared.fact(Fact::Position(report));
    assert_eq!(
        liquidation(&shared, Action::Now(Side::Buy)),
        None,
        "another position shares the wallet"
    );
}
