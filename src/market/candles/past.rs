//! Candles from before the first print, made of the minutes that the venue tells afterwards.
//!
//! Only frames of whole minutes have them. The venue's word counts for every minute up to the one in which following began, prints
//! for all that came later. That one minute is both: half of it was missed, so what its prints came to is kept apart, and taken out
//! again once the venue has told all of it. Until then it is what its prints show. Nothing is counted twice: each minute is either the
//! venue's or made of prints, and a bar of several minutes is the sum of them.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Candle, Candles, KEPT, Series, push, trim};
use crate::domain::{Minute, Print};
use crate::market::bar::{Bar, Cut};

/// The bar that the first print began, from prints alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    bar: Bar,
    /// Another has begun since.
    over: bool,
}

/// Counts a print into the bar that the first one began, as long as that lasts.
pub(super) fn count(begun: &mut Option<Begun>, cut: Cut, print: &Print) {
    match begun {
        None => {
            let bar = Bar::begin(cut, print);
            *begun = Some(Begun { bar, over: false });
        }
        Some(begun) if begun.over => {}
        Some(begun) if begun.bar.holds(cut, print) => begun.bar.add(print),
        Some(begun) => begun.over = true,
    }
}

impl Candles {
    /// Takes minutes that are over, oldest first; those told before are forgotten.
    pub fn past(&mut self, minutes: &[Minute]) {
        if self.whole || minutes.is_empty() {
            return;
        }
        let first = self.minute.map(|minute| minute.bar);
        let ours = |minute: &&Minute| first.is_none_or(|first| minute.began_ms <= first.began_ms);
        let told: Vec<Bar> = minutes.iter().filter(ours).map(Bar::of).collect();
        let last = told.last().map(|bar| bar.began_ms);
        self.whole = last.is_some() && last == first.map(|first| first.began_ms);
        // What prints came to in a minute that the venue told too.
        let both = first.filter(|_| self.whole);
        for series in self.series.iter_mut().filter(|s| s.is_of_minutes()) {
            series.past(&told, both);
        }
    }
}

impl Series {
    /// True for a frame whose candles are sums of minutes.
    pub(super) const fn is_of_minutes(&self) -> bool {
        matches!(self.cut, Cut::Time(ms) if ms % Minute::MS == 0)
    }

    /// Puts the venue's minutes in front of what prints made; `both` is what prints came to in the last of them.
    fn past(&mut self, told: &[Bar], both: Option<Bar>) {
        let mut past = candles(self.cut, told);
        let Some(begun) = self.begun.map(|begun| begun.bar) else {
            // Nothing traded since: the next print may still be of the newest.
            self.open = past.pop_back();
            self.finished = Arc::new(past);
            return;
        };
        let lead = past.pop_back_if(|candle| candle.bar.began_ms == begun.began_ms);
        if let Some(last) = past.pop_back() {
            push(&mut past, self.cut, last, begun.began_ms);
        }
        let own = |candle: &&Candle| candle.bar.began_ms >= begun.began_ms;
        past.extend(self.finished.iter().filter(own));
        if let Some(lead) = lead {
            let counted = both.map_or(begun, |both| begun.less(&both));
            let mut bar = lead.bar;
            bar.join(&counted);
            let began = |candle: &&mut Candle| candle.bar.began_ms == begun.began_ms;
            let mut all = past.iter_mut().chain(&mut self.open);
            if let Some(candle) = all.find(began) {
                candle.bar = bar;
            }
        }
        trim(&mut past);
        self.finished = Arc::new(past);
    }
}

/// The candles that minutes add up to, oldest first; what does not follow the one before is left out.
fn candles(cut: Cut, minutes: &[Bar]) -> VecDeque<Candle> {
    let mut made = VecDeque::with_capacity(KEPT);
    let mut open: Option<Bar> = None;
    for minute in minutes {
        let began_ms = cut.began(minute.began_ms);
        match &mut open {
            Some(bar) if bar.began_ms == began_ms => bar.join(minute),
            Some(bar) if bar.began_ms > began_ms => {}
            _ => {
                let next = Bar {
                    began_ms,
                    ..*minute
                };
                if let Some(bar) = open.replace(next) {
                    push(&mut made, cut, candle(bar), began_ms);
                    trim(&mut made);
                }
            }
        }
    }
    made.extend(open.map(candle));
    made
}

const fn candle(bar: Bar) -> Candle {
    Candle { bar, average: None }
}
