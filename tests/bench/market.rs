//! How many seconds of the built-in market pass in one real second, all four symbols.

use std::time::Duration;

use lancet::sim::crowd::{Bourse, CrowdSettings, Mood};

use crate::figures::now;

const START_MS: i64 = 1_767_225_600_000;
/// Real time spent on each mood.
const EACH: Duration = Duration::from_millis(1_500);

pub fn run() {
    for (name, mood) in [
        ("moods at random", None),
        ("calm", Some(Mood::Calm)),
        ("violent", Some(Mood::Violent)),
    ] {
        let mut bourse = Bourse::new(CrowdSettings { seed: 7, mood }, START_MS);
        bourse.run(60_000);
        let (start, mut seconds, mut events) = (now(), 0_u32, 0);
        while start.elapsed() < EACH {
            events += bourse.run(10_000).len();
            seconds += 10;
        }
        let rate = f64::from(seconds) / start.elapsed().as_secs_f64();
        println!(
            "  {name:<17} {rate:8.0} simulated seconds a second, {:.1} trades a simulated second",
            events as f64 / f64::from(seconds)
        );
    }
}
