//! What the trader arranged, from run to run: what of the app is kept, and what becomes of it at the next start. The disk is not waited for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Failure;
use super::ladders::{Ladder, MOST, split};
use super::open::Opened;
use super::pages::{MOST_PAGES, Page};
use super::turn::App;
use crate::cli::Global;
use crate::clock;
use crate::config::{Config, Folders, file};
use crate::domain::{Stamp, Symbol};
use crate::engine::effect::Loudness;
use crate::journal::workspace::{self, Stands, Wished, Workspace};
use crate::nearest::did_you_mean;
use crate::ui::layout::{self, Layout, with_own};

/// How often is looked whether something was arranged otherwise, ms.
const LOOK_MS: u64 = 2_000;

/// The layouts that there are: the shipped ones and the user's.
///
/// # Errors
/// A layout that cannot be used, with its file and line; a `layout` in the settings that does not exist.
pub fn layouts(config: &Config, folders: &Folders) -> Result<Arc<[Arc<Layout>]>, Failure> {
    let mut own = Vec::new();
    for (name, file, text) in file::layouts(folders)? {
        let layout = Layout::read(&name, &file, &text);
        own.push(layout.map_err(|why| Failure::Input(why.to_string()))?);
    }
    let all = with_own(own);
    wished(config, all.iter().map(|layout| layout.name.as_str()))?;
    Ok(all.into())
}

/// Every layout by name with what it is, or why it cannot be used.
///
/// # Errors
/// A file that cannot be read; a `layout` in the settings that does not exist.
pub fn layout_list(config: &Config, folders: &Folders) -> Result<Vec<(String, String)>, Failure> {
    let all = layout::listing(&file::layouts(folders)?);
    wished(config, all.iter().map(|(name, _)| name.as_str()))?;
    Ok(all)
}

/// The layout that the settings name must be there.
fn wished<'a>(
    config: &Config,
    mut names: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), Failure> {
    let wished = config.settings.layout.as_str();
    let mend = did_you_mean(wished, names.clone());
    if names.any(|name| name == wished) {
        return Ok(());
    }
    let words = format!("there is no layout \"{wished}\"{mend}");
    Err(config.fault("layout", words).into())
}

/// What is kept of the screen, and where.
#[derive(Debug, Default)]
pub struct Keeping {
    /// The world's name in the file; `None` where nothing is kept.
    world: Option<String>,
    /// What the file has.
    kept: Workspace,
    /// The pages are this run's alone: what the file has of them stays.
    pages_stay: bool,
    /// The command line names the layout of the page in front.
    is_laid: bool,
    looked: Stamp,
    wished: Wished,
    /// A sentence for the trader.
    told: Option<String>,
}

impl Keeping {
    /// Nothing is kept.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// What was arranged where these venues are open, unless the settings say that nothing is kept.
    pub fn of(opened: &[Opened], config: &Config, global: &Global, folders: &Folders) -> Self {
        let settings = &config.settings;
        if !settings.workspace.restore {
            return Self::nothing();
        }
        let mut seats: Vec<String> = opened
            .iter()
            .map(|opened| format!("{} {}", opened.venue.id, opened.site.environment.word()))
            .collect();
        seats.sort();
        let world = seats.join(", ");
        let (kept, told) = workspace::load(&folders.state, &world);
        Self {
            world: Some(world),
            kept: kept.unwrap_or_default(),
            pages_stay: !global.symbols.is_empty(),
            is_laid: global.layout.is_some(),
            looked: Stamp::default(),
            wished: Wished {
                symbols: settings.symbols.clone(),
                layout: settings.layout.clone(),
            },
            told,
        }
    }

    /// The pages to open; none where the command line or changed settings ask for something else.
    fn pages(&self) -> &[workspace::Page] {
        match !self.pages_stay && self.kept.wished.symbols == self.wished.symbols {
            true => &self.kept.pages,
            false => &[],
        }
    }
}

