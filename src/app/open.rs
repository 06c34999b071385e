//! Which venue, where it is, with which key: from the command line to addresses.

use std::path::Path;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::Failure;
use super::site::{self, Chosen};
use crate::cli::{Env, Global};
use crate::config::Config;
use crate::domain::{Account, Environment};
use crate::exchange::credentials::Credentials;
use crate::exchange::dial::Hosts;
use crate::exchange::{Endpoints, VENUES, Venue, venue};
use crate::nearest::did_you_mean;
use crate::sim;

/// Largest file that `--sim` reads, bytes.
const LINE_BYTES: u64 = 64 * 1024;

/// A venue, ready to be connected to.
pub struct Opened {
    /// Whose protocol.
    pub venue: &'static Venue,
    /// Which world.
    pub environment: Environment,
    /// Where.
    pub endpoints: Endpoints,
    /// Who may be dialled.
    pub hosts: Hosts,
    /// The addresses are the user's own, for a test: no real-money key signs for them.
    pub is_unsafe: bool,
    /// With which key; `None` is view-only.
    pub credentials: Option<Credentials>,
    /// The account's label.
    pub account: Account,
    /// What the built-in exchange trades; empty where the venue tells later.
    pub symbols: Vec<String>,
    /// The built-in exchange of this process, open as long as this lives.
    own: Option<sim::Running>,
}

impl Opened {
    /// True when the exchange is a built-in one that lives and ends with this process.
    pub const fn is_own(&self) -> bool {
        self.own.is_some()
    }
}

/// The JSON line of a running built-in exchange.
#[derive(Deserialize)]
struct SimLine {
    venue: String,
    rest: String,
    ws_public: String,
    ws_market: String,
    ws_private: String,
    ws_api: String,
    symbols: Vec<String>,
    api_key: Zeroizing<String>,
    api_secret: Zeroizing<String>,
}

/// Opens what the command line names; the built-in exchange when it names nothing.
///
/// # Errors
/// A file of `--sim` that says something else, an environment that the venue does not have, no built-in exchange.
pub fn open(global: &Global, config: &Config) -> Result<Opened, Failure> {
    if let Some(file) = &global.sim_file {
        return from_line(&read(file)?, None, file);
    }
    match (&global.venue, global.env) {
        (Some(id), Some(Env::Live | Env::Demo) | None) => network(id, global, config),
        (None, Some(Env::Live | Env::Demo)) => Err(Failure::Input(
            "--env needs --venue: which exchange?".to_owned(),
        )),
        (wire, Some(Env::Sim)) | (wire @ None, None) => {
            let running = sim::start(sim::Options {
                wire: wire.clone(),
                ..sim::Options::default()
            })?;
            let line = serde_json::to_string(&running.info).map_err(std::io::Error::from)?;
            from_line(&line, Some(running), Path::new("the built-in exchange"))
        }
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let told = |why: &dyn std::fmt::Display| {
        Failure::Input(format!("cannot read {}: {why}", file.display()))
    };
    let size = std::fs::metadata(file).map_err(|why| told(&why))?.len();
    if size > LINE_BYTES {
        return Err(told(&"too large for the JSON line of lancet sim --json"));
    }
    std::fs::read_to_string(file).map_err(|why| told(&why))
}

fn from_line(text: &str, running: Option<sim::Running>, file: &Path) -> Result<Opened, Failure> {
    let line: SimLine =
        serde_json::from_str(text.lines().next().unwrap_or_default()).map_err(|why| {
            Failure::Input(format!(
                "{} does not hold the JSON line of lancet sim --json: {why}",
                file.display()
            ))
        })?;
    let venue = named(&line.venue)?;
    let credentials = Credentials::hmac(&line.api_key, &line.api_secret)
        .map_err(|why| Failure::Input(format!("{}: {why}", file.display())))?;
    let chosen = Chosen::sim(Endpoints {
        rights: Some(line.rest.clone()),
        rest: line.rest,
        ws_public: line.ws_public,
        ws_market: line.ws_market,
        ws_private: line.ws_private,
        ws_api: line.ws_api,
    })
    .map_err(|why| Failure::Input(format!("{}: {why}", file.display())))?;
    site::may_sign(&chosen, Environment::Sim)?;
    Ok(Opened {
        venue,
        environment: chosen.environment,
        endpoints: chosen.endpoints,
        hosts: chosen.hosts,
        is_unsafe: chosen.is_unsafe,
        credentials: Some(credentials),
        account: label("sim"),
        symbols: line.symbols,
        own: running,
    })
}

fn network(id: &str, global: &Global, config: &Config) -> Result<Opened, Failure> {
    let venue = named(id)?;
    let environment = if global.env == Some(Env::Demo) {
        Environment::Demo
    } else {
        Environment::Real
    };
    let chosen = site::choose(global, config, venue, environment)?;
    Ok(Opened {
        venue,
        environment,
        endpoints: chosen.endpoints,
        hosts: chosen.hosts,
        is_unsafe: chosen.is_unsafe,
        credentials: None,
        account: label("view-only"),
        symbols: Vec::new(),
        own: None,
    })
}

fn named(id: &str) -> Result<&'static Venue, Failure> {
    let names = VENUES.iter().map(|venue| venue.id);
    venue(id).ok_or_else(|| Failure::Input(format!("no venue {id:?}{}", did_you_mean(id, names))))
}

fn label(text: &str) -> Account {
    // The labels given above are names; nothing else comes here.
    Account::new(text).unwrap_or_else(|_| unreachable!("{text} is a name"))
}

/// The symbol that opens first: the first wished one, else the venue's first.
///
/// # Errors
/// A wished symbol that the built-in exchange does not have.
pub fn first_symbol(opened: &Opened, wished: &[String]) -> Result<String, Failure> {
    for symbol in wished {
        if !opened.symbols.is_empty() && !opened.symbols.contains(symbol) {
            let mend = did_you_mean(symbol, opened.symbols.iter().map(String::as_str));
            return Err(Failure::Input(format!(
                "{} has no symbol {symbol:?}{mend}",
                opened.venue.id
            )));
        }
    }
    let first = wished.first().or_else(|| opened.symbols.first());
    Ok(first.map_or("BTCUSDT", String::as_str).to_owned())
}
