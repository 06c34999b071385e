//! `lancet keys …`: what is done to the vault from a shell. Each command prints what it did; nothing secret is printed.

mod add;
mod show;

use std::io::Write;

use serde_json::json;

use super::keyring;
use super::{Failure, log, net, open, settings, site, variable};
use crate::cli::{Env, Global, Keys};
use crate::clock;
use crate::config::{Config, Folders};
use crate::domain::{Account, Environment};
use crate::exchange::audit::{self, Findings};
use crate::exchange::credentials::{Credentials, KeyKind};
use crate::exchange::{VENUES, Venue};
use crate::vault::{StoredKey, Vault, key_file, material};

/// Does what is asked.
///
/// # Errors
/// What keeps it from being done, in one line.
pub fn keys(global: &Global, asked: &Keys, out: &mut impl Write) -> Result<(), Failure> {
    let folders = Folders::find(variable)?;
    match asked {
        Keys::Add { stdin: false, .. } => add::on_screen(global, &folders),
        Keys::Add { accept, json, .. } => add::from_stdin(global, &folders, accept, *json, out),
        Keys::List { json } => list(global, &folders, *json, out),
        Keys::Test { label, json } => test(global, &folders, label, *json, out),
        Keys::Remove { label, json } => remove(global, &folders, label, *json, out),
        Keys::Generate { label, json } => generate(global, &folders, label, *json, out),
        Keys::ExportPublic { label, json } => export_public(global, &folders, label, *json, out),
        Keys::Passphrase { new_key_file } => {
            passphrase(global, &folders, new_key_file.as_deref(), out)
        }
        Keys::Restore { generation } => restore(global, &folders, *generation, out),
    }
}

fn opened(global: &Global, folders: &Folders) -> Result<Vault, Failure> {
    keyring::open(global, folders)?.ok_or_else(|| {
        let path = Vault::path(&folders.data);
        Failure::Input(format!(
            "there is no vault at {}: lancet keys add makes it",
            path.display()
        ))
    })
}

fn list(
    global: &Global,
    folders: &Folders,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let vault = keyring::open(global, folders)?;
    let keys = vault.as_ref().map_or(&[][..], Vault::keys);
    Ok(show::list(keys, json, out)?)
}

fn test(
    global: &Global,
    folders: &Folders,
    label: &str,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (config, _) = settings(global)?;
    let _log = log::start(&folders.state)?;
    let vault = opened(global, folders)?;
    let key = keyring::named(vault.keys(), label)?;
    let venue = venue_of(&key.venue)?;
    let place = Place::of(global, &config, venue, key.environment)?;
    let credentials = keyring::Held::of(key)?.credentials;
    let found = place.ask(&credentials)?;
    let now_ms = clock::now().wall_ms();
    show::findings(key, &found, now_ms, json, out)?;
    match found.verdict(now_ms) {
        audit::Verdict::Usable { .. } => Ok(()),
        audit::Verdict::Refused(why) => Err(Failure::World(format!("{label}: {why}"))),
        audit::Verdict::Unverified(why) => {
            Err(Failure::World(format!("{label} cannot be verified: {why}")))
        }
    }
}

fn remove(
    global: &Global,
    folders: &Folders,
    label: &str,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let mut vault = opened(global, folders)?;
    keyring::named(vault.keys(), label)?;
    vault.change(|keys| keys.retain(|key| key.label.as_str() != label))?;
    if json {
        return Ok(writeln!(out, "{}", json!({ "removed": label }))?);
    }
    Ok(writeln!(
        out,
        "{label} is removed. The older generations of the vault hold it, encrypted, until two more changes; delete the key at the exchange too."
    )?)
}

