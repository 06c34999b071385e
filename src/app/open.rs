//! Which venue, where it is, with which key: from the command line to addresses.

use std::path::Path;

use serde::Deserialize;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::Failure;
use super::keyring::{self, Held};
use super::ladders::{MOST, split};
use super::site::{self, Chosen};
use crate::cli::{Env, Global};
use crate::config::{Config, Folders};
use crate::domain::{Account, Environment, Symbol};
use crate::exchange::credentials::{Credentials, KeyMaterial};
use crate::exchange::{Endpoints, VENUES, Venue, venue};
use crate::nearest::did_you_mean;
use crate::secret::Secret;
use crate::sim::{self, Mood, crowd};
use crate::vault::Vault;

/// Largest file that `--sim` reads, bytes.
const LINE_BYTES: u64 = 64 * 1024;

/// A venue, ready to be connected to.
pub struct Opened {
    /// Whose protocol.
    pub venue: &'static Venue,
    /// Where, in which world, and whom one may speak to.
    pub site: Chosen,
    /// With which key; `None` is view-only.
    pub credentials: Option<Credentials>,
    /// The same as the vault holds it; `None` for a key that the built-in exchange named.
    pub held: Option<Held>,
    /// The account's label.
    pub account: Account,
    /// No key fits, and one should be asked for.
    pub wants_key: bool,
    /// The vault in which no key fitted, open.
    pub vault: Option<Vault>,
    /// What to tell at the start; empty for nothing.
    pub news: String,
    /// What the built-in exchange trades; empty where the venue tells later.
    pub symbols: Vec<String>,
    /// The built-in exchange of this process, open as long as this lives.
    own: Option<sim::Running>,
}

impl Opened {
    /// True when what is open lives and ends with this process: on a built-in exchange of its own, and on paper.
    pub const fn is_own(&self) -> bool {
        self.own.is_some() || self.is_paper()
    }

    /// Trades on paper from here on: no key is used.
    fn put_on_paper(&mut self) {
        self.site.environment = Environment::Paper;
        self.account = label("paper");
        self.credentials = None;
    }

    /// What sets the mood of its crowd, where it is the built-in exchange of this process.
    pub fn moods(&self) -> Option<watch::Sender<Option<Mood>>> {
        self.own.as_ref().map(sim::Running::moods)
    }

    /// True on paper.
    pub const fn is_paper(&self) -> bool {
        matches!(self.site.environment, Environment::Paper)
    }

    /// Finds the key for it: in the vault, which is opened for that, unless it is the built-in exchange with its own.
    ///
    /// # Errors
    /// A vault that does not open, a key that does not fit or may not sign here.
    pub fn unlock(&mut self, global: &Global, folders: &Folders) -> Result<(), Failure> {
        if self.site.environment == Environment::Paper {
            return Ok(());
        }
        if global.view_only {
            self.credentials = None;
            self.account = label("view-only");
            return Ok(());
        }
        let environment = self.site.environment;
        if global.keys.is_empty() && (environment == Environment::Sim || !self.may_have_key()) {
            return Ok(());
        }
        site::may_sign(&self.site, environment)?;
        let vault = keyring::open(global, folders)?;
        let keys = vault.as_ref().map_or(&[][..], Vault::keys);
        let named = keyring::label_for(keys, self.venue, global);
        match keyring::pick(keys, self.venue, environment, named)? {
            Some(key) => self.hold(Held::of(key)?),
            None => {
                self.wants_key = true;
                self.vault = vault;
            }
        }
        Ok(())
    }

    /// No real-money key signs for an unsafe endpoint: there is only looking.
    fn may_have_key(&self) -> bool {
        site::may_sign(&self.site, self.site.environment).is_ok()
    }

    /// Connects with this key from here on.
    pub fn hold(&mut self, key: Held) {
        self.wants_key = false;
        self.account = key.label;
        self.credentials = Some(key.credentials.clone());
        self.held = Some(key);
    }

