use proptest::prelude::*;

use super::*;
use crate::domain::{self, Qty, Stamp, Symbol};

fn step() -> Step {
    Step::parse("0.1").unwrap()
}

fn level(price: &str, label: &str) -> Level {
    Level {
        price: price.parse().unwrap(),
        label: label.to_owned(),
    }
}

fn watched(rearm: i64, prices: &[i64]) -> Watched {
    let mut watched = Watched::new((rearm, Decimal::ZERO));
    watched.learn(step());
    for price in prices {
        let price = step().decimal(*price);
        let label = price.to_string();
        watched.set(Level { price, label }).unwrap();
    }
    watched
}

fn touch(bid: i64, ask: i64) -> Touch {
    let at = |price| {
        Some(domain::Level {
            price: Price(price),
            qty: Qty(1),
        })
    };
    Touch {
        symbol: Symbol::new("BTCUSDT").unwrap(),
        bid: at(bid),
        ask: at(ask),
        live: true,
        proved: Stamp::default(),
        at: Stamp::default(),
        venue_ms: 0,
    }
}

fn prices(hits: &[Hit]) -> Vec<(i64, bool)> {
    hits.iter().map(|hit| (hit.price.0, hit.rises)).collect()
}

#[test]
fn a_level_is_hit_once_and_again_only_after_the_price_was_away() {
    let mut watched = watched(5, &[110]);
    assert!(watched.touch(&touch(100, 101)).is_empty());
    assert_eq!(prices(&watched.touch(&touch(109, 110))), [(110, true)]);
    assert!(watched.marks()[0].is_hit);
    assert!(watched.touch(&touch(108, 109)).is_empty());
    assert!(watched.touch(&touch(109, 110)).is_empty(), "not away yet");
    assert!(watched.touch(&touch(100, 101)).is_empty());
    assert!(!watched.marks()[0].is_hit, "away");
    assert_eq!(prices(&watched.trade(Price(120))), []);
    assert_eq!(prices(&watched.touch(&touch(119, 120))), [(110, true)]);
}

#[test]
fn a_level_where_a_price_stands_waits_until_one_comes_there_anew() {
    let mut watched = watched(5, &[]);
    watched.touch(&touch(100, 101));
    watched.set(level("10", "")).unwrap();
    assert!(watched.touch(&touch(100, 101)).is_empty());
    assert_eq!(prices(&watched.touch(&touch(99, 100))), [(100, false)]);
}

#[test]
fn an_old_trade_crosses_nothing() {
    let mut watched = watched(5, &[]);
    watched.trade(Price(100));
    watched.touch(&touch(199, 201));
    watched.set(level("15", "")).unwrap();
    assert!(watched.trade(Price(200)).is_empty());
    assert_eq!(prices(&watched.trade(Price(140))), [(150, false)]);
}

#[test]
fn a_book_that_is_not_live_hits_nothing() {
    let mut watched = watched(5, &[110]);
    watched.touch(&touch(100, 101));
    let old = Touch {
        live: false,
        ..touch(120, 121)
    };
    assert!(watched.touch(&old).is_empty());
    assert_eq!(prices(&watched.touch(&touch(120, 121))), [(110, true)]);
}

#[test]
fn a_level_lies_at_the_nearest_tick_keeps_its_digits_and_follows_another_tick() {
    let mut watched = Watched::new((5, Decimal::ZERO));
    watched.set(level("61200.06", "high")).unwrap();
    watched.set(level("61100", "low")).unwrap();
    assert!(watched.marks().is_empty());
    watched.learn(step());
    let at: Vec<i64> = watched.marks().iter().map(|mark| mark.price.0).collect();
    assert_eq!(at, [611_000, 612_001]);
    assert_eq!(watched.levels()[1], level("61200.06", "high"));
    watched.learn(Step::parse("0.01").unwrap());
    assert_eq!(watched.marks()[1].price, Price(6_120_006));
    assert_eq!(watched.remove(Price(6_120_000), Price(6_120_010)), 1);
    assert_eq!(watched.levels(), [level("61100", "low")]);
    assert!(watched.set(level("0", "")).is_err());
    assert!(watched.set(level("-3", "")).is_err());
    assert_eq!(watched.remove(Price(9), Price(3)), 0);
}

#[test]
fn there_are_not_more_than_a_hundred() {
    let mut watched = watched(5, &(1..=MOST as i64).collect::<Vec<_>>());
    assert!(watched.set(level("99999", "")).is_err());
    assert!(watched.set(level("0.1", "new words")).is_ok());
    assert_eq!(&*watched.marks()[0].label, "new words");
}