fn generate(
    global: &Global,
    folders: &Folders,
    label: &str,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let label = account(label)?;
    let venue = wished_venue(global)?;
    let environment = wished_world(global);
    if !venue.guide.kinds.contains(&KeyKind::Ed25519) {
        return Err(Failure::Input(format!(
            "{} takes no Ed25519 keys",
            venue.title
        )));
    }
    let mut vault = keyring::open_or_make(global, folders)?;
    if vault.keys().iter().any(|key| key.label == label) {
        return Err(Failure::Input(format!("the label {label} is taken")));
    }
    let pair = material::generate()?;
    let public = material::public_pem(&pair).unwrap_or_default();
    vault.change(|keys| {
        keys.push(StoredKey {
            label,
            venue: venue.id.to_owned(),
            environment,
            api_key: None,
            material: pair,
            passphrase: None,
            created_ms: clock::now().wall_ms(),
            view_only: None,
            accepted: Vec::new(),
            audited_ms: None,
        });
    })?;
    if json {
        let made = json!({
            "label": label.as_str(), "venue": venue.id, "env": environment.word(),
            "public_key_pem": public,
        });
        return Ok(writeln!(out, "{made}")?);
    }
    let page = match environment {
        Environment::Demo => venue.guide.demo_page,
        Environment::Sim => "lancet sim --public-key FILE, which holds them",
        _ => venue.guide.page,
    };
    let (id, world) = (venue.id, environment.word());
    write!(out, "{public}")?;
    Ok(writeln!(
        out,
        "\nGive these lines to the exchange: {page}. Then enter the API key that it answers with: lancet keys add --venue {id} --env {world}.\n\
         The private half is in the vault as {label} and nowhere else: the exchange never learns it, and nobody can copy it on the way."
    )?)
}

fn export_public(
    global: &Global,
    folders: &Folders,
    label: &str,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let vault = opened(global, folders)?;
    let key = keyring::named(vault.keys(), label)?;
    let public = material::public_pem(&key.material).ok_or_else(|| {
        Failure::Input(format!(
            "{label} is a secret shared with the exchange: it has no public half"
        ))
    })?;
    if json {
        let row = json!({ "label": label, "public_key_pem": public });
        return Ok(writeln!(out, "{row}")?);
    }
    Ok(write!(out, "{public}")?)
}

fn passphrase(
    global: &Global,
    folders: &Folders,
    file: Option<&std::path::Path>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let mut vault = opened(global, folders)?;
    let new = match file {
        Some(file) => key_file(file)?,
        None => keyring::new_word()?,
    };
    vault.change_passphrase(&new)?;
    Ok(writeln!(
        out,
        "The vault has its new passphrase. keys.vault.1 and .2 still open with the old one: delete them if it was seen by others."
    )?)
}

fn restore(
    global: &Global,
    folders: &Folders,
    generation: u8,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let vault = keyring::restore(global, folders, generation)?;
    Ok(writeln!(
        out,
        "generation {generation} is the vault now ({} keys); what was there took its place",
        vault.keys().len()
    )?)
}

fn account(label: &str) -> Result<Account, Failure> {
    Account::new(label).map_err(|why| Failure::Input(format!("the label {why}")))
}

fn venue_of(id: &str) -> Result<&'static Venue, Failure> {
    crate::exchange::venue(id).ok_or_else(|| {
        let near = crate::nearest::did_you_mean(id, VENUES.iter().map(|venue| venue.id));
        Failure::Input(format!("no venue {id:?}{near}"))
    })
}

/// The venue that the command line names; the first of the table when it names none.
fn wished_venue(global: &Global) -> Result<&'static Venue, Failure> {
    match global.venue() {
        Some(id) => venue_of(id),
        None => Ok(&VENUES[0]),
    }
}

fn wished_world(global: &Global) -> Environment {
    match (global.env, global.sim_files.first()) {
        (Some(Env::Demo), _) => Environment::Demo,
        (Some(Env::Sim), _) | (None, Some(_)) => Environment::Sim,
        (Some(Env::Live) | None, _) => Environment::Real,
    }
}

/// Where a key is tested.
struct Place {
    venue: &'static Venue,
    site: site::Chosen,
    net: crate::exchange::dial::Net,
}

impl Place {
    /// A venue in one of its worlds; the built-in exchange is the one of `--sim`.
    ///
    /// # Errors
    /// A world that cannot be reached from this command line.
    fn of(
        global: &Global,
        config: &Config,
        venue: &'static Venue,
        environment: Environment,
    ) -> Result<Self, Failure> {
        let site = if environment == Environment::Sim {
            open::sim_site(global, venue)?
        } else {
            site::choose(global, config, venue, environment)?
        };
        site::may_sign(&site, environment)?;
        let net = net::net(global, config, site.hosts.clone())?;
        Ok(Self { venue, site, net })
    }

    /// Asks the venue what a key may do.
    ///
    /// # Errors
    /// When there is no runtime.
    fn ask(&self, credentials: &Credentials) -> Result<Findings, Failure> {
        let runtime = super::trade::runtime()?;
        Ok(runtime.block_on(audit::run(
            self.venue,
            &self.net,
            &self.site.endpoints,
            credentials,
        )))
    }
}
