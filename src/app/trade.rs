//! The screen on a venue: starts every thread, runs the loop, ends everything in order.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

use super::alerting::Alerting;
use super::audits::Audits;
use super::channel::{self, AccountDesk};
use super::entry::{Entered, Opening};
use super::leader::Leaders;
use super::open::{self, Opened};
use super::paper::{self, Pace};
use super::reel::thread::Showing;
use super::screen::{self, Screen};
use super::seat::{Lines, Seat};
use super::signals::Signals;
use super::turn::{App, Ended, Ports};
use super::workspace::{self, Keeping};
use super::{
    Failure, Themes, ability, boxed, disk, fault, forms, log, looks, need_terminal, net, past,
    settings, variable,
};
use crate::cli::Global;
use crate::clock;
use crate::config::{Config, Folders};
use crate::domain::{Environment, Symbol, VenueId};
use crate::engine::Desk;
use crate::engine::effect::Loudness;
use crate::engine::event::Event;
use crate::engine::key::KeyStanding;
use crate::engine::settings::DeskSettings;
use crate::exchange::credentials::Credentials;
use crate::exchange::dial::Net;
use crate::exchange::session::{FeedPorts, run_account, run_feed};
use crate::exchange::{AccountSettings, Venue};
use crate::input::listing;
use crate::journal::{Accounts, History, Journal, Levels, Past, accounts, guards, session};
use crate::sim::Mood;
use crate::ui::help::{HelpGroup, HelpRow, HelpText};
use crate::ui::screen::Notices;
use crate::ui::screen::guard::Reports;
use crate::ui::theme::Theme;

/// What is said of paper at its start.
const PAPER: &str = "paper: fills are simulated on the live book; nothing is liquidated, and all of it ends with Lancet";

/// Opens the screen on what the command line names, and again on what a key was entered for.
///
/// # Errors
/// Whatever keeps it from opening.
pub fn trade(global: &Global) -> Result<(), Failure> {
    let (config, themes) = settings(global)?;
    let mut opened = open::all(global, &config)?;
    open::ladders(&opened, &config.settings.symbols)?;
    need_terminal()?;
    let folders = Folders::find(variable)?;
    let _log = log::start(&folders.state)?;
    for opened in &mut opened {
        opened.unlock(global, &folders)?;
    }
    fault::hook();
    let runtime = runtime()?;
    let session = Session {
        global,
        config: &Rc::new(config),
        themes: &themes,
        folders: &folders,
        runtime: &runtime,
    };
    let mut screen = None;
    loop {
        let left = session.run(&mut opened, screen)?;
        let Some((seat, entered)) = left.entered else {
            return Ok(());
        };
        screen = left.screen;
        // A venue that is open elsewhere goes on there: it has one account.
        let of_venue = |opened: &Opened| opened.venue.id == entered.venue.id;
        let seat = opened.iter().position(of_venue).unwrap_or(seat);
        let renewed = opened
            .remove(seat)
            .connect(global, session.config, entered)?;
        opened.insert(seat, renewed);
    }
}

/// What one venue after the other is opened with.
struct Session<'a> {
    global: &'a Global,
    config: &'a Rc<Config>,
    themes: &'a Themes,
    folders: &'a Folders,
    runtime: &'a tokio::runtime::Runtime,
}

