use proptest::prelude::*;

use super::*;
use crate::domain::BookState;
use crate::market::sample;

fn print(side: Side, lots: i64, venue_ms: i64) -> Print {
    sample::print(side, 100, lots, venue_ms)
}

fn depth(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Arc<Depth> {
    sample::book(bids, asks, BookState::Live)
}

/// The least size that stands out, told slowly: sorted, the thousandths counted one by one.
fn slow_bar(sizes: &[i64]) -> Option<i64> {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    if sorted.len() < FEWEST {
        return None;
    }
    let most = sorted[sorted.len() * 995 / 1_000];
    let middle = sorted[sorted.len() / 2];
    Some((most + 1).max(5 * middle))
}

proptest! {
    #[test]
    fn what_stands_out_is_measured_as_a_sorted_list_says(
        sizes in proptest::collection::vec(1_i64..10_000, 150..600),
    ) {
        prop_assert_eq!(bar(&mut sizes.clone()), slow_bar(&sizes));
    }

    /// Orders are told exactly where their prints, summed up slowly, reach the bar, and once each.
    #[test]
    fn an_order_is_told_once_it_reaches_the_bar(
        prints in proptest::collection::vec((any::<bool>(), 1_i64..60, 0_i64..80), 1..120),
    ) {
        let bar = 100;
        let mut outliers = Outliers::default();
        outliers.set_by_hand(Some(bar), None);
        let (mut told, mut wanted) = (Vec::new(), Vec::new());
        let mut now = 0;
        // Side, first moment, sum, told.
        let mut open: Option<(Side, i64, i64, bool)> = None;
        for (buys, lots, later) in prints {
            now += later;
            let side = if buys { Side::Buy } else { Side::Sell };
            outliers.prints(&[print(side, lots, now)]);
            told.extend(outliers.take_news());
            let same = open.filter(|o| o.0 == side && now - o.1 <= MERGE_MS);
            let (_, first, sum, was_told) = same.unwrap_or((side, now, 0, false));
            let sum = sum + lots;
            if sum >= bar && !was_told {
                wanted.push(News::Print(side, Price(100), Qty(sum)));
            }
            open = Some((side, first, sum, was_told || sum >= bar));
        }
        prop_assert_eq!(told, wanted);
    }
}

#[test]
fn what_is_usual_is_no_news_and_what_is_not_is() {
    let mut outliers = Outliers::default();
    let mut at = 0;
    for number in 0..500 {
        at += 1_000;
        outliers.prints(&[print(Side::Buy, 10 + number % 7, at)]);
    }
    outliers.tick(Stamp::default());
    assert!(outliers.take_news().is_empty());
    outliers.prints(&[
        print(Side::Sell, 30, at + 1),
        print(Side::Sell, 40, at + 50),
    ]);
    assert_eq!(
        outliers.take_news(),
        [News::Print(Side::Sell, Price(100), Qty(70))]
    );
}

#[test]
fn a_size_that_stays_is_told_and_how_it_goes() {
    let mut outliers = Outliers::default();
    outliers.set_by_hand(None, Some(1_000));
    let at = |ms| Stamp::default().plus_ms(ms);
    let usual = depth(&[(99, 10), (98, 10), (90, 10)], &[(101, 10), (105, 10)]);
    let wall = depth(&[(99, 10), (98, 1_500), (90, 10)], &[(101, 10), (105, 10)]);
    outliers.depth(at(0), &usual);
    outliers.depth(at(100), &wall);
    outliers.depth(at(600), &usual);
    assert!(outliers.take_news().is_empty(), "it only flickered");
    outliers.depth(at(1_000), &wall);
    outliers.depth(at(2_600), &wall);
    assert_eq!(
        outliers.take_news(),
        [News::Came(Side::Buy, Price(98), Qty(1_500))]
    );
    outliers.depth(at(3_000), &wall);
    assert!(outliers.take_news().is_empty(), "once");
    outliers.depth(at(3_100), &usual);
    assert_eq!(
        outliers.take_news(),
        [News::Pulled(Side::Buy, Price(98), Qty(1_500))]
    );
    outliers.depth(at(4_000), &wall);
    outliers.depth(at(6_000), &wall);
    outliers.take_news();
    let eaten = Print {
        price: Price(98),
        ..print(Side::Sell, 1_400, 7)
    };
    outliers.prints(&[eaten]);
    outliers.depth(at(6_100), &usual);
    assert_eq!(
        outliers.take_news(),
        [News::Traded(Side::Buy, Price(98), Qty(1_500))]
    );
}

#[test]
fn what_was_there_before_anybody_looked_and_a_book_that_is_not_live_are_no_news() {
    let mut outliers = Outliers::default();
    outliers.set_by_hand(None, Some(1_000));
    let at = |ms| Stamp::default().plus_ms(ms);
    let wall = depth(&[(99, 10), (98, 1_500)], &[(101, 10)]);
    outliers.depth(at(0), &wall);
    outliers.depth(at(5_000), &wall);
    assert!(outliers.take_news().is_empty(), "it was there");
    let gone = Arc::new(Depth {
        state: BookState::Resync("gap".to_owned()),
        ..(*depth(&[], &[])).clone()
    });
    outliers.depth(at(5_100), &gone);
    outliers.depth(at(5_200), &depth(&[(99, 10), (90, 1)], &[(101, 10)]));
    assert!(outliers.take_news().is_empty(), "nobody saw it go");
}
