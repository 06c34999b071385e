//! The themes that a screen can wear, and the one it wears. Pure: files are read and themes made elsewhere.

use std::sync::Arc;

use super::choose::last_column;
use super::{List, Mode, View};
use crate::nearest::did_you_mean;
use crate::ui::theme::Theme;

/// What a screen can wear. Empty where nobody filled it: then the writer's own theme is drawn.
#[derive(Clone, Debug, Default)]
pub struct Wardrobe {
    rack: Arc<[Arc<Theme>]>,
    worn: Option<Arc<Theme>>,
}

impl Wardrobe {
    /// So many themes, of which `worn` is worn.
    pub fn new(rack: Arc<[Arc<Theme>]>, worn: &str) -> Self {
        let worn = rack.iter().find(|theme| theme.name == worn).cloned();
        Self { rack, worn }
    }

    /// The themes that can be worn.
    pub fn rack(&self) -> &[Arc<Theme>] {
        &self.rack
    }

    /// The theme in force.
    pub fn worn(&self) -> Option<&Arc<Theme>> {
        self.worn.as_ref()
    }

    /// Takes another rack; what is worn is worn on as it is there now, and as it was where it is gone.
    pub fn refill(&mut self, rack: Arc<[Arc<Theme>]>) {
        let name = self.worn.as_ref().map(|worn| worn.name.clone());
        let again = rack.iter().find(|theme| Some(&theme.name) == name.as_ref());
        self.worn = again.cloned().or_else(|| self.worn.take());
        self.rack = rack;
    }

    /// Where in the rack the worn theme is.
    fn place(&self) -> usize {
        let is_worn =
            |theme: &Arc<Theme>| Some(&theme.name) == self.worn.as_ref().map(|own| &own.name);
        self.rack.iter().position(is_worn).unwrap_or(0)
    }
}

impl View {
    /// The theme to draw with: the one that is tried on in the list of themes, else the one that is worn.
    pub fn theme(&self) -> Option<&Arc<Theme>> {
        self.tried_on().or_else(|| self.wardrobe.worn())
    }

    /// The theme at the mark of the list of themes, where that is open.
    pub fn tried_on(&self) -> Option<&Arc<Theme>> {
        let Mode::List(List::Themes, at) = self.mode else {
            return None;
        };
        let rack = self.wardrobe.rack();
        rack.get(usize::from(at).min(rack.len().checked_sub(1)?))
    }

    /// Wears the theme of this name.
    ///
    /// # Errors
    /// One sentence when there is none.
    pub fn wear(&mut self, name: &str) -> Result<(), String> {
        let rack = self.wardrobe.rack();
        match rack.iter().find(|theme| theme.name == name).cloned() {
            Some(theme) => {
                self.wardrobe.worn = Some(theme);
                Ok(())
            }
            None => {
                let mend = did_you_mean(name, rack.iter().map(|theme| theme.name.as_str()));
                let name = crate::domain::text::sanitise(name, 32);
                Err(format!("there is no theme {name}{mend}"))
            }
        }
    }

    /// Wears the theme that is tried on and closes the list; its name.
    pub fn keep_theme(&mut self) -> Option<String> {
        let theme = Arc::clone(self.tried_on()?);
        let name = theme.name.clone();
        self.wardrobe.worn = Some(theme);
        self.mode = Mode::Ladder;
        Some(name)
    }

    /// Where a list begins: the list of themes at the worn one.
    pub(super) fn list_start(&self, list: List) -> u16 {
        match list {
            List::Themes => u16::try_from(self.wardrobe.place()).unwrap_or(0),
            _ => 0,
        }
    }

    /// The last row of a list that has a mark on one of its rows; others scroll as far as they are long.
    pub(super) fn list_end(&self, list: List) -> u16 {
        match list {
            List::Themes => {
                let last = self.wardrobe.rack().len().saturating_sub(1);
                u16::try_from(last).unwrap_or(u16::MAX)
            }
            List::Notices => self.last_notice(),
            List::Columns => last_column(),
            _ => u16::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample;
    use crate::ui::theme::{ColourDepth, Glyphs, rack};
    use crate::ui::view::{ViewAction, ViewOutcome};

    fn view() -> View {
        let (themes, faults) = rack(&[], ColourDepth::Truecolour, Glyphs::Unicode, &[]);
        assert_eq!(faults, [] as [String; 0]);
        let mut view = sample::view(&sample::full(), 120, 40);
        view.wardrobe = Wardrobe::new(themes, "light");
        view
    }

    fn name(view: &View) -> &str {
        &view.theme().unwrap().name
    }

    #[test]
    fn the_list_begins_at_what_is_worn_and_tries_on_what_it_comes_to() {
        let (mut view, snapshot) = (view(), sample::full());
        let before = view.clone();
        view.apply(ViewAction::List(List::Themes), &snapshot);
        assert_eq!(name(&view), "light");
        view.apply(ViewAction::Cursor(1), &snapshot);
        assert_eq!(name(&view), "dark");
        view.apply(ViewAction::Cursor(1), &snapshot);
        assert_eq!(name(&view), "dark", "the list has a first row");
        view.apply(ViewAction::Cursor(-30_000), &snapshot);
        assert_eq!(name(&view), "mono", "the list has a last row");
        view.apply(ViewAction::Cursor(1), &snapshot);
        assert_eq!(name(&view), "sixteen");
        view.apply(ViewAction::Dismiss, &snapshot);
        assert_eq!(name(&view), name(&before), "Esc goes back");
        view.apply(ViewAction::List(List::Themes), &snapshot);
        view.apply(ViewAction::Cursor(-1), &snapshot);
        assert_eq!(view.keep_theme().as_deref(), Some("safe"));
        assert_eq!((name(&view), &view.mode), ("safe", &Mode::Ladder));
        assert_eq!(view.keep_theme(), None);
    }

    #[test]
    fn a_theme_is_worn_by_its_name_and_through_another_ladder() {
        let mut view = view();
        assert_eq!(view.wear("ember"), Ok(()));
        view.turn_to(View::default());
        assert_eq!(name(&view), "ember");
        assert_eq!(
            view.wear("embre").unwrap_err(),
            "there is no theme embre, did you mean \"ember\"?"
        );
        assert_eq!(name(&view), "ember");
    }

    #[test]
    fn what_is_worn_follows_its_file_and_outlives_it() {
        let mut view = view();
        let make = |text: Option<&str>| {
            let user: Vec<(String, String)> = text
                .map(|text| ("own".to_owned(), text.to_owned()))
                .into_iter()
                .collect();
            rack(&user, ColourDepth::Truecolour, Glyphs::Unicode, &[]).0
        };
        let bid = |view: &View| {
            let theme = view.theme().unwrap();
            theme.style(crate::ui::theme::Role::Bid).fg
        };
        view.wardrobe.refill(make(Some("bid = \"#000001\"")));
        view.wear("own").unwrap();
        let first = bid(&view);
        view.wardrobe.refill(make(Some("bid = \"#000002\"")));
        assert_ne!(bid(&view), first);
        let second = bid(&view);
        view.wardrobe.refill(make(None));
        assert_eq!(bid(&view), second);
        assert_eq!(
            view.apply(ViewAction::Centre, &sample::full()),
            ViewOutcome::Drawn
        );
    }
}