impl Session<'_> {
    /// Opens everything, turns until the end, ends everything in order.
    fn run(&self, opened: &mut [Opened], screen: Option<Screen>) -> Result<Left, Failure> {
        let ladders = open::ladders(opened, &self.config.settings.symbols)?;
        let environment = opened[0].site.environment;
        let (journal, past, session) = journal(&self.folders.state, environment)?;
        let (stop, stopped) = channel::stop();
        let local = LocalSet::new();
        let mut feeds = Vec::new();
        let mut seats = Vec::new();
        let mut lines = Lines::default();
        for opened in &*opened {
            let net = net::net(self.global, self.config, opened.site.hosts.clone())?;
            let (feed_ports, feed) = channel::feed(None);
            feeds.push(start_feed(
                opened.venue,
                opened.site.endpoints.clone(),
                net.clone(),
                feed_ports,
                stopped.clone(),
            )?);
            let standings = self.audits(opened, &local, &net);
            let (feed, account) = if opened.is_paper() {
                let terms = paper::terms(self.config, opened.venue, opened.account)?;
                let pace = Pace::new(1.into());
                let (feed, account) = paper::open(terms, feed, pace, &local, stopped.clone());
                (feed, Some(account))
            } else {
                let account = account(opened, &local, net, &session, stopped.clone());
                (feed, account)
            };
            lines.add(feed, account, standings);
            seats.push(self.seat(opened, &session, &past)?);
        }
        let keeping = Keeping::of(opened, self.config, self.global, self.folders);
        let parts = Parts {
            seats,
            lines,
            ladders,
            keeping,
            journal,
            player: None,
            showing: None,
            moods: opened.iter().map(Opened::moods).collect(),
            screen,
            opening: self.first_opening(opened),
            folders: self.folders.clone(),
        };
        let table = Table {
            config: self.config,
            themes: self.themes,
            file: self.global.config.as_deref(),
        };
        let ended = self.runtime.block_on(local.run_until(show(table, parts)));
        // Sessions write their last words and close their lines.
        let _ = stop.send(true);
        self.runtime.block_on(async {
            let _ = tokio::time::timeout(std::time::Duration::from_secs(1), local).await;
        });
        feeds.into_iter().for_each(finish);
        ended
    }

    fn seat(&self, opened: &Opened, session: &str, past: &Past) -> Result<Seat, Failure> {
        let desk = desk(self.config, opened, session, past, self.folders)?;
        Ok(Seat {
            venue: desk.settings().venue,
            desk,
            readings: BTreeMap::new(),
            reads: self.config.settings.readings(),
            entry: self.entry(opened),
            account: account_name(opened),
            listed: None,
        })
    }

    /// A key of the vault is audited at every start.
    fn audits(
        &self,
        opened: &Opened,
        local: &LocalSet,
        net: &Net,
    ) -> Option<mpsc::Receiver<KeyStanding>> {
        let held = opened.held.clone()?;
        let (standings, heard) = channel::standings();
        let audits = Audits {
            venue: opened.venue,
            endpoints: opened.site.endpoints.clone(),
            net: net.clone(),
            held,
            state: self.folders.state.clone(),
        };
        local.spawn_local(audits.run(standings));
        Some(heard)
    }

    /// What `:keys` opens with.
    fn entry(&self, opened: &Opened) -> Box<dyn Fn() -> Option<Opening>> {
        if opened.is_paper() {
            return Box::new(|| None);
        }
        let (global, config) = (self.global.clone(), self.config.clone());
        let (venue, site) = (opened.venue, opened.site.clone());
        Box::new(move || Some(forms::opening(&global, &config, venue, &site)))
    }

    /// The key-entry form opens by itself where no key fits, for the first venue that has none.
    fn first_opening(&self, opened: &mut [Opened]) -> Option<(usize, Opening)> {
        let seat = opened.iter().position(|opened| opened.wants_key)?;
        let opened = &mut opened[seat];
        let opening = forms::opening(self.global, self.config, opened.venue, &opened.site);
        let opening = Opening {
            vault: opened.vault.take(),
            why: format!(
                "there is no key for {} {} yet; Esc looks on without one",
                opened.venue.title,
                opened.site.environment.word()
            ),
            ..opening
        };
        Some((seat, opening))
    }
}

/// The key belongs to the name: another account's key under an old label has limits of its own.
fn account_name(opened: &Opened) -> String {
    let environment = opened.site.environment.word();
    let print = opened.credentials.as_ref().map(Credentials::fingerprint);
    accounts::name(
        opened.venue.id,
        environment,
        opened.account.as_str(),
        &print.unwrap_or_default(),
    )
}

