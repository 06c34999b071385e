//! How many ticks a row of the ladder merges: what it begins with, what the trader makes of it. Pure; where rows lie is the grid's.

use super::apply::note;
use super::{View, ViewOutcome, ZOOMS, middle, touch};
use crate::domain::Price;
use crate::ui::snapshot::MarketView;

impl View {
    /// Ticks that one row merges.
    pub fn ticks_a_row(&self) -> i64 {
        ZOOMS.get(self.zoom).copied().unwrap_or(1)
    }

    /// Starts at the smallest zoom that shows break-even (or a round trip's fees) and about two minutes of trades.
    pub(super) fn choose_zoom(&mut self, market: &MarketView) {
        let Some(middle) = middle(market).filter(|_| self.rows > 0) else {
            return;
        };
        let reach = fee_reach(market, middle)
            .unwrap_or(0)
            .max(range_reach(market, middle));
        let half = i64::from(self.rows / 2).max(1);
        let shows = |zoom: &i64| zoom.saturating_mul(half) >= reach;
        // A book that is known no further than a few rows would be a screen of dots.
        let known = known_reach(market).unwrap_or(i64::MAX);
        let empty = |zoom: &i64| zoom.saturating_mul(half) / 2 > known;
        let wanted = ZOOMS.iter().position(shows).unwrap_or(ZOOMS.len() - 1);
        let most = ZOOMS
            .iter()
            .position(empty)
            .map_or(wanted, |first| first.saturating_sub(1));
        self.zoom = wanted.min(most);
        self.zoom_settled = market.fees.is_some();
    }

    /// Keeps the cursor's row where it is, else the middle.
    pub(super) fn change_zoom(&mut self, closer: bool) -> ViewOutcome {
        let next = if closer {
            self.zoom.checked_sub(1)
        } else {
            Some(self.zoom + 1).filter(|zoom| *zoom < ZOOMS.len())
        };
        let Some(next) = next else {
            return note(if closer {
                "one tick a row is the closest"
            } else {
                "500 ticks a row is the widest"
            });
        };
        let row = self.cursor_row();
        self.zoom = next;
        self.zoom_settled = true;
        self.zoom_chosen = true;
        self.full_bar = 0;
        if let (Some(row), Some(cursor)) = (row, self.cursor) {
            let rows_up = i64::from(self.rows) / 2 - i64::from(row);
            let up = rows_up.saturating_mul(self.ticks_a_row());
            self.anchor = Some(Price(cursor.0.saturating_sub(up)));
        }
        ViewOutcome::Drawn
    }

    /// The ticks a row that the trader chose; `None` where Lancet did.
    pub fn chosen_zoom(&self) -> Option<i64> {
        self.zoom_chosen.then(|| self.ticks_a_row())
    }

    /// Takes up a zoom that was chosen before, for the market that this view is first shown.
    pub fn with_zoom(mut self, ticks: i64) -> Self {
        if let Some(zoom) = ZOOMS.iter().position(|zoom| *zoom == ticks) {
            self.zoom = zoom;
            self.zoom_chosen = true;
        }
        self
    }
}

/// Ticks from the middle to break-even, or to where a round trip pays its fees when flat.
fn fee_reach(market: &MarketView, middle: Price) -> Option<i64> {
    let instrument = market.instrument.as_deref()?;
    if let Some(even) = market.position.break_even {
        let even = instrument.tick.floor(even)?;
        return Some(
            even.saturating_sub(middle.0)
                .saturating_abs()
                .saturating_add(2),
        );
    }
    let (maker, taker) = market.fees?;
    let cost = instrument
        .price_decimal(middle)
        .checked_mul(maker.checked_add(taker)?)?;
    instrument.tick.floor(cost)
}

/// Ticks from the touch to the end of what is known of the book, on the side where that is less.
fn known_reach(market: &MarketView) -> Option<i64> {
    let depth = market.depth.as_deref()?;
    let (bid, ask) = touch(market);
    let reach = |near: Option<Price>, far: Option<Price>| {
        Some(far?.0.saturating_sub(near?.0).saturating_abs())
    };
    let (down, up) = (
        reach(bid, depth.known_down_to),
        reach(ask, depth.known_up_to),
    );
    down.into_iter().chain(up).min()
}

fn range_reach(market: &MarketView, middle: Price) -> i64 {
    market.range.map_or(0, |(one, other)| {
        let far = |price: Price| price.0.saturating_sub(middle.0).saturating_abs();
        far(one).max(far(other))
    })
}
