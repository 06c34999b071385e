//! `lancet keys add`: on a screen of its own, or from standard input without a question.

use std::io::{Read, Write};

use serde::Deserialize;
use tokio::task::LocalSet;
use zeroize::Zeroizing;

use super::{Place, account, show, venue_of, wished_venue, wished_world};
use crate::app::entry::{Entry, Opening, Step, may_put, put};
use crate::app::screen::Screen;
use crate::app::signals::{Signals, Told};
use crate::app::{Failure, fault, forms, keyring, log, need_terminal, open, settings, site, trade};
use crate::cli::{AcceptWord, Global};
use crate::clock;
use crate::config::{Config, Folders};
use crate::domain::Environment;
use crate::exchange::audit::{Accept, Findings, Verdict};
use crate::exchange::credentials::KeyMaterial;
use crate::input::hands::{Focus, Heard};
use crate::secret::Secret;
use crate::ui::view::Mode;
use crate::vault::form::not_accepted;
use crate::vault::material;
use crate::vault::{StoredKey, Vault};

/// Largest object on standard input, bytes.
const LARGEST: u64 = 64 * 1024;

/// Opens the key-entry form on a screen of its own.
///
/// # Errors
/// Without a terminal; a vault that does not open.
pub fn on_screen(global: &Global, folders: &Folders) -> Result<(), Failure> {
    let (config, themes) = settings(global)?;
    need_terminal()?;
    let opening = opening(global, &config, folders)?;
    let _log = log::start(&folders.state)?;
    fault::hook();
    let theme = trade::theme(&config, &themes)?.0;
    let runtime = trade::runtime()?;
    let kept = runtime.block_on(LocalSet::new().run_until(async {
        let screen = trade::open_screen(&config, theme)?;
        enter(screen, Entry::open(opening, folders)).await
    }))?;
    let said = match kept {
        Some(label) => format!(
            "{label} is in the vault. Clear your clipboard; if this terminal does not mark pastes, its scrollback too."
        ),
        None => "nothing was kept".to_owned(),
    };
    Ok(writeln!(std::io::stdout(), "{said}")?)
}

fn opening(global: &Global, config: &Config, folders: &Folders) -> Result<Opening, Failure> {
    let environment = wished_world(global);
    let (venue, site) = if !global.sim_files.is_empty() {
        let opened = open::open(global, config)?;
        (opened.venue, opened.site)
    } else if environment == Environment::Sim {
        return Err(Failure::Input(
            "--env sim needs --sim FILE: a key of the built-in exchange is tested against a running one".to_owned(),
        ));
    } else {
        let venue = wished_venue(global)?;
        (venue, site::choose(global, config, venue, environment)?)
    };
    let vault = keyring::open(global, folders)?;
    let config = std::rc::Rc::new(config.clone());
    let opening = forms::opening(global, &config, venue, &site);
    Ok(Opening { vault, ..opening })
}

/// Turns until the form is left or has done its work; the label of the key that was kept.
async fn enter(mut screen: Screen, mut entry: Entry) -> Result<Option<String>, Failure> {
    let mut signals = Signals::install()?;
    loop {
        screen.view.mode = Mode::Form(entry.picture());
        screen.show_form(clock::now());
        let step = tokio::select! {
            biased;
            told = signals.next() => match told {
                Told::End | Told::HangUp => Step::Leave,
                Told::Resized => {
                    screen.resized();
                    Step::Stay
                }
                Told::Pause => {
                    screen.pause();
                    Step::Stay
                }
                Told::Continue => {
                    screen.go_on();
                    Step::Stay
                }
            },
            Some(answer) = entry.answers.recv() => entry.answered(answer),
            Some(input) = screen.inputs.recv() => heard(&mut screen, &mut entry, input),
        };
        match step {
            Step::Stay => {}
            Step::Leave => return Ok(None),
            Step::Done(entered) => return Ok(Some(entered.key.label.to_string())),
        }
    }
}

/// Takes one input of the terminal: the hands decide what is a key and what is a paste, as on the ladder.
fn heard(screen: &mut Screen, entry: &mut Entry, input: crate::input::Input) -> Step {
    let mut heard = Vec::new();
    let (now, shown) = (clock::now(), screen.shown());
    screen
        .hands
        .hear(now, input, Focus::Field, shown, &mut heard);
    for one in heard {
        match one {
            Heard::Typed(key) => match entry.typed(&key) {
                Step::Stay => {}
                end => return end,
            },
            Heard::Pasted(text) => entry.pasted(text.expose()),
            // A chord of the ladder's, Ctrl-c before all: there is only leaving here.
            Heard::Act(..) | Heard::HungUp => return Step::Leave,
            Heard::Note(words) => entry.note(&words),
            Heard::LinkMs(_) | Heard::Focus(_) => {}
        }
    }
    Step::Stay
}

/// The object on standard input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    venue: Option<String>,
    #[serde(default)]
    env: Option<String>,
    label: String,
    #[serde(default)]
    api_key: Option<Zeroizing<String>>,
    #[serde(default)]
    api_secret: Option<Zeroizing<String>>,
    #[serde(default)]
    private_key_pem: Option<Zeroizing<String>>,
    #[serde(default)]
    passphrase: Option<Zeroizing<String>>,
}

