//! The command line. Words in, a [`Plan`] out; bad usage is one line and exit code 2. Must not start anything.

pub mod keys;
pub mod lists;
pub mod stats;

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::config::settings::ColorDepth;
use crate::config::{Flag, PRESETS};
use crate::nearest::did_you_mean;

pub use keys::{AcceptWord, Keys};
pub use stats::{Since, Stats};

/// It failed.
pub const EXIT_FAILED: u8 = 1;
/// Bad usage or input.
pub const EXIT_USAGE: u8 = 2;

/// A keyboard-driven order-book scalper for the terminal.
///
/// Without a command it opens on its built-in exchange: no keys, no network, no real money, ready to trade.
#[derive(Clone, Debug, Parser)]
#[command(name = "lancet", version, max_term_width = 100)]
#[command(
    after_help = "Keys: ? on the screen, or lancet --list-keys. Settings: lancet --print-config."
)]
pub struct Cli {
    /// What to do instead of opening the screen
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Everything that holds for all of it
    #[command(flatten)]
    pub global: Global,
}

/// Flags that every command takes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Global {
    /// Settings file to use instead of the one in the config folder
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Theme, see --list-themes
    #[arg(long, value_name = "NAME", global = true)]
    pub theme: Option<String>,
    /// Layout to begin with, see --list-layouts
    #[arg(long, value_name = "NAME", global = true)]
    pub layout: Option<String>,
    /// How many colours to use
    #[arg(long, value_name = "WHEN", global = true)]
    pub color: Option<ColorDepth>,
    /// Exchange to connect to (binance-futures, binance-spot, bybit, okx); repeat for more at once
    #[arg(long = "venue", value_name = "VENUE", global = true)]
    pub venues: Vec<String>,
    /// Which of its worlds: real money, demo, or the built-in exchange
    #[arg(long, value_name = "ENV", global = true)]
    pub env: Option<Env>,
    /// Symbol to open, or VENUE:SYMBOL; repeat for more, the first one is in front
    #[arg(long = "symbol", value_name = "SYMBOL", global = true)]
    pub symbols: Vec<String>,
    /// Trade on paper: the live book (or a recording), simulated fills, no key and no money
    #[arg(long, global = true, conflicts_with_all = ["keys", "view_only"])]
    pub paper: bool,
    /// Use the running built-in exchange whose JSON line is in FILE; repeat for more at once
    #[arg(long = "sim", value_name = "FILE", global = true)]
    pub sim_files: Vec<PathBuf>,
    /// Key of the vault to connect with, by its label; one a venue
    #[arg(long = "key", value_name = "LABEL", global = true)]
    pub keys: Vec<String>,
    /// File whose bytes open the vault of API keys without a question (one newline at its end does not count; 32 bytes or more)
    #[arg(long, value_name = "FILE", global = true)]
    pub key_file: Option<PathBuf>,
    /// Open no vault and ask for no key: public data alone
    #[arg(long, global = true, conflicts_with = "keys")]
    pub view_only: bool,
    /// Trust the certificates in FILE (PEM) beside the bundled roots
    ///
    /// For a company's proxy that opens TLS. The bundled roots stay trusted; names and dates are checked as ever.
    #[arg(long, value_name = "FILE", global = true)]
    pub ca_file: Option<PathBuf>,
    /// For tests: speak to this http(s)://host:port instead of the venue
    ///
    /// Real-money keys never sign for it, and the screen says UNSAFE ENDPOINT. http:// is taken for this host alone.
    #[arg(long, value_name = "URL", global = true, conflicts_with = "sim_files")]
    pub unsafe_endpoint: Option<String>,
    /// Mood of the built-in exchange: calm, trending, violent, or changing (the usual)
    #[arg(long, value_name = "NAME", global = true)]
    pub mood: Option<String>,
    /// Print every key with its action
    #[arg(long)]
    pub list_keys: bool,
    /// Print every theme
    #[arg(long)]
    pub list_themes: bool,
    /// Print every layout
    #[arg(long)]
    pub list_layouts: bool,
    /// Print every action that a key can be bound to
    #[arg(long)]
    pub list_actions: bool,
    /// Print every preset of keys
    #[arg(long)]
    pub list_presets: bool,
    /// Print the settings in force, the defaults with their comments
    #[arg(long)]
    pub print_config: bool,
    /// Preset of keys, see --list-presets
    #[arg(long, value_name = "NAME", global = true)]
    pub preset: Option<String>,
}

