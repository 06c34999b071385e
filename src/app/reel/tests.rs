use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::replay::Player;
use crate::ui::snapshot::Snapshot;

const RECORDING: &str =
    include_str!("../../../tests/wire/binance_futures/book_keepusdt_20210722.jsonl");

fn maker() -> Arc<Maker> {
    let config = Config::load(None, &[], &["dark".to_owned()]).unwrap();
    Arc::new(Maker::new(&config.settings, Vec::new(), |id| {
        id.to_string()
    }))
}

fn film(file: &Path) -> Reel {
    let player = Player::open(file, None).unwrap();
    let opened = Opened::of_film(player, Account::new("recording").unwrap());
    let span = opened.span;
    Reel::new(opened.source, maker(), span.0, span, Arc::from([]))
}

fn with_file<T>(run: impl FnOnce(&Path) -> T) -> T {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), RECORDING).unwrap();
    run(file.path())
}

fn key(reel: &Reel) -> MarketKey {
    let Source::Film(film) = &reel.source else {
        panic!("a film");
    };
    film.markets().next().unwrap()
}

/// What is seen: all of it, as text, since nothing else compares it whole.
fn seen(reel: &Reel) -> String {
    let shot: Option<Snapshot> = reel.stage().snapshot(key(reel), &["ladder", "tape"], 0);
    format!("{shot:?}")
}

/// Goes to a moment, in slices of a few things each.
fn go(reel: &mut Reel, to_ns: i64, slice: usize) {
    reel.seek(to_ns);
    while reel.place().is_seeking {
        let mut left = slice;
        reel.advance(Stamp::default(), || {
            left = left.saturating_sub(1);
            left > 0
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the way to a moment, forwards in one go or back from anywhere, the same is seen there.
    #[test]
    fn a_moment_looks_the_same_from_both_sides(
        moments in prop::collection::vec(0_i64..1_000, 2..6),
        slice in 2_usize..400,
    ) {
        with_file(|file| {
            let mut reel = film(file);
            // Stages lie close enough that going back uses them.
            reel.apart_ns = 400_000_000;
            let (from, to) = (reel.place().from_ns, reel.place().to_ns);
            for permille in moments {
                let moment = from + (to - from) / 1_000 * permille;
                go(&mut reel, moment, slice);
                prop_assert_eq!(reel.place().at_ns, moment);
                let mut straight = film(file);
                go(&mut straight, moment, usize::MAX);
                prop_assert_eq!(seen(&reel), seen(&straight));
            }
            Ok(())
        })?;
    }
}

#[test]
fn it_plays_at_its_speed_pauses_ends_and_begins_again() {
    with_file(|file| {
        let mut reel = film(file);
        let start = Stamp::default().plus_ms(1_000);
        reel.advance(start, || true);
        reel.advance(start.plus_ms(500), || true);
        let place = reel.place();
        assert_eq!(place.at_ns - place.from_ns, 500_000_000);
        reel.ask(Play::Pause);
        assert!(!reel.advance(start.plus_ms(900), || true));
        assert_eq!(reel.place().at_ns, place.at_ns);
        reel.ask(Play::Pause);
        reel.ask(Play::Speed(10));
        reel.advance(start.plus_ms(1_000), || true);
        assert_eq!(reel.place().at_ns - place.at_ns, 1_000_000_000);
        // A stall of the host is no leap.
        reel.ask(Play::Speed(1));
        let before = reel.place().at_ns;
        reel.advance(start.plus_ms(3_600_000), || true);
        assert!(reel.place().at_ns - before <= 1_000_000_000);
        go(&mut reel, i64::MAX, usize::MAX);
        assert_eq!(
            reel.place().at_ns,
            reel.place().to_ns,
            "no further than the end"
        );
        reel.advance(start.plus_ms(3_600_100), || true);
        assert!(reel.place().has_ended);
        reel.ask(Play::Pause);
        reel.advance(start.plus_ms(3_600_200), || true);
        assert_eq!(reel.place().at_ns, reel.place().from_ns);
    });
}

#[test]
fn jumps_go_by_seconds_to_a_time_of_day_and_to_own_trades() {
    with_file(|file| {
        let player = Player::open(file, None).unwrap();
        let opened = Opened::of_film(player, Account::new("recording").unwrap());
        let (from, to) = opened.span;
        let s = 1_000_000_000;
        assert!(to - from > 8 * s);
        let trades = Arc::from([(from + 3 * s, Side::Buy), (from + 6 * s, Side::Sell)]);
        let mut reel = Reel::new(opened.source, maker(), from, opened.span, trades);
        let mut ask = |play: Play| {
            reel.ask(play);
            while reel.place().is_seeking {
                reel.advance(Stamp::default(), || true);
            }
            reel.place().at_ns - from
        };
        assert_eq!(
            ask(Play::Trade(true)),
            2 * s,
            "shown from a second before it"
        );
        assert_eq!(ask(Play::Trade(true)), 5 * s);
        assert_eq!(ask(Play::Trade(true)), 5 * s, "there is no further one");
        assert_eq!(ask(Play::Trade(false)), 2 * s);
        assert_eq!(ask(Play::Jump(3)), 5 * s);
        assert_eq!(ask(Play::Jump(-60)), 0);
        let second = u32::try_from((from + 4 * s).rem_euclid(DAY_NS) / s).unwrap();
        let at = ask(Play::At(second));
        assert!((3 * s..=4 * s).contains(&at), "{at}");
    });
}