/// The journal below `dir` with this run begun in it: what earlier runs left, and this run's name.
///
/// # Errors
/// When it cannot be written.
pub fn journal(
    dir: &std::path::Path,
    environment: Environment,
) -> Result<(Journal, Past, String), Failure> {
    let told = |why: &dyn std::fmt::Display| Failure::World(why.to_string());
    let (mut journal, past) = Journal::open(dir).map_err(|why| told(&why))?;
    let now = clock::now();
    let session = session::name(now, past.sessions.last().map(String::as_str));
    journal
        .begin(now, &session, environment)
        .map_err(|why| told(&why))?;
    Ok((journal, past, session))
}

/// What a screen is laid with.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    /// Settings and keys.
    pub config: &'a Config,
    /// The user's themes.
    pub themes: &'a Themes,
    /// The config file that a flag named.
    pub file: Option<&'a Path>,
}

/// What a screen is opened with.
pub struct Parts {
    /// The seats, their desks told nothing yet.
    pub seats: Vec<Seat>,
    /// Their channels.
    pub lines: Lines,
    /// The ladders to open: seat and symbol, the first in front.
    pub ladders: Vec<(usize, Symbol)>,
    /// What is kept of them from run to run.
    pub keeping: Keeping,
    /// The journal, with this run begun.
    pub journal: Journal,
    /// Where a recording is shown.
    pub player: Option<super::play::Controls>,
    /// Where one is only looked at.
    pub showing: Option<Showing>,
    /// What sets the mood of each seat's exchange, where Lancet opened it.
    pub moods: Vec<Option<watch::Sender<Option<Mood>>>>,
    /// The terminal, where it is taken already.
    pub screen: Option<Screen>,
    /// A key-entry form to begin with, and for which seat.
    pub opening: Option<(usize, Opening)>,
    /// Where vault and memory are.
    pub folders: Folders,
}

/// What is left when the loop has ended.
pub struct Left {
    /// The terminal, still taken, when it goes on with a key.
    pub screen: Option<Screen>,
    /// The key that was entered, and for which seat.
    pub entered: Option<(usize, Entered)>,
}

/// Opens the screen and turns until the end; the terminal is given back before this returns, unless it goes on.
///
/// # Errors
/// When the screen, a thread or a signal handler cannot be had.
pub async fn show(table: Table<'_>, parts: Parts) -> Result<Left, Failure> {
    let (rows, rows_out) = channel::rows();
    let (trouble_in, trouble) = channel::trouble();
    let disk = disk::spawn(parts.journal, rows_out, trouble_in)?;
    let mut seats = parts.seats;
    let mut signals = Signals::install()?;
    let (theme, warnings) = theme(table.config, table.themes)?;
    for words in warnings.iter().chain(table.config.told()) {
        seats[0].desk.note(clock::now(), Loudness::Warn, words);
    }
    let mut screen = match parts.screen {
        Some(mut screen) => {
            screen.renew();
            screen
        }
        None => open_screen(table.config, theme)?,
    };
    screen.history = History::load(&parts.folders.state);
    let levels = Levels::load(&parts.folders.state);
    let levels = levels.unwrap_or_else(|why| {
        let words = format!("no levels are shown: {why}");
        seats[0].desk.note(clock::now(), Loudness::Warn, &words);
        Levels::default()
    });
    let alerting = Alerting::new(table.config.settings.alerts.clone(), levels);
    alerting.watch_file(parts.folders.state.clone())?;
    let layouts = workspace::layouts(table.config, &parts.folders)?;
    screen.view.offer(layouts);
    // The settings were judged when they were read.
    let _ = screen.view.lay_out_by_name(&table.config.settings.layout);
    let themes = looks::dress(&mut screen, table, &parts.folders)?;
    let (earlier_in, earlier) = channel::earlier();
    past::read(&parts.folders.state, &seats, earlier_in);
    let ports = Ports {
        disk: rows,
        disk_thread: disk.thread().clone(),
        trouble,
        earlier,
        themes,
    };
    let mut app = App::new(
        (seats, parts.lines),
        ports,
        screen,
        alerting,
        parts.player,
        (parts.folders, table.config.settings.clone()),
        (Leaders::of(&table.config.settings), parts.keeping),
    );
    app.showing = parts.showing;
    app.moods = parts.moods;
    let writing = match (&app.player, &app.showing) {
        (None, None) => {
            let run = app.desk().settings().session.clone();
            boxed::start(table.config.settings.black_box, &app.folders, &run)?
        }
        _ => None,
    };
    let writing = writing.map(|(boxed, writing)| {
        app.boxed = Some(boxed);
        writing
    });
    app.open_workspace(&parts.ladders);
    if let Some((seat, opening)) = parts.opening {
        app.go_to_seat(seat);
        app.open_entry(opening);
    }
    let ended = app.run(&mut signals).await;
    app.keep_at_end();
    let left = app.left_open();
    let (screen, entered) = app.into_parts();
    if let Some(writing) = writing {
        writing.finish();
    }
    // The shell is given back before anything is said.
    let screen = entered.as_ref().and(Some(screen));
    disk.thread().unpark();
    finish(disk);
    if entered.is_none() && (ended != Ended::Settled || !left.is_empty()) {
        // A terminal that is gone reads nothing.
        let _ = writeln!(io::stderr(), "lancet: {}", farewell(ended, &left));
    }
    Ok(Left { screen, entered })
}