    /// The same exchange, or another world or venue, for a key that was just entered.
    ///
    /// # Errors
    /// When the key's venue has no such world.
    pub fn connect(
        self,
        global: &Global,
        config: &Config,
        entered: super::entry::Entered,
    ) -> Result<Self, Failure> {
        let stays =
            entered.venue.id == self.venue.id && entered.environment == self.site.environment;
        let mut opened = if stays {
            self
        } else {
            network(entered.venue, entered.environment, global, config)?
        };
        opened.news = format!(
            "{} is in the vault; clear your clipboard",
            entered.key.label
        );
        opened.hold(entered.key);
        Ok(opened)
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
    passphrase: Option<Zeroizing<String>>,
}

/// Opens the one venue that the command line names; the built-in exchange when it names nothing.
///
/// # Errors
/// A file of `--sim` that says something else, an environment that the venue does not have, no built-in exchange.
pub fn open(global: &Global, config: &Config) -> Result<Opened, Failure> {
    match global.sim_files.first() {
        Some(file) => from_line(&read(file)?, None, file),
        None => named_venue(global.venue(), global, config),
    }
}

/// Opens everything that the command line names, in its order; on paper without keys.
///
/// # Errors
/// As [`open`], and a venue that is named twice: one account each can be open.
pub fn all(global: &Global, config: &Config) -> Result<Vec<Opened>, Failure> {
    let mut all = Vec::new();
    for file in &global.sim_files {
        all.push(from_line(&read(file)?, None, file)?);
    }
    if global.sim_files.is_empty() {
        for venue in &global.venues {
            all.push(named_venue(Some(venue), global, config)?);
        }
    }
    if all.is_empty() {
        all.push(named_venue(None, global, config)?);
    }
    if global.mood.is_some() && all.iter().any(|opened| opened.own.is_none()) {
        return Err(Failure::Input(
            "--mood is for a built-in exchange that Lancet opens itself; give it to lancet sim otherwise"
                .to_owned(),
        ));
    }
    if global.paper {
        all.iter_mut().for_each(Opened::put_on_paper);
    }
    for (at, opened) in all.iter().enumerate() {
        let id = opened.venue.id;
        if all[..at].iter().any(|other| other.venue.id == id) {
            return Err(Failure::Input(format!(
                "{id} is named twice: one account a venue can be open"
            )));
        }
    }
    Ok(all)
}

/// Where the built-in exchange is that speaks a venue's wire, among those of `--sim`.
///
/// # Errors
/// When none of them does.
pub fn sim_site(global: &Global, venue: &Venue) -> Result<Chosen, Failure> {
    let mut spoken = Vec::new();
    for file in &global.sim_files {
        let opened = from_line(&read(file)?, None, file)?;
        if opened.venue.id == venue.id {
            return Ok(opened.site);
        }
        spoken.push(opened.venue.id);
    }
    Err(Failure::Input(if spoken.is_empty() {
        "a key of the built-in exchange is tested against a running one: name its JSON line with --sim FILE".to_owned()
    } else {
        format!(
            "the exchange of --sim speaks {}, the key is for {}",
            spoken.join(" and "),
            venue.id
        )
    }))
}

/// Whose wire the built-in exchange of a file speaks.
///
/// # Errors
/// A file of `--sim` that says something else.
pub fn spoken(file: &Path) -> Result<&'static Venue, Failure> {
    Ok(from_line(&read(file)?, None, file)?.venue)
}

fn named_venue(id: Option<&str>, global: &Global, config: &Config) -> Result<Opened, Failure> {
    match (id, global.env) {
        (Some(id), Some(Env::Live | Env::Demo) | None) => {
            let environment = if global.env == Some(Env::Demo) {
                Environment::Demo
            } else {
                Environment::Real
            };
            network(named(id)?, environment, global, config)
        }
        (None, Some(Env::Live | Env::Demo)) => Err(Failure::Input(
            "--env needs --venue: which exchange?".to_owned(),
        )),
        (wire, Some(Env::Sim)) | (wire @ None, None) => {
            let running = sim::start(sim::Options {
                wire: wire.map(str::to_owned),
                mood: mood(global)?,
                ..sim::Options::default()
            })?;
            let line = serde_json::to_string(&running.info).map_err(std::io::Error::from)?;
            from_line(&line, Some(running), Path::new("the built-in exchange"))
        }
    }
}

/// The mood of the built-in exchange, as the command line names it.
///
/// # Errors
/// A name that is none.
pub fn mood(global: &Global) -> Result<Option<Mood>, Failure> {
    let name = global.mood.as_deref().unwrap_or(crowd::CHANGING);
    chosen_mood(name).map_err(|why| Failure::Input(format!("--mood: {why}")))
}

