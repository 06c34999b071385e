//! The wiring: threads, channels, the loop. The only room that sees every other.
//!
//! Threads: `trade` (this one: app loop and account sessions), `feed`, `sim`, `disk`, and a reader and a writer a screen.

mod ability;
mod alerting;
mod ask;
mod audits;
mod boxed;
mod card;
pub mod channel;
pub mod disk;
mod doctor;
mod drill;
mod entry;
mod fault;
mod forms;
mod harden;
mod key_command;
mod keyring;
mod keys;
mod ladders;
mod leader;
mod levels;
mod log;
mod looks;
mod net;
mod open;
mod pages;
mod paper;
mod past;
mod play;
mod record;
mod reel;
mod review;
mod screen;
mod seat;
mod shown;
mod signals;
mod site;
mod standing;
mod stats;
mod trade;
mod turn;
mod workspace;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use crate::blackbox::Reader;
use crate::cli::{self, Global, List, Mode, Plan};
use crate::config::{Config, ConfigError, Folders, UserFile, file};
use crate::exchange::VENUES;
use crate::replay;
use crate::sim;
use crate::ui::theme;

/// Why the program ends without having done what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The user's words or files: exit code 2.
    #[error("{0}")]
    Input(String),
    /// The world: exit code 1.
    #[error("{0}")]
    World(String),
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::World(error.to_string())
    }
}

impl From<sim::SimError> for Failure {
    fn from(error: sim::SimError) -> Self {
        match error {
            sim::SimError::Wire(_)
            | sim::SimError::Unreadable(..)
            | sim::SimError::PublicKey(..) => Self::Input(error.to_string()),
            _ => Self::World(error.to_string()),
        }
    }
}

impl From<replay::ReplayError> for Failure {
    fn from(error: replay::ReplayError) -> Self {
        Self::Input(error.to_string())
    }
}

/// Does what the command line (program name first) asks; the exit code.
pub fn run(words: impl IntoIterator<Item = OsString>) -> u8 {
    harden::harden();
    let venues: Vec<&str> = VENUES.iter().map(|venue| venue.id).collect();
    let wires: Vec<&str> = sim::WIRES.iter().map(|wire| wire.id).collect();
    let plan = match Plan::read(words, &venues, &wires) {
        Ok(plan) => plan,
        Err(stop) => {
            // With nobody reading there is nothing left to tell.
            let _ = if stop.code == 0 {
                writeln!(io::stdout(), "{}", stop.words.trim_end())
            } else {
                writeln!(io::stderr(), "{}", stop.words.trim_end())
            };
            return stop.code;
        }
    };
    match perform(plan) {
        Ok(()) => 0,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "lancet: {failure}");
            match failure {
                Failure::Input(_) => 2,
                Failure::World(_) => 1,
            }
        }
    }
}

fn perform(plan: Plan) -> Result<(), Failure> {
    let mut out = io::stdout();
    match plan.mode {
        Mode::Screen => trade::trade(&plan.global),
        Mode::Print(list) => Ok(print(list, &plan.global, &mut out)?),
        Mode::Sim(asked) => serve(&plan.global, &asked),
        Mode::Replay(asked) if asked.headless => headless(&plan.global, &asked, &mut out),
        Mode::Replay(asked) => play::replay(&plan.global, &asked),
        Mode::Record(asked) => record::record(&plan.global, &asked),
        Mode::Keys(asked) => key_command::keys(&plan.global, &asked, &mut out),
        Mode::Levels(asked) => levels::levels(plan.global.venue(), &asked, &mut out),
        Mode::Doctor(asked) => doctor::doctor(&plan.global, &asked, &mut out),
        Mode::Stats(asked) => stats::stats(&plan.global, &asked, &mut out),
        Mode::Completions(shell) => Ok(cli::lists::completions(shell, &mut out)?),
        Mode::Man => Ok(cli::lists::man(&mut out)?),
    }
}

fn print(list: List, global: &Global, out: &mut impl Write) -> Result<(), Failure> {
    let (config, themes) = match list {
        // A layout that cannot be used stands in the list with the reason.
        List::Layouts => plain_settings(global)?,
        _ => settings(global)?,
    };
    Ok(cli::lists::print(
        list,
        &config,
        &theme::listing(&themes),
        &workspace::layout_list(&config, &Folders::find(variable)?)?,
        out,
    )?)
}

/// A user's themes: name and text.
type Themes = Vec<(String, String)>;

/// Settings and keys in force, and the user's themes.
fn settings(global: &Global) -> Result<(Config, Themes), Failure> {
    let (config, themes) = plain_settings(global)?;
    workspace::layouts(&config, &Folders::find(variable)?)?;
    Ok((config, themes))
}

/// The same, whatever the user's layouts are.
fn plain_settings(global: &Global) -> Result<(Config, Themes), Failure> {
    let folders = Folders::find(variable)?;
    let themes = file::themes(&folders)?;
    let own = file::user(global.config.as_deref(), &folders)?;
    let own = own.as_ref().map(|(name, text)| UserFile { name, text });
    let config = Config::load(own, &global.settings(), &theme::names(&themes))?;
    // What only the venues and the network can judge is judged here, so that a mistake is told whatever was asked for.
    site::check(&config)?;
    net::proxy(&config)?;
    Ok((config, themes))
}

/// An environment variable, if it is set and readable.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn serve(global: &Global, asked: &cli::Sim) -> Result<(), Failure> {
    if let Some(count) = asked.tape {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        for print in sim::crowd::tape(asked.seed.unwrap_or_default(), count) {
            writeln!(out, "{print}")?;
        }
        return Ok(out.flush()?);
    }
    let faults = asked
        .faults
        .iter()
        .map(|text| text.parse())
        .collect::<Result<Vec<sim::Fault>, _>>();
    let faults = faults.map_err(|error| Failure::Input(error.to_string()))?;
    let options = sim::Options {
        listen: asked.listen,
        seed: asked.seed,
        wire: Some(asked.wire.clone()),
        faults,
        public_key: asked.public_key.clone(),
        skew_ms: asked.skew_ms,
        mood: open::mood(global)?,
    };
    Ok(sim::run_command(options, asked.json)?)
}

fn headless(global: &Global, asked: &cli::Replay, out: &mut impl Write) -> Result<(), Failure> {
    if Reader::is_box(&asked.file) {
        return Err(Failure::Input(format!(
            "{}: --headless sums up what lancet record wrote; a black box is looked at",
            asked.file.display()
        )));
    }
    let state = replay::headless(&asked.file, global.venue())?;
    for broken in &state.broken {
        let _ = writeln!(
            io::stderr(),
            "{}:{}: skipped: {}",
            asked.file.display(),
            broken.line,
            broken.why
        );
    }
    if !state.broken.is_empty() {
        let _ = writeln!(io::stderr(), "{} lines skipped", state.broken.len());
    }
    for book in &state.books {
        let line = serde_json::to_string(book).map_err(io::Error::from)?;
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Refuses to draw where nothing can be drawn.
fn need_terminal() -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::Input(
            "the screen needs a terminal: standard input and output are not one".to_owned(),
        ));
    }
    match variable("TERM").as_deref() {
        None | Some("" | "dumb") => Err(Failure::Input(
            "TERM is dumb or not set: this terminal cannot draw a screen; set TERM to what it is, such as xterm-256color".to_owned(),
        )),
        Some(_) => Ok(()),
    }
}
