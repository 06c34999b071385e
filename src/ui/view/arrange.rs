//! What a trader arranges on the screen: the layout, and what of a ladder is kept. Pure; it must not name ladders, which are the app's.

use std::sync::Arc;

use super::{Chosen, List, Mode, View, ViewOutcome};
use crate::nearest::did_you_mean;

impl View {
    /// The next layout.
    pub(super) fn next_layout(&mut self) -> ViewOutcome {
        let many = self.layouts.len().max(1);
        self.choose_layout((self.layout_number() + 1) % many)
    }

    /// The layout of this name.
    ///
    /// # Errors
    /// A sentence with the nearest name where there is none.
    pub fn lay_out_by_name(&mut self, name: &str) -> Result<(), String> {
        let mut all = self.layouts.iter();
        let found = all.find(|layout| layout.name.eq_ignore_ascii_case(name));
        let Some(layout) = found.cloned() else {
            let names = self.layouts.iter().map(|layout| layout.name.as_str());
            return Err(format!(
                "there is no layout {name}{}",
                did_you_mean(name, names)
            ));
        };
        self.lay_out(layout);
        Ok(())
    }

    /// What the layout in use is, for the trader.
    pub fn layout_words(&self) -> String {
        let layout = &self.layout;
        let (open, stand) = (self.room.open, self.plan().ladders().count());
        let mut words = format!("layout {}: {}", layout.name, layout.doc);
        if layout.ladders > open.max(1) {
            words.push_str("; / opens another symbol beside this one");
        } else if layout.ladders.min(open) > stand {
            words.push_str(&format!("; this screen has room for {stand}"));
        }
        words
    }

    /// Opens the list of layouts at the one in use, or closes it.
    pub(super) fn list_layouts(&mut self) -> ViewOutcome {
        self.mode = match self.mode {
            Mode::List(List::Layouts, _) => Mode::Ladder,
            _ => Mode::List(List::Layouts, self.layout_number() as u16),
        };
        ViewOutcome::Drawn
    }

    /// Another layout of the open list: it is laid at once.
    pub(super) fn step_layout(&mut self, rows: i16) -> ViewOutcome {
        let at = self.layout_number() as i32 - i32::from(rows.signum());
        let last = self.layouts.len().saturating_sub(1);
        let at = usize::try_from(at).unwrap_or(0).min(last);
        self.choose_layout(at);
        self.mode = Mode::List(List::Layouts, at as u16);
        ViewOutcome::Drawn
    }

    fn choose_layout(&mut self, at: usize) -> ViewOutcome {
        if let Some(layout) = self.layouts.get(at) {
            self.lay_out(Arc::clone(layout));
        }
        ViewOutcome::Said(self.layout_words())
    }

    fn layout_number(&self) -> usize {
        let mut all = self.layouts.iter();
        all.position(|layout| layout.name == self.layout.name)
            .unwrap_or(0)
    }

    /// The columns that the trader chose for this ladder, as they are typed; `None` where it has the usual ones.
    pub fn chosen_columns(&self) -> Option<String> {
        let chosen = self.columns.as_ref()?;
        Some(chosen.words().join(" "))
    }

    /// Takes up columns that were chosen before; words that are none leave the usual ones.
    pub fn with_columns(mut self, words: &str) -> Self {
        self.columns = Chosen::default().with(words.split_whitespace()).ok();
        self
    }
}