/// A venue's worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Env {
    /// Real money.
    Live,
    /// The venue's demo network.
    Demo,
    /// The built-in exchange.
    Sim,
}

/// What can be done beside opening the screen.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve the built-in exchange until SIGTERM
    Sim(Sim),
    /// Show a recording or the black box on the ladder, or check a recording
    Replay(Replay),
    /// Record what a venue sends
    Record(Record),
    /// API keys: enter, list, test, remove, make a pair
    #[command(subcommand)]
    Keys(Keys),
    /// Signal levels: list, import, export
    ///
    /// A running Lancet reads them at its start; while it runs, :levels import takes a file.
    #[command(subcommand)]
    Levels(Levels),
    /// Check terminal, host and network, and say what to mend
    Doctor(Doctor),
    /// Round trips and what they come to, from the journal
    Stats(Stats),
    /// Print completions for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// `lancet sim`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Sim {
    /// Address to listen on; without it a free port on 127.0.0.1
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<std::net::SocketAddr>,
    /// The same seed makes the same market
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Whose protocol to speak
    #[arg(long, value_name = "VENUE", default_value = "binance-futures")]
    pub wire: String,
    /// Print addresses and keys as one line of JSON first
    #[arg(long)]
    pub json: bool,
    /// Fail on purpose, WHAT:HOW[@N|%P], such as place:silent@1 or depth:gap%5
    ///
    /// WHAT is place, cancel, amend, query, depth, private or rest. HOW is drop (never arrived), silent (done, no answer),
    /// delay=MS, cut, halfopen, dup, gap, code=N (such as -1007) or http=N (such as 503). @3 strikes the third, %30 a seeded
    /// share of 30 in 100; without either every one. May be given several times.
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<String>,
    /// Give out one more key, for a public key of yours: PEM, Ed25519 or RSA of 2048 to 4096 bits
    ///
    /// What lancet keys export-public or openssl pkey -pubout writes. The key is called own; it reads and trades from this host,
    /// and its API key stands in the JSON line.
    #[arg(long, value_name = "FILE", conflicts_with = "tape")]
    pub public_key: Option<PathBuf>,
    /// Let its clock run so many milliseconds ahead of this host's; negative for behind, a day at most
    #[arg(
        long = "skew",
        value_name = "MS",
        default_value_t = 0,
        hide_default_value = true,
        allow_negative_numbers = true,
        conflicts_with = "tape",
        value_parser = clap::value_parser!(i64).range(-86_400_000..=86_400_000)
    )]
    pub skew_ms: i64,
    /// Print so many prints as JSON lines in virtual time, then end
    #[arg(long, value_name = "COUNT", conflicts_with = "listen")]
    pub tape: Option<u64>,
}

/// `lancet replay`.
#[derive(Clone, Debug, clap::Args)]
pub struct Replay {
    /// The recording (.jsonl, .jsonl.gz), a folder of the black box, or one of its files (.box.gz)
    pub file: PathBuf,
    /// How fast, 1 to 100 times
    #[arg(long, value_name = "TIMES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub speed: u32,
    /// Without a screen, as fast as it goes
    #[arg(long, requires = "json")]
    pub headless: bool,
    /// Print what it ended in as JSON lines
    #[arg(long, requires = "headless")]
    pub json: bool,
}

/// `lancet record`.
#[derive(Clone, Debug, clap::Args)]
pub struct Record {
    /// Where to write, .jsonl or .jsonl.gz
    pub file: PathBuf,
}

/// `lancet levels`.
#[derive(Clone, Debug, Subcommand)]
pub enum Levels {
    /// Print every level: venue, symbol, price, label
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Take the levels of a file: CSV (symbol,price,label, or a head that names the columns) or TOML ([[level]])
    ///
    /// Exports of charting programs are understood: BINANCE:BTCUSDT.P is binance-futures BTCUSDT. A symbol that names no venue is one
    /// of --venue, else of binance-futures. A level that is there keeps its place and gets the file's words.
    Import {
        /// .csv, .tsv, .txt or .toml
        file: PathBuf,
    },
    /// Write every level, as TOML where the file's name ends so, else as CSV
    Export {
        /// Where to; without it CSV on standard output
        file: Option<PathBuf>,
    },
}

/// `lancet doctor`.
#[derive(Clone, Debug, clap::Args)]
pub struct Doctor {
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// What a list flag asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Keys.
    Keys,
    /// Themes.
    Themes,
    /// Layouts.
    Layouts,
    /// Actions.
    Actions,
    /// Presets of keys.
    Presets,
    /// Settings.
    Config,
}

