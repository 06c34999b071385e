use proptest::prelude::*;
use rust_decimal::Decimal;

use super::running::{Running, Traded};
use super::trip::{Setup, Terms, Trip};
use crate::domain::{Account, Asset, MarketKey, Side, Symbol, TradeId, VenueId};
use crate::engine::diary::tally::Tally;

fn key() -> MarketKey {
    MarketKey {
        account: Account::new("main").unwrap(),
        venue: VenueId::new("v").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        leg: None,
    }
}

fn terms() -> Terms {
    Terms {
        settle: Asset::new("USDT").unwrap(),
        base: Asset::new("BTC").unwrap(),
        tick: Decimal::ONE,
        lot: Decimal::ONE,
        multiplier: Decimal::ONE,
        spot_least: None,
    }
}

fn traded(number: u64, size: i64, price: i64, fee: i64) -> Traded {
    Traded {
        trade: TradeId::of_number(number),
        side: if size > 0 { Side::Buy } else { Side::Sell },
        price: Decimal::from(price),
        size: Decimal::from(size.abs()),
        fee: Decimal::from(fee),
        fee_asset: terms().settle,
        fee_worth: None,
        realised: None,
        at_ms: i64::try_from(number).unwrap() * 1_000,
        before: None,
        seen: None,
        setup: Setup::default(),
    }
}

/// A round trip in units of one: what came in less what went out, with a share of each fee.
#[derive(Debug, Default, Clone, PartialEq)]
struct Slow {
    cash: Decimal,
    fees: Decimal,
    largest: i64,
}

/// Takes every unit by itself.
fn slowly(fills: &[(i64, i64, i64)]) -> Vec<Slow> {
    let (mut ended, mut held, mut open) = (Vec::new(), 0i64, Slow::default());
    for (size, price, fee) in fills {
        let step = size.signum();
        for _ in 0..size.abs() {
            open.cash -= Decimal::from(step * price);
            open.fees += Decimal::from(*fee) / Decimal::from(size.abs());
            held += step;
            open.largest = open.largest.max(held.abs());
            if held == 0 {
                ended.push(std::mem::take(&mut open));
            }
        }
    }
    ended
}

fn quickly(fills: &[(i64, i64, i64)]) -> Vec<Trip> {
    let mut running = Running::default();
    let mut ended = Vec::new();
    for (number, (size, price, fee)) in (1..).zip(fills) {
        let traded = traded(number, *size, *price, *fee);
        ended.extend(running.take(key(), &terms(), &traded).ended);
    }
    ended
}

fn fills() -> impl Strategy<Value = Vec<(i64, i64, i64)>> {
    let size = prop_oneof![-6i64..0, 1i64..7];
    prop::collection::vec((size, 90i64..110, -2i64..20), 1..60)
}

fn near(one: Decimal, other: Decimal) -> bool {
    (one - other).abs() < Decimal::new(1, 9)
}

proptest! {
    #[test]
    fn trips_are_those_of_a_count_unit_by_unit(fills in fills()) {
        let (quick, slow) = (quickly(&fills), slowly(&fills));
        prop_assert_eq!(quick.len(), slow.len());
        for (quick, slow) in quick.iter().zip(&slow) {
            prop_assert_eq!(quick.gross, slow.cash);
            prop_assert!(near(quick.paid(), slow.fees), "{} {}", quick.paid(), slow.fees);
            prop_assert_eq!(quick.size, Decimal::from(slow.largest));
            prop_assert!(quick.worst.money <= quick.gross.min(Decimal::ZERO) || near(quick.worst.money, quick.gross));
            prop_assert!(quick.best.money >= quick.gross.max(Decimal::ZERO) || near(quick.best.money, quick.gross));
        }
    }

    #[test]
    fn sums_are_those_of_a_list(fills in fills()) {
        let trips = quickly(&fills);
        let mut tally = Tally::default();
        trips.iter().for_each(|trip| tally.add(trip));
        let nets: Vec<Decimal> = trips.iter().map(Trip::net).collect();
        let won: Vec<Decimal> = nets.iter().copied().filter(|net| *net > Decimal::ZERO).collect();
        let lost: Vec<Decimal> = nets.iter().copied().filter(|net| *net < Decimal::ZERO).collect();
        let sum = |nets: &[Decimal]| nets.iter().sum::<Decimal>();
        let count = |nets: &[Decimal]| Decimal::from(nets.len());
        prop_assert_eq!(tally.net, sum(&nets));
        prop_assert_eq!(tally.wins.net, sum(&won));
        prop_assert_eq!(tally.losses.net, sum(&lost));
        prop_assert_eq!(tally.expectancy(), sum(&nets).checked_div(count(&nets)));
        prop_assert_eq!(tally.win_rate(), count(&won).checked_div(count(&nets)));
        prop_assert_eq!(tally.profit_factor(), sum(&won).checked_div(sum(&lost).abs()));
        let streak = |wanted: fn(&Decimal) -> bool| {
            let runs = nets.split(move |net| !wanted(net)).map(<[Decimal]>::len);
            u64::try_from(runs.max().unwrap_or(0)).unwrap()
        };
        prop_assert_eq!(tally.wins.streak, streak(|net| *net > Decimal::ZERO));
        prop_assert_eq!(tally.losses.streak, streak(|net| *net < Decimal::ZERO));
        let hours: u64 = tally.by_hour.iter().map(|part| part.trips).sum();
        prop_assert_eq!(hours, tally.trips);
        let sides = tally.by_side[0].net + tally.by_side[1].net;
        prop_assert_eq!(sides, tally.net);
    }
}
