//! `lancet stats`: reads the journal and writes its statistics.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{Failure, variable};
use crate::cli::{Env, Global, Since, Stats};
use crate::clock;
use crate::config::Folders;
use crate::domain::Environment;
use crate::stats::{self, Asked, csv, html, json, table};

/// Does what `lancet stats` asks.
///
/// # Errors
/// When the journal cannot be read or the output cannot be written.
pub fn stats(global: &Global, asked: &Stats, out: &mut impl Write) -> Result<(), Failure> {
    let folders = Folders::find(variable)?;
    let dir = folders.state.as_path();
    let now_ms = clock::now().wall_ms();
    let wanted = wanted(global, asked, now_ms);
    let mut out = BufWriter::new(out);
    let form = &asked.form;
    let done = if form.json {
        write_json(dir, &wanted, &mut out)
    } else if form.csv {
        write_csv(dir, &wanted, &mut out)
    } else if let Some(file) = &form.html {
        return page(dir, &wanted, file, now_ms);
    } else {
        stats::read(dir, &wanted, |_| Ok(()))
            .and_then(|report| out.write_all(table::text(&report).as_bytes()))
    };
    match done.and_then(|()| out.flush()) {
        // Whoever read it has enough.
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(why) => Err(Failure::World(format!(
            "the journal below {} cannot be told: {why}",
            dir.display()
        ))),
        Ok(()) => Ok(()),
    }
}

fn wanted(global: &Global, asked: &Stats, now_ms: i64) -> Asked {
    let world = match global.env {
        _ if global.paper => Some(Environment::Paper),
        Some(Env::Live) => Some(Environment::Real),
        Some(Env::Demo) => Some(Environment::Demo),
        Some(Env::Sim) => Some(Environment::Sim),
        None => None,
    };
    Asked {
        world,
        venues: global.venues.clone(),
        symbols: global.symbols.clone(),
        accounts: global.keys.clone(),
        since_ms: asked.since.map(|since| match since {
            Since::Day(ms) => ms,
            Since::Ago(ms) => now_ms.saturating_sub(ms),
        }),
    }
}

fn write_json(dir: &Path, asked: &Asked, out: &mut impl Write) -> io::Result<()> {
    let mut writer = json::Writer::begin(out)?;
    let report = stats::read(dir, asked, |trip| writer.trip(trip))?;
    writer.end(&report)
}

fn write_csv(dir: &Path, asked: &Asked, out: &mut impl Write) -> io::Result<()> {
    csv::header(out)?;
    stats::read(dir, asked, |trip| csv::line(trip, out))?;
    Ok(())
}

fn page(dir: &Path, asked: &Asked, file: &Path, now_ms: i64) -> Result<(), Failure> {
    let report = stats::read(dir, asked, |_| Ok(())).map_err(|why| {
        Failure::World(format!(
            "the journal below {} cannot be read: {why}",
            dir.display()
        ))
    })?;
    std::fs::write(file, html::page(&report, now_ms))
        .map_err(|why| Failure::World(format!("cannot write {}: {why}", file.display())))
}
