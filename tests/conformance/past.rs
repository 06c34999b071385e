//! The minutes before following began: a chart has them at once, and they fit what prints make of those that follow.

use lancet::domain::Minute;
use lancet::exchange::machine::In;
use lancet::market::bar::Bar;
use lancet::market::candles::Picture;

use super::rig::{Rig, each};
use crate::kit::net::Who;

fn picture(rig: &Rig) -> Picture {
    rig.candles.as_ref().unwrap().picture(0).unwrap()
}

fn prices(bar: &Bar) -> [i64; 4] {
    [bar.open, bar.high, bar.low, bar.close].map(|price| price.0)
}

/// A finished candle is what the venue tells of its minute, whoever made it; where a line broke in it, it holds no more than that.
fn check(id: &str, bar: &Bar, minute: &Minute, whole: bool) {
    let told = Bar::of(minute);
    assert!(bar.volume() <= told.volume(), "{id} {bar:?} {minute:?}");
    assert!(
        bar.high <= told.high && bar.low >= told.low,
        "{id} {bar:?} {minute:?}"
    );
    if whole {
        assert_eq!(prices(bar), prices(&told), "{id} {bar:?} {minute:?}");
        assert_eq!(bar.volume(), told.volume(), "{id} {bar:?} {minute:?}");
        let deltas = bar.delta().zip(told.delta());
        assert!(
            deltas.is_none_or(|(ours, theirs)| ours == theirs),
            "{id} {bar:?} {minute:?}"
        );
    }
}

#[test]
fn a_chart_has_a_past_at_once_that_fits_what_prints_make() {
    each(|venue| {
        let mut rig = Rig::new(venue, &[]);
        rig.until("a live book", 30_000, Rig::is_live);
        rig.until("the past", 2_000, |rig| !rig.past.is_empty());
        let shown = picture(&rig);
        assert!(
            shown.finished.len() >= 298,
            "{} {}",
            venue.id,
            shown.finished.len()
        );
        assert!(shown.finished.iter().all(|candle| candle.average.is_none()));
        let told = Minute::MS.unsigned_abs() + 10_000;
        rig.until("the minute that ran", told, |rig| rig.past.len() == 2);
        rig.pass(130_000);
        assert_eq!(rig.past.len(), 2, "{}: twice is all", venue.id);
        let shown = picture(&rig);
        let since = shown.since_ms.unwrap();
        // Followed anew: the venue tells the minutes that prints made.
        let broke = rig
            .net
            .log
            .iter()
            .any(|line| line.contains("stream closed"));
        let symbol = rig.symbol;
        rig.machine(Who::Feed, In::Follow(&[]));
        rig.machine(Who::Feed, In::Follow(&[symbol]));
        rig.until("the past again", 30_000, |rig| rig.past.len() == 3);
        let (mut compared, mut ours) = (0, 0);
        for minute in &*rig.past[2] {
            let same = |bar: &&Bar| bar.began_ms == minute.began_ms;
            let Some(bar) = shown.finished.iter().map(|c| &c.bar).find(same) else {
                continue;
            };
            let from_prints = minute.began_ms > since;
            check(venue.id, bar, minute, !(from_prints && broke));
            compared += 1;
            ours += u32::from(from_prints);
        }
        assert!(
            ours >= 2 && compared >= 290,
            "{} {ours} {compared}",
            venue.id
        );
        assert_eq!(rig.bad, Vec::<String>::new(), "{}", venue.id);
    });
}
