//! Forms over the ladder, as the loop sees them: the key-entry form and the limits card. Keys go to the open one and nowhere else.

use std::rc::Rc;

use super::card::Card;
use super::entry::{Answer, Entered, Entry, Opening, Places, Step};
use super::shown::Shown;
use super::site::{self, Chosen as Site};
use super::turn::App;
use super::{Failure, net, open};
use crate::cli::Global;
use crate::clock;
use crate::config::Config;
use crate::domain::{Environment, Stamp};
use crate::engine::action::Action;
use crate::engine::effect::Loudness;
use crate::engine::event::Event;
use crate::engine::suggest::Chosen;
use crate::exchange::Venue;
use crate::input::Pasted;
use crate::input::chord::Code;
use crate::input::key::Key;
use crate::journal::Accounts;
use crate::ui::view::Mode;

/// What a key-entry form opens with beside a running venue: its own world first, the others behind it.
pub fn opening(
    global: &Global,
    config: &Rc<Config>,
    venue: &'static Venue,
    site: &Site,
) -> Opening {
    let others = [Environment::Real, Environment::Demo];
    let others = others
        .into_iter()
        .filter(|world| *world != site.environment);
    Opening {
        venue,
        environments: std::iter::once(site.environment).chain(others).collect(),
        places: places(global.clone(), config.clone(), venue, site.clone()),
        vault: None,
        why: String::new(),
    }
}

/// Finds each venue's addresses; the running site is its own venue's alone: a key goes to nobody else.
fn places(
    global: Global,
    config: Rc<Config>,
    running: &'static Venue,
    running_site: Site,
) -> Places {
    Box::new(move |venue, environment| {
        let told = |why: Failure| why.to_string();
        let site = if venue.id == running.id && environment == running_site.environment {
            running_site.clone()
        } else if environment == Environment::Sim {
            open::sim_site(&global, venue).map_err(told)?
        } else {
            site::choose(&global, &config, venue, environment).map_err(told)?
        };
        site::may_sign(&site, environment).map_err(told)?;
        let net = net::net(&global, &config, site.hosts.clone()).map_err(told)?;
        Ok((site, net))
    })
}

/// The open form.
pub enum Open {
    /// Keys go to the ladder.
    None,
    /// A key is entered.
    Entry(Box<Entry>),
    /// Limits are accepted.
    Card(Box<Card>),
}

impl Open {
    /// True when keys go to a form.
    pub const fn is_open(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// The next answer for the key-entry form; never, when none is open.
    pub async fn answer(&mut self) -> Option<Answer> {
        match self {
            Self::Entry(entry) => entry.answers.recv().await,
            _ => std::future::pending().await,
        }
    }
}

impl App {
    /// Opens the key-entry form, locked; not while something is at stake.
    pub(super) fn enter_key(&mut self) {
        let now = clock::now();
        let refusal = if self.player.is_some() {
            Some("a recording needs no key".to_owned())
        } else if !self.left_open().is_empty() {
            let held = self.left_open().join(", ");
            Some(format!("no key is entered while something is open: {held}"))
        } else {
            None
        };
        if let Some(words) = refusal {
            return self.note(now, Loudness::Warn, &words);
        }
        let here = self.here();
        let Some(opening) = (self.seats[here].entry)() else {
            return self.note(now, Loudness::Warn, "keys cannot be entered here");
        };
        self.open_entry(opening);
    }

    /// Opens the form as it was prepared.
    pub(super) fn open_entry(&mut self, opening: Opening) {
        let shown = self.screen.shown();
        self.press(Action::Lock, clock::now(), shown);
        self.form = Open::Entry(Box::new(Entry::open(opening, &self.folders)));
        self.show_form();
    }

    /// Arms, or shows the limits first.
    pub(super) fn arm(&mut self, volume: u8, at: Stamp, shown: Shown) {
        let seat = shown.key.and_then(|key| self.seat_of(key));
        let desk = &self.seats[seat.unwrap_or_else(|| self.here())].desk;
        // What bars arming is told before anybody thinks about limits.
        if desk.settings().limits_accepted || desk.arm().barred().is_some() {
            return self.press(Action::Arm(volume), at, shown);
        }
        let Some(suggested) = desk.suggested_limits() else {
            let words = "the balance is not read yet: press again in a moment";
            return self.note(clock::now(), Loudness::Warn, words);
        };
        let settings = desk.settings();
        let account = format!("{} at {}", settings.account, settings.venue_title);
        let most = Chosen::of(&settings.limits);
        let card = Card::new(volume, settings.environment, account, suggested, most);
        self.form = Open::Card(Box::new(card));
        self.show_form();
    }