/// What to do.
#[derive(Clone, Debug)]
pub enum Mode {
    /// Open the screen.
    Screen,
    /// Print and end.
    Print(List),
    /// Serve the built-in exchange.
    Sim(Sim),
    /// Replay a recording.
    Replay(Replay),
    /// Record a venue.
    Record(Record),
    /// Work on the vault of API keys.
    Keys(Keys),
    /// Work on the signal levels.
    Levels(Levels),
    /// Check what Lancet stands on.
    Doctor(Doctor),
    /// Tell what the journal comes to.
    Stats(Stats),
    /// Print completions.
    Completions(clap_complete::Shell),
    /// Print the manual page.
    Man,
}

/// The command line, understood.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What to do.
    pub mode: Mode,
    /// Flags that hold for all of it.
    pub global: Global,
}

/// What ends the process before anything starts: words and an exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// For stdout (code 0) or stderr, ready to print.
    pub words: String,
    /// 0 for help and version, else 2.
    pub code: u8,
}

impl Plan {
    /// Understands a command line, program name first. `venues` are the names that --venue takes, `wires` those
    /// that --wire does.
    ///
    /// # Errors
    /// Help, version (code 0) and bad usage (code 2, one line with the nearest valid name).
    pub fn read(
        words: impl IntoIterator<Item = std::ffi::OsString>,
        venues: &[&str],
        wires: &[&str],
    ) -> Result<Self, Stop> {
        let cli = Cli::try_parse_from(words).map_err(|error| stop(&error))?;
        let global = cli.global;
        check_names(&global, cli.command.as_ref(), venues, wires)?;
        let lists = [
            (global.list_keys, List::Keys),
            (global.list_themes, List::Themes),
            (global.list_layouts, List::Layouts),
            (global.list_actions, List::Actions),
            (global.list_presets, List::Presets),
            (global.print_config, List::Config),
        ];
        let mut asked = lists
            .into_iter()
            .filter(|(asked, _)| *asked)
            .map(|(_, list)| list);
        let mode = match (asked.next(), cli.command) {
            (Some(_), _) if asked.next().is_some() => return Err(usage("one list at a time")),
            (Some(_), Some(_)) => return Err(usage("a list stands alone, without a command")),
            (Some(list), None) => Mode::Print(list),
            (None, None) => Mode::Screen,
            (None, Some(Command::Sim(sim))) => Mode::Sim(sim),
            (None, Some(Command::Replay(replay))) => Mode::Replay(replay),
            (None, Some(Command::Record(record))) => {
                if global.venues.is_empty() || global.symbols.is_empty() {
                    return Err(usage("record needs --venue and at least one --symbol"));
                }
                Mode::Record(record)
            }
            (None, Some(Command::Keys(keys))) => Mode::Keys(keys),
            (None, Some(Command::Levels(levels))) => Mode::Levels(levels),
            (None, Some(Command::Doctor(doctor))) => Mode::Doctor(doctor),
            (None, Some(Command::Stats(stats))) => Mode::Stats(stats),
            (None, Some(Command::Completions { shell })) => Mode::Completions(shell),
            (None, Some(Command::Man)) => Mode::Man,
        };
        one_venue(&global, &mode)?;
        Ok(Self { mode, global })
    }
}

/// Several venues at once are for the screen, and for looking whether they can be reached.
fn one_venue(global: &Global, mode: &Mode) -> Result<(), Stop> {
    let several = global.venues.len() > 1 || global.sim_files.len() > 1;
    if several && !matches!(mode, Mode::Screen | Mode::Doctor(_) | Mode::Stats(_)) {
        return Err(usage("one --venue or --sim at a time with this command"));
    }
    Ok(())
}

impl Global {
    /// The venue that is named, the first where more are.
    pub fn venue(&self) -> Option<&str> {
        self.venues.first().map(String::as_str)
    }

    /// The settings given as flags.
    pub fn settings(&self) -> Vec<Flag> {
        let theme = self.theme.clone().map(toml::Value::String);
        let layout = self.layout.clone().map(toml::Value::String);
        let preset = self.preset.clone().map(toml::Value::String);
        let color = self.color.and_then(|color| color.to_possible_value());
        let color = color.map(|color| toml::Value::String(color.get_name().to_owned()));
        let symbols = self
            .symbols
            .iter()
            .cloned()
            .map(toml::Value::String)
            .collect();
        let symbols = (!self.symbols.is_empty()).then_some(toml::Value::Array(symbols));
        let flags = [
            ("--theme", "theme", theme),
            ("--layout", "layout", layout),
            ("--preset", "preset", preset),
            ("--color", "color", color),
            ("--symbol", "symbols", symbols),
        ];
        let given = flags.into_iter().filter_map(|(name, setting, value)| {
            Some(Flag {
                name,
                setting,
                value: value?,
            })
        });
        given.collect()
    }
}

