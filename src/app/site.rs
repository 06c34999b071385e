//! Which of a venue's addresses: the usual ones, those that the settings choose among the venue's own, or an unsafe one for tests.

use std::fmt;

use super::Failure;
use crate::cli::Global;
use crate::config::{Config, ConfigError};
use crate::domain::Environment;
use crate::domain::text::sanitise;
use crate::exchange::dial::{DialError, Hosts, Target};
use crate::exchange::{Endpoints, VENUES, Venue};
use crate::nearest::did_you_mean;

/// The worlds that settings name, with what they are here.
const WORLDS: [(&str, Environment); 2] = [("live", Environment::Real), ("demo", Environment::Demo)];

/// Where a venue is, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Which world.
    pub environment: Environment,
    /// The addresses.
    pub endpoints: Endpoints,
    /// They are the user's own, for a test: no real-money key signs for them.
    pub is_unsafe: bool,
    /// Who may be dialled.
    pub hosts: Hosts,
}

impl Chosen {
    /// A built-in exchange, which the line of `lancet sim` names.
    ///
    /// # Errors
    /// When one of its addresses is none.
    pub fn sim(endpoints: Endpoints) -> Result<Self, DialError> {
        let hosts = Hosts::of(endpoints.all())?;
        Ok(Self {
            environment: Environment::Sim,
            endpoints,
            is_unsafe: false,
            hosts,
        })
    }
}

/// Decides for a venue and one of its networked worlds.
///
/// # Errors
/// A world that the venue does not have, a site that is not one of its own, an unsafe address that cannot be used.
pub fn choose(
    global: &Global,
    config: &Config,
    venue: &Venue,
    environment: Environment,
) -> Result<Chosen, Failure> {
    if let Some(url) = &global.unsafe_endpoint {
        return unsafe_one(url, venue, environment);
    }
    check(config)?;
    let sites = (venue.sites)(environment);
    let hosts = Hosts::of(sites.iter().flat_map(|site| site.endpoints.all()))
        .map_err(|why| Failure::World(why.to_string()))?;
    let wished = wished(config, venue, environment);
    let site = sites
        .into_iter()
        .find(|site| wished.is_none_or(|name| site.name == name))
        .ok_or_else(|| Failure::Input(format!("{} has no such environment", venue.id)))?;
    Ok(Chosen {
        environment,
        endpoints: site.endpoints,
        is_unsafe: false,
        hosts,
    })
}

fn wished<'a>(config: &'a Config, venue: &Venue, environment: Environment) -> Option<&'a str> {
    // Paper trades on the live book.
    let book = match environment {
        Environment::Paper => Environment::Real,
        other => other,
    };
    let (world, _) = WORLDS.iter().find(|(_, own)| *own == book)?;
    let worlds = config.settings.endpoints.get(venue.id)?;
    worlds.get(*world).map(String::as_str)
}

/// Whether every site that the settings name is one of its venue's own.
///
/// # Errors
/// The first that is not, with its line and the nearest valid name.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    for (id, worlds) in &config.settings.endpoints {
        for (world, site) in worlds {
            let setting = format!("endpoints.{id}.{world}");
            known(id, world, site).map_err(|words| config.fault(&setting, words))?;
        }
    }
    Ok(())
}

fn known(id: &str, world: &str, site: &str) -> Result<(), String> {
    let venues = VENUES.iter().map(|venue| venue.id);
    let venue = VENUES
        .iter()
        .find(|venue| venue.id == id)
        .ok_or_else(|| unknown("venue", id, venues))?;
    let (_, environment) = WORLDS
        .iter()
        .find(|(name, _)| *name == world)
        .ok_or_else(|| unknown("world", world, WORLDS.iter().map(|(name, _)| *name)))?;
    let sites = (venue.sites)(*environment);
    if sites.iter().any(|own| own.name == site) {
        return Ok(());
    }
    let names: Vec<&str> = sites.iter().map(|own| own.name).collect();
    let all = names.join(", ");
    Err(format!("{} ({all})", unknown("site", site, names)))
}

fn unknown<'a>(what: &str, name: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    format!("unknown {what} \"{name}\"{}", did_you_mean(name, names))
}

fn unsafe_one(url: &str, venue: &Venue, environment: Environment) -> Result<Chosen, Failure> {
    let told = |why: &dyn fmt::Display| {
        Failure::Input(sanitise(
            &format!("--unsafe-endpoint: {why}; write http://127.0.0.1:PORT or https://HOST:PORT"),
            400,
        ))
    };
    let base = url.strip_suffix('/').unwrap_or(url);
    let to = Target::read(base).map_err(|why| told(&why))?;
    let is_bare = ["http://", "https://"]
        .iter()
        .any(|scheme| base.strip_prefix(scheme) == Some(to.authority.as_str()));
    if !is_bare {
        return Err(told(
            &"it must be http:// or https:// with host and port alone",
        ));
    }
    if !to.tls && !to.is_this_host() {
        return Err(told(&"only this host itself may be spoken to in the clear"));
    }
    let endpoints = (venue.at)(base);
    let hosts = Hosts::of(endpoints.all()).map_err(|why| told(&why))?;
    Ok(Chosen {
        environment,
        endpoints,
        is_unsafe: true,
        hosts,
    })
}

/// Whether a key of `key_environment` may sign for what was chosen. Ask before a key is opened.
///
/// # Errors
/// A key of another world, and any real-money key on an unsafe endpoint.
pub fn may_sign(chosen: &Chosen, key_environment: Environment) -> Result<(), Failure> {
    if chosen.is_unsafe && key_environment == Environment::Real {
        return Err(Failure::Input(
            "a real-money key never signs for --unsafe-endpoint: leave that flag out, or use --env demo with a demo key"
                .to_owned(),
        ));
    }
    if chosen.environment != key_environment {
        return Err(Failure::Input(format!(
            "this key is for {}, and the endpoint is {}: choose the key's own world with --env",
            named(key_environment),
            named(chosen.environment)
        )));
    }
    Ok(())
}

const fn named(environment: Environment) -> &'static str {
    match environment {
        Environment::Sim => "the built-in exchange",
        Environment::Demo => "demo",
        Environment::Paper => "paper",
        Environment::Real => "real money",
        Environment::Replay => "a recording",
    }
}

#[cfg(test)]
mod tests;