    fn show_form(&mut self) {
        self.hurry = true;
        self.screen.view.mode = match &self.form {
            Open::None => Mode::Ladder,
            Open::Entry(entry) => Mode::Form(entry.picture()),
            Open::Card(card) => Mode::Form(card.picture()),
        };
    }

    /// Closes what is open; what was typed into it is wiped.
    pub(super) fn close_form(&mut self) {
        self.form = Open::None;
        self.show_form();
        self.screen.view.redraw();
    }

    /// A key for the open form.
    pub(super) fn typed_into_form(&mut self, key: &Key) {
        match &mut self.form {
            Open::None => {}
            Open::Entry(entry) => {
                let step = entry.typed(key);
                self.entry_step(step);
            }
            Open::Card(_) => self.typed_into_card(key),
        }
    }

    fn typed_into_card(&mut self, key: &Key) {
        let Open::Card(card) = &mut self.form else {
            return;
        };
        match key.stroke.code {
            Code::Esc => return self.close_form(),
            Code::Enter => {
                if let Some(chosen) = card.accept() {
                    let volume = card.volume;
                    return self.accept_limits(chosen, volume, key.at);
                }
            }
            Code::Tab if key.stroke.shift => card.step(false),
            Code::Up => card.step(false),
            Code::Tab | Code::Down => card.step(true),
            Code::Backspace => card.backspace(),
            Code::Char(c) => card.push(c),
            _ => {}
        }
        self.show_form();
    }

    fn accept_limits(&mut self, chosen: Chosen, volume: u8, at: Stamp) {
        self.close_form();
        let here = self.here();
        self.handle(here, Event::Limits(chosen));
        let (state, account) = (self.folders.state.clone(), self.seats[here].account.clone());
        // The disk is not waited for; a limit that is forgotten is asked for again.
        tokio::task::spawn_blocking(move || {
            if let Err(why) = Accounts::change(&state, |accounts| accounts.accept(&account, chosen))
            {
                tracing::warn!("cannot remember the limits: {why}");
            }
        });
        let shown = self.screen.shown();
        self.press(Action::Arm(volume), at, shown);
    }

    /// Pasted bytes for the open form; a card takes none.
    pub(super) fn pasted_into_form(&mut self, text: &Pasted) {
        if let Open::Entry(entry) = &mut self.form {
            entry.pasted(text.expose());
            self.show_form();
        }
    }

    /// Something to say about the keys themselves.
    pub(super) fn note_in_form(&mut self, words: &str) {
        if let Open::Entry(entry) = &mut self.form {
            entry.note(words);
            self.show_form();
        }
    }

    /// Something came back for the key-entry form.
    pub(super) fn answered(&mut self, answer: Answer) {
        if let Open::Entry(entry) = &mut self.form {
            let step = entry.answered(answer);
            self.entry_step(step);
        }
    }

    fn entry_step(&mut self, step: Step) {
        match step {
            Step::Stay => self.show_form(),
            Step::Leave => {
                self.close_form();
                let words = "nothing was kept; :keys opens the key screen again";
                self.note(clock::now(), Loudness::Info, words);
            }
            Step::Done(entered) => self.connect(entered),
        }
    }

    /// The loop ends here and begins again with the key.
    fn connect(&mut self, entered: Entered) {
        self.close_form();
        self.entered = Some((self.here(), entered));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::venue;

    #[test]
    fn rule11_a_key_is_tested_at_its_own_venue_alone_whichever_runs() {
        let global = Global::default();
        let config = Rc::new(Config::load(None, &[], &["dark".to_owned()]).unwrap());
        let of = |id: &str| venue(id).unwrap();
        let site = |id: &str| site::choose(&global, &config, of(id), Environment::Real).unwrap();
        let places = places(global.clone(), config.clone(), of("bybit"), site("bybit"));
        let at = |id: &str, world| places(of(id), world).map(|(site, _)| site.endpoints.rest);
        for id in ["bybit", "okx", "binance-futures"] {
            assert_eq!(at(id, Environment::Real), Ok(site(id).endpoints.rest));
        }
        let told = at("okx", Environment::Sim).unwrap_err();
        assert!(told.contains("--sim"), "{told}");
    }
}