/// Takes the terminal with the user's keys and colours.
///
/// # Errors
/// When it cannot be set up.
pub fn open_screen(config: &Config, theme: Theme) -> io::Result<Screen> {
    let input = &config.settings.input;
    Screen::open(screen::Settings {
        theme,
        help: help(config),
        charts: config.settings.charts(),
        notices: Notices::new(config.settings.alerts.notice, variable),
        keymap: config.keymap.clone(),
        escape_ms: input.escape_wait_ms(variable),
        sequence_ms: input.sequence_ms,
        repeat_ms: input.repeat_ms,
        money_off: !config.settings.stats.money,
        look: config.settings.ladder.look(),
        reports: Reports {
            mouse: config.settings.mouse.enabled,
            // A click that brings the window to the front is none.
            focus: config.settings.mouse.enabled || config.settings.arming.focus_loss,
        },
    })
}

fn farewell(ended: Ended, left: &[String]) -> String {
    let how = match ended {
        Ended::Settled => "ended",
        Ended::Late => "ended before everything was verified",
        Ended::AtOnce => "ended at once, nothing was verified",
    };
    if left.is_empty() {
        how.to_owned()
    } else {
        format!("{how}; left open: {}", left.join(", "))
    }
}

/// A thread that ended by a panic was reported by the hook.
fn finish(thread: JoinHandle<()>) {
    let _ = thread.join();
}