fn check_names(
    global: &Global,
    command: Option<&Command>,
    venues: &[&str],
    wires: &[&str],
) -> Result<(), Stop> {
    if global.paper {
        check_paper(global, command)?;
    }
    if global.unsafe_endpoint.is_some() {
        if global.venues.is_empty() {
            return Err(usage(
                "--unsafe-endpoint needs --venue: whose protocol is spoken there?",
            ));
        }
        if global.env == Some(Env::Sim) {
            return Err(usage(
                "--unsafe-endpoint goes with --env live or demo; the built-in exchange has addresses of its own",
            ));
        }
    }
    let wire = match command {
        Some(Command::Sim(sim)) => Some(&sim.wire),
        _ => None,
    };
    for venue in &global.venues {
        known("--venue", "venue", venue, venues)?;
    }
    if let Some(wire) = wire {
        known("--wire", "wire", wire, wires)?;
    }
    if let Some(preset) = &global.preset {
        let names = PRESETS.map(|preset| preset.name);
        known("--preset", "preset", preset, &names)?;
    }
    Ok(())
}

/// Paper needs a screen, and trades on a book that is the venue's own.
fn check_paper(global: &Global, command: Option<&Command>) -> Result<(), Stop> {
    match command {
        None => {}
        Some(Command::Stats(_)) if global.env.is_some() => {
            return Err(usage("--paper and --env name two worlds: take one"));
        }
        Some(Command::Stats(_)) => {}
        Some(Command::Replay(replay)) if !replay.headless => {}
        Some(Command::Replay(_)) => {
            return Err(usage("--paper needs the screen, without --headless"));
        }
        Some(_) => {
            return Err(usage(
                "--paper goes with the screen, replay and stats alone",
            ));
        }
    }
    if global.env == Some(Env::Demo) {
        return Err(usage("--paper trades on the live book: leave --env out"));
    }
    Ok(())
}

fn known(flag: &str, what: &str, name: &str, names: &[&str]) -> Result<(), Stop> {
    if names.contains(&name) {
        return Ok(());
    }
    let near = did_you_mean(name, names.iter().copied());
    Err(usage(&format!("{flag}: unknown {what} \"{name}\"{near}")))
}

fn usage(words: &str) -> Stop {
    Stop {
        words: format!("lancet: {}\n", crate::domain::text::sanitise(words, 400)),
        code: EXIT_USAGE,
    }
}

/// Clap's message as one line, its suggestion kept.
fn stop(error: &clap::Error) -> Stop {
    use clap::error::{ContextKind, ErrorKind};
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return Stop {
            words: error.render().to_string(),
            code: 0,
        };
    }
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or("bad usage");
    let mut words = first.trim_start_matches("error: ").to_owned();
    // What is missing stands on lines of its own, indented, up to the first blank one.
    for line in text
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
    {
        words.push(' ');
        words.push_str(line.trim());
    }
    let has_suggestion = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .find_map(|kind| error.get(kind));
    match has_suggestion {
        Some(near) => words.push_str(&format!(", did you mean \"{}\"?", one(near))),
        None => words.push_str(&nearest_flag(error)),
    }
    usage(&words)
}

fn one(value: &clap::error::ContextValue) -> String {
    match value {
        clap::error::ContextValue::Strings(all) => all.first().cloned().unwrap_or_default(),
        other => other.to_string(),
    }
}

fn nearest_flag(error: &clap::Error) -> String {
    let invalid = error.get(clap::error::ContextKind::InvalidArg);
    let (clap::error::ErrorKind::UnknownArgument, Some(invalid)) = (error.kind(), invalid) else {
        return String::new();
    };
    let command = Cli::command();
    let subcommands = command
        .get_subcommands()
        .flat_map(clap::Command::get_arguments);
    let flags: Vec<String> = command
        .get_arguments()
        .chain(subcommands)
        .filter_map(|arg| arg.get_long().map(|long| format!("--{long}")))
        .collect();
    did_you_mean(&invalid.to_string(), flags.iter().map(String::as_str))
}

#[cfg(test)]
mod tests;