#[test]
fn away_is_ticks_and_a_part_of_the_level() {
    let away = |price, fraction: &str| {
        is_away(
            10_000,
            [Some(price), None, None],
            (20, fraction.parse().unwrap()),
        )
    };
    assert!(away(10_020, "0") && !away(10_019, "0"));
    assert!(away(9_950, "0.005") && !away(9_951, "0.005"));
    assert!(!is_away(100, [None; 3], (1, Decimal::ZERO)));
    assert!(!is_away(
        100,
        [Some(50), Some(150), None],
        (1, Decimal::ZERO)
    ));
}

/// What a price did, told slowly: every tick on its way, one after another.
fn slow_path(before: i64, now: i64) -> Vec<i64> {
    let mut at = before;
    let mut path = Vec::new();
    while at != now {
        at += (now - at).signum();
        path.push(at);
    }
    path
}

#[derive(Default)]
struct Slow {
    bid: Option<i64>,
    ask: Option<i64>,
    trade: Option<i64>,
    hit: Vec<i64>,
}

impl Slow {
    fn walk(&mut self, levels: &[i64], before: Option<i64>, now: i64) -> Vec<(i64, bool)> {
        let mut hits = Vec::new();
        for at in before.map_or(Vec::new(), |before| slow_path(before, now)) {
            if levels.contains(&at) && !self.hit.contains(&at) {
                self.hit.push(at);
                hits.push((at, now > before.unwrap()));
            }
        }
        hits
    }

    fn arm(&mut self, rearm: i64) {
        let known: Vec<i64> = [self.bid, self.ask, self.trade]
            .into_iter()
            .flatten()
            .collect();
        self.hit.retain(|level| {
            let above = known.iter().all(|price| price - level >= rearm);
            let below = known.iter().all(|price| level - price >= rearm);
            !(above || below)
        });
    }
}

proptest! {
    #[test]
    fn levels_fire_exactly_when_a_slow_walk_says_so(
        levels in proptest::collection::btree_set(1_i64..120, 0..12),
        rearm in 1_i64..30,
        steps in proptest::collection::vec((0_u8..3, -25_i64..25, 1_i64..6, any::<bool>()), 1..200),
    ) {
        let levels: Vec<i64> = levels.into_iter().collect();
        let mut fast = watched(rearm, &levels);
        let mut slow = Slow::default();
        let mut price = 60_i64;
        for (what, by, spread, live) in steps {
            price = (price + by).clamp(2, 119);
            let (told, wanted) = if what == 0 {
                let wanted = slow.walk(&levels, slow.trade, price);
                slow.trade = Some(price);
                (fast.trade(Price(price)), wanted)
            } else {
                let seen = Touch { live, ..touch(price - 1, price - 1 + spread) };
                let told = fast.touch(&seen);
                if !live {
                    prop_assert!(told.is_empty());
                    continue;
                }
                let mut wanted = slow.walk(&levels, slow.bid, price - 1);
                slow.bid = Some(price - 1);
                wanted.extend(slow.walk(&levels, slow.ask, price - 1 + spread));
                slow.ask = Some(price - 1 + spread);
                slow.trade = slow.trade.map(|trade| trade.clamp(price - 1, price - 1 + spread));
                (told, wanted)
            };
            slow.arm(rearm);
            let mut told = prices(&told);
            let mut wanted = wanted;
            told.sort_unstable();
            wanted.sort_unstable();
            prop_assert_eq!(told, wanted);
            let marks: Vec<i64> =
                fast.marks().iter().filter(|mark| mark.is_hit).map(|mark| mark.price.0).collect();
            slow.hit.sort_unstable();
            prop_assert_eq!(&marks, &slow.hit);
        }
    }
}

#[test]
fn levels_that_are_replaced_keep_what_those_that_stay_know() {
    let mut watched = watched(5, &[110, 120]);
    watched.touch(&touch(100, 101));
    watched.touch(&touch(109, 110));
    let (hit, other) = (level("11", "11.0"), level("13", "new"));
    assert!(watched.replace(&[hit.clone(), other.clone()]));
    assert!(!watched.replace(&[hit.clone(), other.clone()]));
    let marks: Vec<(i64, bool)> = watched
        .marks()
        .iter()
        .map(|mark| (mark.price.0, mark.is_hit))
        .collect();
    assert_eq!(marks, [(110, true), (130, false)]);
    assert!(watched.replace(&[other]));
    // The one that was hit is gone: nothing waits to be armed again.
    assert!(watched.touch(&touch(100, 101)).is_empty());
    assert_eq!(prices(&watched.touch(&touch(129, 130))), [(130, true)]);
    let mut unknown = Watched::new((5, Decimal::ZERO));
    assert!(unknown.replace(std::slice::from_ref(&hit)));
    assert!(!unknown.replace(&[hit]));
    assert!(unknown.replace(&[]));
}