fn desk(
    config: &Config,
    opened: &Opened,
    session: &str,
    past: &Past,
    folders: &Folders,
) -> Result<Desk, Failure> {
    let venue =
        VenueId::new(opened.venue.id).unwrap_or_else(|_| unreachable!("a venue's id is a name"));
    let mut settings = DeskSettings::new(
        opened.site.environment,
        opened.account,
        venue,
        session.to_owned(),
        config.settings.limits.clone(),
    );
    config.settings.tell(&mut settings);
    ability::tell(config, opened.venue, &mut settings)?;
    opened.venue.title.clone_into(&mut settings.venue_title);
    settings.amends = opened.venue.capabilities.amend;
    settings.is_unsafe = opened.site.is_unsafe;
    settings.has_key = opened.credentials.is_some() || opened.is_paper();
    settings.earlier_sessions.clone_from(&past.sessions);
    let account = opened.account.as_str();
    settings.day_before = past.day_result(
        account,
        opened.venue.id,
        opened.site.environment,
        clock::now().wall_ms(),
    );
    let (kept, unread) = guards::restore(&folders.state, past, &settings, clock::now().wall_ms());
    settings.kept = kept;
    let remembered = Accounts::load(&folders.state);
    settings.kept_volumes = remembered.volumes(&accounts::seat(&settings));
    // Real money and demo: the limits are looked at once before the first arming of an account.
    if matches!(
        opened.site.environment,
        Environment::Real | Environment::Demo
    ) {
        let accepted = remembered.limits(&account_name(opened));
        settings.limits_accepted = accepted.is_some();
        if let Some(chosen) = accepted {
            settings.kept.accept(chosen);
        }
    }
    let mut desk = Desk::new(settings);
    if let Some(words) = unread {
        desk.note(clock::now(), Loudness::Alarm, &words);
    }
    // An exchange of this process's own ended with the last one: nothing is left there.
    if let Some(words) = past.words().filter(|_| !opened.is_own()) {
        desk.note(clock::now(), Loudness::Warn, &words);
    }
    if !opened.news.is_empty() {
        desk.note(clock::now(), Loudness::Good, &opened.news);
    }
    if opened.is_paper() {
        desk.note(clock::now(), Loudness::Info, PAPER);
    } else if opened.credentials.is_none() {
        let words = "no key is in use; :keys opens the key screen".to_owned();
        let without = KeyStanding::ViewOnly("view-only: no key", words);
        desk.handle(clock::now(), Event::Key(without));
    }
    Ok(desk)
}

/// The trade thread's runtime: one thread, so that a key meets no other on its way.
///
/// # Errors
/// When the system has none.
pub fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// Starts the feed on a thread of its own.
///
/// # Errors
/// When the thread cannot be started.
pub fn start_feed(
    venue: &'static Venue,
    endpoints: crate::exchange::Endpoints,
    net: Net,
    ports: FeedPorts,
    stopped: watch::Receiver<bool>,
) -> io::Result<JoinHandle<()>> {
    let runtime = runtime()?;
    std::thread::Builder::new()
        .name("feed".to_owned())
        .spawn(move || {
            let feed = (venue.feed)(&endpoints);
            if let Err(why) = runtime.block_on(run_feed(feed, endpoints.rest, net, ports, stopped))
            {
                tracing::error!("the feed cannot run: {why}");
            }
        })
}

fn account(
    opened: &Opened,
    local: &LocalSet,
    net: Net,
    session: &str,
    stopped: watch::Receiver<bool>,
) -> Option<AccountDesk> {
    let credentials = opened.credentials.clone()?;
    let (ports, desk) = channel::account();
    let machine = (opened.venue.account)(AccountSettings {
        label: opened.account,
        endpoints: opened.site.endpoints.clone(),
        credentials,
        session: session.to_owned(),
    });
    let rest = opened.site.endpoints.rest.clone();
    local.spawn_local(async move {
        if let Err(why) = run_account(machine, rest, net, ports, stopped).await {
            tracing::error!("the account cannot run: {why}");
        }
    });
    Some(desk)
}

/// The theme in force, and what is wrong with it.
///
/// # Errors
/// When there is none of that name.
pub fn theme(config: &Config, themes: &Themes) -> Result<(Theme, Vec<String>), Failure> {
    let depth = config.settings.color.resolve(variable);
    let (mut theme, warnings) = Theme::load(&config.settings.theme, themes, depth)
        .map_err(|why| Failure::Input(why.to_string()))?;
    theme.glyphs = config.settings.glyphs.resolve(variable);
    Ok((theme, warnings.iter().map(ToString::to_string).collect()))
}

fn help(config: &Config) -> HelpText {
    let groups = listing::groups(&config.keymap)
        .into_iter()
        .map(|group| HelpGroup {
            title: group.title.to_owned(),
            rows: group
                .entries
                .into_iter()
                .map(|entry| HelpRow {
                    action: entry.name.to_owned(),
                    keys: entry.keys.join("  "),
                    words: entry.doc.to_owned(),
                })
                .collect(),
        });
    HelpText {
        groups: groups.collect(),
    }
}
