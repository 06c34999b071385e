use super::*;
use crate::domain::Side;
use crate::sim::market::MarketEvent;

const START_MS: i64 = 1_767_225_600_000;

#[test]
fn stats() {
    for mood in [Mood::Calm, Mood::Trending, Mood::Violent] {
        let mut bourse = Bourse::new(
            CrowdSettings {
                seed: 7,
                mood: Some(mood),
            },
            START_MS,
        );
        let n = 4;
        let mut spread = vec![0_i64; n];
        let mut ones = vec![0; n];
        let mut samples = 0;
        let mut prints = vec![0; n];
        let mut least = vec![usize::MAX; n];
        let mut most = vec![0; n];
        let mut moves = vec![0.0; n];
        let mut mids = vec![0.0; n];
        let mut touches = vec![0_i64; n];
        let mut ids = vec![0; n];
        for sec in 0..600 {
            for e in bourse.run(500) {
                if let MarketEvent::Trade(t) = e {
                    prints[t.symbol.0 as usize] += 1;
                }
            }
            for s in 0..n {
                let no = SymbolNo(s as u16);
                let b = bourse.market.best(no);
                let (Some(bid), Some(ask)) = (b.bid, b.ask) else {
                    panic!("{s} empty {sec}")
                };
                let sp = ask.price.0 - bid.price.0;
                spread[s] += sp;
                ones[s] += i32::from(sp == 1);
                touches[s] += bid.qty.0 + ask.qty.0;
                ids[s] = b.id;
                let mid = (ask.price.0 + bid.price.0) as f64 / 2.0;
                if mids[s] != 0.0 {
                    moves[s] += (mid - mids[s]) * (mid - mids[s]);
                }
                mids[s] = mid;
                for side in [Side::Buy, Side::Sell] {
                    least[s] = least[s].min(bourse.market.level_count(no, side));
                    most[s] = most[s].max(bourse.market.level_count(no, side));
                }
            }
            samples += 1;
        }
        for s in 0..n {
            let secs = 300.0;
            eprintln!(
                "{mood:?} {s}: spread {:.2} ones {:.2} prints/s {:.2} changes/s {:.1} touch {:.0} levels {}..{} sd/sqrt(s) {:.2} mid {}",
                spread[s] as f64 / samples as f64,
                ones[s] as f64 / samples as f64,
                prints[s] as f64 / secs,
                ids[s] as f64 / secs,
                touches[s] as f64 / samples as f64 / 2.0,
                least[s],
                most[s],
                (moves[s] / secs).sqrt(),
                mids[s]
            );
        }
        let top = bourse.market.snapshot(SymbolNo(0), 12).unwrap();
        eprintln!(
            "{:?}",
            top.asks
                .iter()
                .map(|l| (l.price.0, l.qty.0))
                .collect::<Vec<_>>()
        );
        let top = bourse.market.snapshot(SymbolNo(2), 12).unwrap();
        eprintln!(
            "{:?}",
            top.asks
                .iter()
                .map(|l| (l.price.0, l.qty.0))
                .collect::<Vec<_>>()
        );
    }
}