impl App {
    /// Opens the ladders: as they were left, else as the command line and the settings say.
    pub(super) fn open_workspace(&mut self, wished: &[(usize, Symbol)]) {
        if let Some(words) = self.keeping.told.take() {
            self.note(clock::now(), Loudness::Warn, &words);
        }
        let ladders = self.keeping.kept.ladders.clone();
        for (name, stands) in &ladders {
            if let Some(leader) = &stands.leader {
                self.leaders.chosen.insert(name.clone(), leader.clone());
            }
        }
        let wished_before = &self.keeping.kept.wished.layout;
        let is_wished = *wished_before == self.keeping.wished.layout && !self.keeping.is_laid;
        let pages = self.keeping.pages().to_vec();
        let front = self.keeping.kept.front;
        let plain = Arc::clone(self.screen.view.layout());
        let mut at = None;
        self.pages.clear();
        for (number, page) in pages.iter().enumerate().take(MOST_PAGES) {
            let found = self.pages_ladders(page, self.pages.len());
            if found.is_empty() {
                continue;
            }
            let first = self.ladders.len();
            let place = first + page.front.min(found.len() - 1);
            let layouts = self.screen.view.layouts();
            let named = layouts.iter().find(|layout| layout.name == page.layout);
            let is_front = number == front;
            let layout = named.filter(|_| is_wished || !is_front).unwrap_or(&plain);
            self.pages.push(Page {
                name: page.name.clone(),
                layout: Arc::clone(layout),
                front: found.get(place - first).map(|ladder| ladder.key),
            });
            self.ladders.extend(found);
            if is_front || at.is_none() {
                at = Some(place);
            }
        }
        if self.pages.is_empty() {
            self.pages.push(Page::first(plain));
        }
        self.at = at.unwrap_or(0);
        let layout = Arc::clone(&self.pages[self.page()].layout);
        self.screen.view.lay_out(layout);
        let is_new = self.ladders.is_empty();
        for (seat, symbol) in wished {
            // Every seat has a ladder: what concerns a whole account goes by it.
            if is_new || self.ladders.iter().all(|ladder| ladder.seat != *seat) {
                self.open_ladder(*seat, *symbol);
                self.at = at.unwrap_or(0);
            }
        }
        for ladder in self.ladders.clone() {
            self.begin(&ladder);
            if let Some(stands) = ladders.get(&ladder.name()) {
                self.screen.take_up(ladder.key, stands);
            }
        }
    }

    /// The ladders of a page whose venues are open.
    fn pages_ladders(&self, page: &workspace::Page, number: usize) -> Vec<Ladder> {
        let ladder = |name: &String| {
            let (venue, symbol) = split(name);
            let symbol = Symbol::new(symbol).ok()?;
            let seat = self
                .seats
                .iter()
                .position(|seat| Some(seat.venue.as_str()) == venue)?;
            Some(Ladder::of(&self.seats[seat], seat, symbol, number))
        };
        page.ladders.iter().take(MOST).filter_map(ladder).collect()
    }

    /// Keeps what is arranged otherwise than the file has it.
    pub(super) fn keep_workspace(&mut self, now: Stamp) {
        if now.ms_since(self.keeping.looked) < LOOK_MS {
            return;
        }
        self.keeping.looked = now;
        let Some((world, workspace)) = self.unkept() else {
            return;
        };
        self.keeping.kept = workspace.clone();
        let state = self.folders.state.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(why) = workspace::keep(&state, &world, &workspace) {
                tracing::warn!("cannot keep the workspace: {why}");
            }
        });
    }

    /// Keeps it once more when the loop has ended and nothing waits for the disk.
    pub fn keep_at_end(&self) {
        if let Some((world, workspace)) = self.unkept()
            && let Err(why) = workspace::keep(&self.folders.state, &world, &workspace)
        {
            tracing::warn!("cannot keep the workspace: {why}");
        }
    }

    /// What is arranged now, where the file has it otherwise.
    fn unkept(&self) -> Option<(String, Workspace)> {
        let world = self.keeping.world.clone()?;
        let workspace = self.arranged();
        (workspace != self.keeping.kept).then_some((world, workspace))
    }

    fn arranged(&self) -> Workspace {
        let kept = &self.keeping.kept;
        let mut ladders: BTreeMap<String, Stands> = kept.ladders.clone();
        for ladder in &self.ladders {
            let stands = ladders.entry(ladder.name()).or_default();
            self.screen.note_stands(ladder.key, stands);
            stands.leader = self.leaders.chosen.get(&ladder.name()).cloned();
        }
        ladders.retain(|_, stands| *stands != Stands::default());
        if self.keeping.pages_stay {
            return Workspace {
                ladders,
                ..kept.clone()
            };
        }
        let in_front = self.page();
        let page = |(number, page): (usize, &Page)| {
            let here = self.ladders.iter().filter(|ladder| ladder.page == number);
            let here: Vec<Ladder> = here.copied().collect();
            let (layout, front) = if number == in_front {
                let front = self.ladders.get(self.at).map(|ladder| ladder.key);
                (self.screen.view.layout(), front)
            } else {
                (&page.layout, page.front)
            };
            let front = here.iter().position(|ladder| Some(ladder.key) == front);
            workspace::Page {
                name: page.name.clone(),
                layout: layout.name.clone(),
                ladders: here.iter().map(Ladder::name).collect(),
                front: front.unwrap_or(0),
            }
        };
        Workspace {
            pages: self.pages.iter().enumerate().map(page).collect(),
            front: in_front,
            wished: self.keeping.wished.clone(),
            ladders,
        }
    }
}
