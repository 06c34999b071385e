//! Fees, profit, margin, funding.

use super::kit::*;
use crate::domain::TimeInForce::{Gtc, Ioc};
use crate::domain::message::{Asked, Setting};
use crate::domain::*;
use crate::paper::{In, Terms};

fn last_fill(kit: &Kit) -> Fill {
    let fills = kit.told.iter().rev().find_map(|fact| match fact {
        Fact::Fill(fill) => Some(*fill),
        _ => None,
    });
    fills.unwrap()
}

#[test]
fn takers_and_makers_pay_their_own_rates_and_profit_is_realised_against_the_average() {
    let mut kit = Kit::ready();
    kit.enter(Side::Buy, 7, limit(102, Ioc));
    // 3 at 101 and 4 at 102: worth 711, two in a thousand.
    assert_eq!(kit.wallet("USDT").0, dec("100000") - dec("1.422"));
    let id = kit.exit(Side::Sell, 7, limit(110, Gtc));
    kit.print(Side::Buy, 115, 100);
    assert_eq!(kit.status(id), OrderStatus::Filled);
    let fill = last_fill(&kit);
    assert_eq!(fill.liquidity, Liquidity::Maker);
    assert_eq!(fill.fee, dec("0.77"));
    assert_eq!(fill.realised.unwrap().round_dp(6), dec("59"));
    let (wallet, free) = kit.wallet("USDT");
    assert_eq!(
        wallet.round_dp(6),
        dec("100000") + dec("59") - dec("1.422") - dec("0.77")
    );
    assert_eq!(free, wallet, "nothing is held when flat");
}

#[test]
fn margin_bounds_entries_alone() {
    let terms = Terms {
        balance: dec("50"),
        ..terms()
    };
    let mut kit = Kit::with(terms, instrument());
    // 500 of the quote currency at 10 times.
    let id = kit.enter(Side::Buy, 6, limit(99, Gtc));
    let Some(Outcome::Rejected { words, .. }) = kit.answer(id, Asked::Place) else {
        panic!("{:?}", kit.told);
    };
    assert!(words.contains("59.4") && words.contains("50"), "{words}");
    let id = kit.enter(Side::Buy, 4, limit(99, Gtc));
    assert_eq!(kit.status(id), OrderStatus::Working);
    assert_eq!(kit.wallet("USDT").1, dec("10.4"));
    // The other side of the same symbol is held once.
    let id = kit.enter(Side::Sell, 4, limit(101, Gtc));
    assert_eq!(kit.status(id), OrderStatus::Working);
    assert_eq!(kit.wallet("USDT").1, dec("9.6"));
    kit.on(In::Command(Command::SetLeverage {
        symbol: symbol(),
        leverage: 20,
    }));
    kit.wait(40);
    let accepted = kit.told.iter().any(|fact| {
        matches!(
            fact,
            Fact::Set {
                setting: Setting::Leverage(_, 20),
                outcome: Outcome::Accepted { .. },
                ..
            }
        )
    });
    assert!(accepted);
    assert_eq!(kit.wallet("USDT").1, dec("29.8"));
}

#[test]
fn funding_is_booked_once_an_interval_at_what_was_told_last_of_it() {
    let mut kit = Kit::ready();
    kit.enter(Side::Buy, 3, limit(101, Ioc));
    let due = kit.now.wall_ms() + 1_000;
    kit.mark("100", "0.0001", due);
    kit.mark("200", "0.001", due);
    let funded = |kit: &Kit| -> Vec<String> {
        let amounts = kit.told.iter().filter_map(|fact| match fact {
            Fact::Funding { amount, .. } => Some(amount.normalize().to_string()),
            _ => None,
        });
        amounts.collect()
    };
    assert!(funded(&kit).is_empty());
    kit.wait(1_500);
    let before = kit.wallet("USDT").0;
    kit.mark("300", "0.5", due + 28_800_000);
    kit.mark("300", "0.5", due + 28_800_000);
    assert_eq!(funded(&kit), ["-0.6"], "longs pay");
    assert_eq!(kit.wallet("USDT").0, before - dec("0.6"));
}

#[test]
fn settings_tell_the_fees_of_the_venue() {
    let mut kit = Kit::ready();
    kit.on(In::Command(Command::Follow(symbol())));
    kit.wait(40);
    let settings = kit.told.iter().find_map(|fact| match fact {
        Fact::Settings(settings) => Some(*settings),
        _ => None,
    });
    let settings = settings.unwrap();
    assert_eq!(settings.maker_fee, Some(dec("0.001")));
    assert_eq!(settings.taker_fee, Some(dec("0.002")));
    assert_eq!(settings.leverage, Some(10));
}

#[test]
fn spot_moves_two_wallets_takes_fees_of_what_is_received_and_never_sells_what_is_not_there() {
    let mut kit = Kit::with(terms(), spot());
    let short = kit.enter(Side::Sell, 1, limit(99, Ioc));
    let Some(Outcome::Rejected { words, .. }) = kit.answer(short, Asked::Place) else {
        panic!("{:?}", kit.told);
    };
    assert!(words.contains("BTC"), "{words}");
    kit.enter(Side::Buy, 3, limit(101, Ioc));
    let fill = last_fill(&kit);
    assert_eq!((fill.fee, fill.fee_asset.as_str()), (dec("0.06"), "BTC"));
    assert_eq!(kit.wallet("BTC").0, dec("2.94"));
    assert_eq!(kit.wallet("USDT").0, dec("100000") - dec("303"));
    // Three are more than what is left of them; an exit is a plain order here.
    let all = kit.exit(Side::Sell, 3, limit(99, Ioc));
    assert!(matches!(
        kit.answer(all, Asked::Place),
        Some(Outcome::Rejected { .. })
    ));
    let id = kit.exit(Side::Sell, 2, limit(105, Gtc));
    assert_eq!(kit.wallet("BTC"), (dec("2.94"), dec("0.94")));
    assert!(!kit.report(id).reduce_only);
    kit.print(Side::Buy, 106, 5);
    let fill = last_fill(&kit);
    assert_eq!((fill.fee, fill.fee_asset.as_str()), (dec("2.1"), "USDT"));
    assert_eq!(kit.wallet("BTC"), (dec("0.94"), dec("0.94")));
    let positions = kit
        .told
        .iter()
        .any(|fact| matches!(fact, Fact::Position(_)));
    assert!(!positions, "on spot there are balances alone");
}

#[test]
fn spot_takes_no_conditional_orders() {
    let mut kit = Kit::with(terms(), spot());
    kit.enter(Side::Buy, 3, limit(101, Ioc));
    let id = kit.exit(Side::Sell, 2, stop(97, TriggerBy::Last));
    assert!(matches!(
        kit.answer(id, Asked::Place),
        Some(Outcome::Rejected { .. })
    ));
}
