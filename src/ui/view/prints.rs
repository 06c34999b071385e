//! What a screen does with small prints.

use super::{View, ViewOutcome};
use crate::market::tape::{Filtered, TapeView};
use crate::ui::snapshot::MarketView;

impl View {
    /// What is done with small prints here: as chosen on the screen, else as set.
    pub fn filtered(&self, tape: &TapeView) -> Filtered {
        self.filtered.unwrap_or(tape.filtered)
    }

    /// The next way, and says which it is.
    pub(super) fn filter_prints(&mut self, market: &MarketView) -> ViewOutcome {
        let Some(tape) = market.tape.as_deref() else {
            return ViewOutcome::Note("there is no room for the tape".to_owned());
        };
        let next = self.filtered(tape).next();
        self.filtered = Some(next);
        let words = match next {
            Filtered::Dim => "small prints are dim",
            Filtered::Hide => "small prints are hidden",
            Filtered::Show => "small prints are shown as all others",
        };
        ViewOutcome::Note(words.to_owned())
    }
}
