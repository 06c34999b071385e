//! A pegged cursor: it keeps its distance from the best bid, the best ask or the middle between them. Pure.

use super::{View, ViewOutcome, middle, touch};
use crate::domain::Price;
use crate::ui::snapshot::MarketView;

/// What the cursor keeps its distance from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Bid,
    Ask,
    Middle,
}

/// A peg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Peg {
    to: To,
    /// Ticks above what it is pegged to.
    above: i64,
}

impl To {
    fn price(self, market: &MarketView) -> Option<Price> {
        let (bid, ask) = touch(market);
        match self {
            Self::Bid => bid,
            Self::Ask => ask,
            Self::Middle => middle(market),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Bid => "best bid",
            Self::Ask => "best ask",
            Self::Middle => "middle",
        }
    }
}

impl View {
    /// True while the cursor follows the market.
    pub const fn is_pegged(&self) -> bool {
        self.peg.is_some()
    }

    /// Pegs the cursor to the side that it stands on, or lets it go.
    pub(super) fn toggle_peg(&mut self, market: &MarketView) -> ViewOutcome {
        if self.peg.take().is_some() {
            return ViewOutcome::Said("the cursor stays where it is".to_owned());
        }
        let (bid, ask) = touch(market);
        let Some(at) = self.cursor.or(bid).or(ask) else {
            return ViewOutcome::Note("there is no price to peg to yet".to_owned());
        };
        let to = match (bid, ask) {
            (Some(bid), _) if at <= bid => To::Bid,
            (_, Some(ask)) if at >= ask => To::Ask,
            _ => To::Middle,
        };
        let Some(base) = to.price(market) else {
            return ViewOutcome::Note("there is no price to peg to yet".to_owned());
        };
        let above = at.0.saturating_sub(base.0);
        self.peg = Some(Peg { to, above });
        self.cursor = Some(at);
        let words = match above {
            0 => format!("the cursor follows the {}", to.words()),
            above => format!("the cursor follows the {} {above:+}t", to.words()),
        };
        ViewOutcome::Said(words)
    }

    /// Moves a pegged cursor with the market.
    pub(super) fn follow_peg(&mut self, market: &MarketView) {
        if let Some(Peg { to, above }) = self.peg
            && let Some(base) = to.price(market)
        {
            self.cursor = Some(Price(base.0.saturating_add(above)));
        }
    }

    /// The trader moved a pegged cursor: that is its distance from here on.
    pub(super) fn move_peg(&mut self, market: &MarketView) {
        let at = self.cursor;
        if let (Some(peg), Some(at)) = (&mut self.peg, at)
            && let Some(base) = peg.to.price(market)
        {
            peg.above = at.0.saturating_sub(base.0);
        }
    }
}
