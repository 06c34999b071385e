//! What readings make of the sample's prints, and hostile ones.

use std::sync::Arc;

use super::{NOW, depth, instrument};
use crate::domain::{BookState, Price, Print, Qty, Side, Stamp};
use crate::market::Readings;
use crate::market::flow::FlowView;
use crate::market::pace::{PaceView, Rate};
use crate::market::tape::{Filtered, Merged, TapeView};
use crate::ui::snapshot::MarketView;

/// Has the market's prints read as they would have come, with a sweep among the latest.
pub fn read(market: &mut MarketView) {
    let mut readings = Readings::default();
    let oldest = market.prints.last().map_or(0, |print| print.venue_ms);
    for print in market.prints.iter().rev() {
        let now = Stamp::default().plus_ms((print.venue_ms - oldest).unsigned_abs());
        let best = (print.price.0 - 1, print.price.0 + 1);
        let book = depth("BTCUSDT", best.0, best.1, 20, BookState::Live);
        readings.depth(now, &Arc::new(book));
        readings.prints(now, &[*print]);
        readings.tick(now);
        if NOW.wall_ms() - print.venue_ms == 21_000 {
            readings.prints(now, &sweep(*print));
        }
    }
    take(market, &readings);
}

/// One order that took seven prices.
fn sweep(after: Print) -> Vec<Print> {
    (0..7)
        .map(|i| Print {
            side: Side::Sell,
            price: Price(after.price.0 - i),
            qty: Qty(120 + 30 * i),
            venue_ms: after.venue_ms + 700,
            ..after
        })
        .collect()
}

/// Takes what readings say into a market of the sample's instrument.
pub fn take(market: &mut MarketView, readings: &Readings) {
    let instrument = instrument("BTCUSDT", "0.10", "0.001");
    market.tape = Some(Arc::new(readings.tape.view(&instrument)));
    market.pace = Some(readings.pace.view());
    market.flow = Some(Arc::new(readings.flow.view()));
}

/// Every number extreme.
pub fn spoil(market: &mut MarketView) {
    let row = |number: u64, price: i64, qty: i64| Merged {
        number,
        side: if number.is_multiple_of(2) {
            Side::Buy
        } else {
            Side::Sell
        },
        price: Price(price),
        low: Price(i64::MIN),
        high: Price(i64::MAX),
        qty: Qty(qty),
        prints: u32::MAX,
        prices: u16::MAX,
        venue_ms: price,
    };
    let wild = [i64::MAX, i64::MIN, 0, -1, 612_405];
    let rows =
        (0..200_u64).map(|i| row(u64::MAX - i, wild[i as usize % 5], wild[i as usize / 5 % 5]));
    market.tape = Some(Arc::new(TapeView {
        rows: rows.collect(),
        from: Some(i64::MAX),
        filtered: Filtered::Dim,
        large: Some(i64::MIN),
        sweep_prices: 0,
    }));
    let rate = Rate {
        prints: i64::MAX,
        volume: Qty(i64::MAX),
        prints_times: Some(i64::MAX),
        volume_times: Some(i64::MIN),
    };
    market.pace = Some(PaceView {
        second: rate,
        ten: rate,
        bought: Qty(i64::MAX),
        sold: Qty(i64::MIN),
    });
    market.flow = Some(Arc::new(FlowView {
        delta: i64::MIN,
        deltas: Arc::from(wild),
        imbalance: Some(i32::MIN),
        levels: u8::MAX,
        spread: Some(i64::MIN),
        usual_spread: Some(i64::MAX),
        volatility: Some(i64::MAX),
        volatility_times: Some(i64::MIN),
    }));
}
