//! The screen on a venue: starts every thread, runs the loop, ends everything in order.

use std::io::{self, Write};
use std::thread::JoinHandle;

use tokio::sync::watch;
use tokio::task::LocalSet;

use super::channel::{self, AccountDesk, FeedDesk};
use super::open::{self, Opened};
use super::screen::{self, Screen};
use super::signals::Signals;
use super::turn::{App, Bells, Ended, Ports};
use super::{Failure, Themes, disk, fault, log, need_terminal, net, settings, variable};
use crate::cli::Global;
use crate::clock;
use crate::config::{Config, Folders};
use crate::domain::{Environment, MarketKey, Symbol, VenueId};
use crate::engine::Desk;
use crate::engine::effect::Loudness;
use crate::engine::settings::DeskSettings;
use crate::exchange::dial::Net;
use crate::exchange::session::{FeedPorts, run_account, run_feed};
use crate::exchange::{AccountSettings, Venue};
use crate::input::listing;
use crate::journal::{Journal, Past, session};
use crate::ui::help::{HelpGroup, HelpRow, HelpText};
use crate::ui::theme::Theme;

/// Opens the screen on what the command line names.
///
/// # Errors
/// Whatever keeps it from opening.
pub fn trade(global: &Global) -> Result<(), Failure> {
    let (config, themes) = settings(global)?;
    let opened = open::open(global, &config)?;
    let first = open::first_symbol(&opened, &config.settings.symbols)?;
    need_terminal()?;
    let folders = Folders::find(variable)?;
    let _log = log::start(&folders.state)?;
    fault::hook();
    let net = net::net(global, &config, opened.hosts.clone())?;
    let (journal, past, session) = journal(&folders.state)?;
    let desk = desk(&config, &opened, &session, &past);
    let (stop, stopped) = channel::stop();
    let (feed_ports, feed) = channel::feed(None);
    let feed_thread = start_feed(
        opened.venue,
        opened.endpoints.clone(),
        net.clone(),
        feed_ports,
        stopped.clone(),
    )?;
    let runtime = runtime()?;
    let local = LocalSet::new();
    let account = account(&opened, &local, net, &session, stopped);
    let table = Table {
        config: &config,
        themes: &themes,
        venue: opened.venue,
        first: &first,
    };
    let ended = runtime.block_on(local.run_until(show(table, desk, journal, feed, account, None)));
    // Sessions write their last words and close their lines.
    let _ = stop.send(true);
    runtime.block_on(async {
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), local).await;
    });
    finish(feed_thread);
    ended.map(|_| ())
}

/// The journal below `dir` with this run begun in it: what earlier runs left, and this run's name.
///
/// # Errors
/// When it cannot be written.
pub fn journal(dir: &std::path::Path) -> Result<(Journal, Past, String), Failure> {
    let told = |why: &dyn std::fmt::Display| Failure::World(why.to_string());
    let (mut journal, past) = Journal::open(dir).map_err(|why| told(&why))?;
    let now = clock::now();
    let session = session::name(now, past.sessions.last().map(String::as_str));
    journal.begin(now, &session).map_err(|why| told(&why))?;
    Ok((journal, past, session))
}

/// What a screen is laid with.
pub struct Table<'a> {
    /// Settings and keys.
    pub config: &'a Config,
    /// The user's themes.
    pub themes: &'a Themes,
    /// Whose protocol.
    pub venue: &'static Venue,
    /// The symbol that opens first.
    pub first: &'a str,
}

/// Opens the screen and turns until the end; the terminal is given back before this returns.
///
/// # Errors
/// When the screen, a thread or a signal handler cannot be had.
pub async fn show(
    table: Table<'_>,
    mut desk: Desk,
    journal: Journal,
    feed: FeedDesk,
    account: Option<AccountDesk>,
    player: Option<super::play::Controls>,
) -> Result<Ended, Failure> {
    let (rows, rows_out) = channel::rows();
    let (trouble_in, trouble) = channel::trouble();
    let disk = disk::spawn(journal, rows_out, trouble_in)?;
    let settings = &table.config.settings;
    let mut signals = Signals::install()?;
    let (theme, warnings) = theme(table.config, table.themes)?;
    for words in warnings {
        desk.note(clock::now(), Loudness::Warn, &words);
    }
    let screen = Screen::open(screen::Settings {
        theme,
        help: help(table.config),
        keymap: table.config.keymap.clone(),
        escape_ms: settings.input.escape_wait_ms(variable),
        sequence_ms: settings.input.sequence_ms,
    })?;
    let focus = focus(&desk, table.venue, table.first)?;
    let bells = Bells {
        fill: settings.bell.fill,
        reject: settings.bell.reject,
        alarm: settings.bell.alarm,
    };
    let ports = Ports {
        feed,
        account,
        disk: rows,
        disk_thread: disk.thread().clone(),
        trouble,
    };
    let mut app = App::new(desk, focus.venue, ports, screen, bells, player);
    app.lock_on_focus_loss = settings.lock_on_focus_loss;
    app.follow(focus);
    let ended = app.run(&mut signals).await;
    let left = app.left_open();
    drop(app);
    disk.thread().unpark();
    finish(disk);
    if ended != Ended::Settled || !left.is_empty() {
        // The shell is back; a terminal that is gone reads nothing.
        let _ = writeln!(io::stderr(), "lancet: {}", farewell(ended, &left));
    }
    Ok(ended)
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

fn focus(desk: &Desk, venue: &Venue, symbol: &str) -> Result<MarketKey, Failure> {
    let told =
        |why: crate::domain::text::TextError| Failure::Input(format!("--symbol {symbol:?}: {why}"));
    let venue = VenueId::new(venue.id).map_err(told)?;
    Ok(MarketKey {
        account: desk.settings().account,
        venue,
        symbol: Symbol::new(symbol).map_err(told)?,
    })
}

fn desk(config: &Config, opened: &Opened, session: &str, past: &Past) -> Desk {
    let venue =
        VenueId::new(opened.venue.id).unwrap_or_else(|_| unreachable!("a venue's id is a name"));
    let mut settings = DeskSettings::new(
        opened.environment,
        opened.account,
        venue,
        session.to_owned(),
        config.settings.limits.clone(),
    );
    config.settings.tell(&mut settings);
    opened.venue.title.clone_into(&mut settings.venue_title);
    settings.is_unsafe = opened.is_unsafe;
    settings.earlier_sessions.clone_from(&past.sessions);
    let mut desk = Desk::new(settings);
    // An exchange of this process's own ended with the last one: nothing is left there.
    if let Some(words) = past.words().filter(|_| !opened.is_own()) {
        desk.note(clock::now(), Loudness::Warn, &words);
    }
    if opened.environment != Environment::Sim && opened.credentials.is_none() {
        desk.note(
            clock::now(),
            Loudness::Warn,
            "view-only: there is no key for this venue yet",
        );
    }
    desk
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
        endpoints: opened.endpoints.clone(),
        credentials,
        session: session.to_owned(),
    });
    let rest = opened.endpoints.rest.clone();
    local.spawn_local(async move {
        if let Err(why) = run_account(machine, rest, net, ports, stopped).await {
            tracing::error!("the account cannot run: {why}");
        }
    });
    Some(desk)
}

fn theme(config: &Config, themes: &Themes) -> Result<(Theme, Vec<String>), Failure> {
    let depth = config.settings.color.resolve(variable);
    let (theme, warnings) = Theme::load(&config.settings.theme, themes, depth)
        .map_err(|why| Failure::Input(why.to_string()))?;
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
