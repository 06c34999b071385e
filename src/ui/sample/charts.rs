//! What the charts of a sample show: the readings of its own prints and books.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::{Depth, Print, Stamp};
use crate::engine::equity::Equity;
use crate::market::bar::Frame;
use crate::market::candles::Candles;
use crate::market::clusters::Clusters;
use crate::market::heat::{Heat, HeatSettings};
use crate::ui::snapshot::Snapshot;

/// Adds what every chart shows of these prints, oldest first, and of a book that stands for each of them.
pub fn add(snapshot: &mut Snapshot, prints: &[Print], book: impl Fn(u64) -> Arc<Depth>) {
    let Some(instrument) = snapshot.market.instrument.clone() else {
        return;
    };
    let frames = [Frame::Time(60_000)];
    let mut clusters = Clusters::new(&frames, &instrument);
    let mut candles = Candles::new(&frames, &instrument);
    let mut heat = Heat::new(HeatSettings { seconds: 1 });
    let mut equity = Equity::default();
    clusters.take(prints);
    candles.take(prints);
    let start = Stamp {
        mono_ns: 0,
        wall_ns: snapshot.now.wall_ns - 120_000_000_000,
    };
    for (second, print) in (0..120).zip(prints) {
        let now = start.plus_ms(second * 1_000);
        heat.depth(&book(second));
        heat.take(now, &[*print]);
        heat.tick(now);
        equity.note(now, Decimal::from(print.price.0 % 37 - 12));
    }
    snapshot.market.clusters = clusters.columns(0).cloned();
    snapshot.market.candles = candles.picture(0);
    snapshot.market.heat = Some(heat.picture());
    snapshot.equity = Some(equity);
}
