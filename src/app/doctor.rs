//! `lancet doctor`: looks at everything that Lancet stands on and says what to mend. Changes nothing; every wait is bounded.

mod ask;
mod host;
mod reach;
mod row;
mod terminal;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;

use super::signals::{Signals, Told};
use super::site::{self, Chosen};
use super::{Failure, net, open, settings, trade, variable};
use crate::cli::{Doctor, Env, Global};
use crate::config::settings::ColorDepth;
use crate::config::{Config, Folders};
use crate::domain::Environment;
use crate::exchange::{VENUES, Venue};
use crate::ui::theme;
use reach::Place;
use row::Row;

/// Checks everything and prints it.
///
/// # Errors
/// When a check failed (exit code 1); when the command line names something that is not there.
pub fn doctor(global: &Global, asked: &Doctor, out: &mut impl Write) -> Result<(), Failure> {
    let folders = Folders::find(variable)?;
    let (config, trouble) = match settings(global) {
        Ok((config, _)) => (config, None),
        // The rest can be looked at with the defaults.
        Err(why) => (defaults()?, Some(why.to_string())),
    };
    let places = places(global, &config)?;
    let mut rows = vec![host::settings(&folders, global.config.as_deref(), trouble)];
    rows.extend(host::rows(&folders));
    let color = global.color.unwrap_or(config.settings.color);
    let (terminal, venues) = look(color, places)?;
    let rows: Vec<Row> = terminal.into_iter().chain(rows).chain(venues).collect();
    let failed = row::failed(&rows);
    if asked.json {
        writeln!(out, "{}", row::json(&rows))?;
    } else {
        write!(out, "{}", row::table(&rows))?;
    }
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::World(format!(
        "{failed} of {} checks failed",
        rows.len()
    )))
}

fn defaults() -> Result<Config, Failure> {
    Ok(Config::load(None, &[], &theme::names(&[]))?)
}

/// The terminal on a thread of its own, every venue at once; a signal ends it with the terminal's modes restored.
fn look(color: ColorDepth, places: Vec<Place>) -> Result<(Vec<Row>, Vec<Row>), Failure> {
    let runtime = trade::runtime()?;
    let end = Arc::new(AtomicBool::new(false));
    let looked = runtime.block_on(async {
        let mut signals = Signals::install()?;
        let both = both(color, places, end.clone());
        tokio::pin!(both);
        loop {
            tokio::select! {
                looked = &mut both => return looked,
                told = signals.next() => if matches!(told, Told::End | Told::HangUp) {
                    end.store(true, Ordering::Relaxed);
                    return Err(ended());
                }
            }
        }
    });
    // A name lookup cannot be given up, so it is left behind; the terminal's thread notices the end within its next round.
    runtime.shutdown_timeout(ask::ROUND * 2);
    looked
}

async fn both(
    color: ColorDepth,
    places: Vec<Place>,
    end: Arc<AtomicBool>,
) -> Result<(Vec<Row>, Vec<Row>), Failure> {
    let asked = end.clone();
    let asking = tokio::task::spawn_blocking(move || terminal::rows(color, &asked));
    let terminal = async {
        let rows = asking.await;
        let rows = rows.map_err(|_| Failure::World("looking at the terminal broke".to_owned()))?;
        // Ctrl-C is a byte while the terminal is asked.
        if end.load(Ordering::Relaxed) {
            return Err(ended());
        }
        Ok(rows)
    };
    let venues = async { Ok(join_all(places.into_iter().map(reach::rows)).await.concat()) };
    tokio::try_join!(terminal, venues)
}

fn ended() -> Failure {
    Failure::World("ended before everything was looked at".to_owned())
}

/// What to reach: the exchanges of `--sim`, the venue that is named, or every venue; in the world that is named, or in both.
fn places(global: &Global, config: &Config) -> Result<Vec<Place>, Failure> {
    if !global.sim_files.is_empty() {
        let all = open::all(global, config)?.into_iter();
        let all = all.map(|opened| place(global, config, opened.venue, opened.site));
        return all.collect();
    }
    let worlds = match global.env {
        Some(Env::Live) => vec![Environment::Real],
        Some(Env::Demo) => vec![Environment::Demo],
        None => vec![Environment::Real, Environment::Demo],
        Some(Env::Sim) => {
            return Err(Failure::Input(
                "doctor looks at a built-in exchange that runs: lancet sim --json > FILE, then lancet doctor --sim FILE"
                    .to_owned(),
            ));
        }
    };
    let named =
        |venue: &&Venue| global.venues.is_empty() || global.venues.iter().any(|id| id == venue.id);
    let mut places = Vec::new();
    for venue in VENUES.iter().filter(named) {
        for environment in &worlds {
            if (venue.sites)(*environment).is_empty() && global.unsafe_endpoint.is_none() {
                continue;
            }
            // A mistake in the settings has a row of its own; the usual sites can be looked at all the same.
            let chosen = site::choose(global, config, venue, *environment)?;
            places.push(place(global, config, venue, chosen)?);
        }
        if global.unsafe_endpoint.is_some() {
            // One address, whichever world it stands for.
            places.truncate(1);
        }
    }
    Ok(places)
}

fn place(
    global: &Global,
    config: &Config,
    venue: &'static Venue,
    chosen: Chosen,
) -> Result<Place, Failure> {
    let world = match chosen.is_unsafe {
        true => "UNSAFE",
        false => chosen.environment.word(),
    };
    Ok(Place {
        label: format!("{} {world}", venue.id),
        venue,
        endpoints: chosen.endpoints,
        net: net::net(global, config, chosen.hosts)?,
    })
}