/// The mood of this name.
///
/// # Errors
/// One sentence with the nearest valid name, where it is none.
pub fn chosen_mood(name: &str) -> Result<Option<Mood>, String> {
    let words = crowd::WORDS.iter().map(|(word, _)| *word);
    let mend = did_you_mean(name, words.clone());
    let all: Vec<&str> = words.collect();
    crowd::chosen(name)
        .ok_or_else(|| format!("no mood {name:?}{mend}; there are {}", all.join(", ")))
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
    let told = |why: &dyn std::fmt::Display| Failure::Input(format!("{}: {why}", file.display()));
    let secret = |text: &str| Secret::of(text.as_bytes()).map_err(|why| told(&why));
    let material = KeyMaterial::Hmac(secret(&line.api_secret)?);
    let passphrase = line.passphrase.as_deref().map(|text| secret(text));
    let credentials = Credentials::new(&line.api_key, &material, passphrase.transpose()?)
        .map_err(|why| told(&why))?;
    let chosen = Chosen::sim(Endpoints {
        rights: Some(line.rest.clone()),
        rest: line.rest,
        headers: Vec::new(),
        ws_public: line.ws_public,
        ws_market: line.ws_market,
        ws_private: line.ws_private,
        ws_api: line.ws_api,
    })
    .map_err(|why| Failure::Input(format!("{}: {why}", file.display())))?;
    Ok(Opened {
        venue,
        site: chosen,
        credentials: Some(credentials),
        held: None,
        account: label("sim"),
        wants_key: false,
        vault: None,
        news: String::new(),
        symbols: line.symbols,
        own: running,
    })
}

fn network(
    venue: &'static Venue,
    environment: Environment,
    global: &Global,
    config: &Config,
) -> Result<Opened, Failure> {
    Ok(Opened {
        venue,
        site: site::choose(global, config, venue, environment)?,
        credentials: None,
        held: None,
        account: label("view-only"),
        wants_key: false,
        vault: None,
        news: String::new(),
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

/// Whether a built-in exchange has these symbols; other venues tell later.
///
/// # Errors
/// The first that it does not have.
pub fn known(opened: &Opened, symbols: &[String]) -> Result<(), Failure> {
    for symbol in symbols {
        if !opened.symbols.is_empty() && !opened.symbols.contains(symbol) {
            let mend = did_you_mean(symbol, opened.symbols.iter().map(String::as_str));
            return Err(Failure::Input(format!(
                "{} has no symbol {symbol:?}{mend}",
                opened.venue.id
            )));
        }
    }
    Ok(())
}

/// The ladders that open: each wished symbol on the venue that it names, else on the first; and the usual symbol of each venue
/// for which none is wished.
///
/// # Errors
/// A wished symbol that its built-in exchange does not have or that is no name, a venue that is not open, too many of them.
pub fn ladders(all: &[Opened], wished: &[String]) -> Result<Vec<(usize, Symbol)>, Failure> {
    let symbol = |name: &str| {
        Symbol::new(name).map_err(|why| Failure::Input(format!("--symbol {name:?}: {why}")))
    };
    let mut ladders = Vec::new();
    for wish in wished {
        let (venue, name) = split(wish);
        let named = |opened: &Opened| venue.is_none_or(|id| opened.venue.id == id);
        let seat = all.iter().position(named).ok_or_else(|| {
            let ids = all.iter().map(|opened| opened.venue.id);
            let id = venue.unwrap_or_default();
            Failure::Input(format!(
                "--symbol {wish:?}: {id} is not open{}",
                did_you_mean(id, ids)
            ))
        })?;
        known(&all[seat], &[name.to_owned()])?;
        ladders.push((seat, symbol(name)?));
    }
    for (seat, opened) in all.iter().enumerate() {
        if ladders.iter().any(|(of, _)| *of == seat) {
            continue;
        }
        let first = opened.symbols.first().map(String::as_str);
        ladders.push((seat, symbol(first.unwrap_or(opened.venue.opens))?));
    }
    if ladders.len() > MOST {
        return Err(Failure::Input(format!(
            "{} ladders are too many: {MOST} can be open",
            ladders.len()
        )));
    }
    Ok(ladders)
}