/// Reads a key from standard input, tests it, stores it; never asks.
///
/// # Errors
/// No key file, an object that cannot be read, a key that must not be stored.
pub fn from_stdin(
    global: &Global,
    folders: &Folders,
    accept: &[AcceptWord],
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    if global.key_file.is_none() {
        return Err(Failure::Input(
            "--stdin never asks: name the file that opens the vault with --key-file FILE"
                .to_owned(),
        ));
    }
    let (config, _) = settings(global)?;
    let _log = log::start(&folders.state)?;
    let given = read()?;
    let venue = match &given.venue {
        Some(id) => venue_of(id)?,
        None => match global.sim_files.first() {
            Some(file) => open::spoken(file)?,
            None => wished_venue(global)?,
        },
    };
    let environment = world(global, given.env.as_deref())?;
    let place = Place::of(global, &config, venue, environment)?;
    let mut vault = keyring::open_or_make(global, folders)?;
    let mut key = stored(&given, venue, environment, &vault)?;
    may_put(vault.keys(), &key).map_err(Failure::Input)?;
    let credentials = keyring::Held::of(&key)?.credentials;
    let found = place.ask(&credentials)?;
    judge(&mut key, &found, accept)?;
    let row = show::row(&key);
    let view_only = key.view_only.clone();
    vault
        .change(|keys| put(keys, key))?
        .map_err(Failure::Input)?;
    if json {
        let mut row = row;
        row["found"] = serde_json::to_value(&found).map_err(std::io::Error::from)?;
        return Ok(writeln!(out, "{row}")?);
    }
    let how = view_only.map_or_else(String::new, |why| format!(", view-only: {why}"));
    Ok(writeln!(out, "{} is stored{how}", given.label)?)
}

fn read() -> Result<Given, Failure> {
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    std::io::stdin().take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(Failure::Input(
            "standard input holds more than 64 KiB".to_owned(),
        ));
    }
    // The words of the reader may quote what stands there: only the place is told.
    serde_json::from_slice(&text).map_err(|why| {
        Failure::Input(format!(
            "standard input is no JSON object {{\"venue\",\"env\",\"label\",\"api_key\",\"api_secret\"|\"private_key_pem\",\"passphrase\"}}: line {}, column {}",
            why.line(),
            why.column()
        ))
    })
}

fn world(global: &Global, given: Option<&str>) -> Result<Environment, Failure> {
    match given {
        None => Ok(wished_world(global)),
        Some("live") => Ok(Environment::Real),
        Some("demo") => Ok(Environment::Demo),
        Some("sim") => Ok(Environment::Sim),
        Some(_) => Err(Failure::Input("\"env\" is live, demo or sim".to_owned())),
    }
}

fn stored(
    given: &Given,
    venue: &'static crate::exchange::Venue,
    environment: Environment,
    vault: &Vault,
) -> Result<StoredKey, Failure> {
    let label = account(&given.label)?;
    let told = |why: &dyn std::fmt::Display| Failure::Input(why.to_string());
    let secret = |text: &str| Secret::of(text.as_bytes()).map_err(|why| told(&why));
    let api_key = secret(given.api_key.as_deref().map_or("", String::as_str))?;
    let private = given
        .private_key_pem
        .as_deref()
        .or(given.api_secret.as_deref());
    let (api_key, material) = match private {
        Some(text) => material::pair(&api_key, &secret(text)?, venue).map_err(|why| told(&why))?,
        None => {
            let key = material::api_key(&api_key, venue).map_err(|why| told(&why))?;
            (key, waiting(vault, &given.label)?)
        }
    };
    let passphrase = secret(given.passphrase.as_deref().map_or("", String::as_str))?;
    let passphrase = material::passphrase(&passphrase, venue).map_err(|why| told(&why))?;
    Ok(StoredKey {
        label,
        venue: venue.id.to_owned(),
        environment,
        api_key: Some(api_key),
        material,
        passphrase,
        created_ms: clock::now().wall_ms(),
        view_only: None,
        accepted: Vec::new(),
        audited_ms: None,
    })
}

/// The pair made here that waits for its API key under this label.
fn waiting(vault: &Vault, label: &str) -> Result<KeyMaterial, Failure> {
    let waits = |key: &&StoredKey| key.label.as_str() == label && key.api_key.is_none();
    let pair = vault.keys().iter().find(waits);
    pair.map(|key| key.material.copy()).ok_or_else(|| {
        Failure::Input(
            "neither api_secret nor private_key_pem is given, and no pair of this label waits for its API key".to_owned(),
        )
    })
}

/// Writes the judgement into the key.
fn judge(key: &mut StoredKey, found: &Findings, accept: &[AcceptWord]) -> Result<(), Failure> {
    let now_ms = clock::now().wall_ms();
    let accepted = |wanted: &Accept| {
        accept.contains(&match wanted {
            Accept::NoIp => AcceptWord::NoIp,
            Accept::Transfer => AcceptWord::Transfer,
        })
    };
    match found.verdict(now_ms) {
        Verdict::Unverified(why) => Err(Failure::World(format!(
            "cannot verify the key, nothing was stored: {why}"
        ))),
        Verdict::Refused(why) => Err(Failure::World(format!(
            "refused, nothing was stored: {why}"
        ))),
        Verdict::Usable { view_only, confirm } => {
            let missing = confirm.iter().find(|wanted| !accepted(wanted));
            key.view_only = view_only.or_else(|| missing.map(|wanted| not_accepted(*wanted)));
            key.accepted = confirm.into_iter().filter(accepted).collect();
            key.audited_ms = key.view_only.is_none().then_some(now_ms);
            Ok(())
        }
    }
}
