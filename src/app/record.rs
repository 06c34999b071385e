//! Records what a venue's public side sends, without a screen, until a signal.

use std::io::{self, Write};
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;

use super::open;
use super::signals::{Signals, Told};
use super::{Failure, channel, log, net, settings, trade, variable};
use crate::cli::{Global, Record};
use crate::config::Folders;
use crate::domain::Symbol;
use crate::domain::message::MarketFact;
use crate::exchange::record::{RawLine, RecordError, Recorder};

/// Records until SIGTERM or SIGINT; says at the end how much it was.
///
/// # Errors
/// When the file cannot be written, or what is named cannot be opened.
pub fn record(global: &Global, asked: &Record) -> Result<(), Failure> {
    let (config, _) = settings(global)?;
    let folders = Folders::find(variable)?;
    let _log = log::start(&folders.state)?;
    let told = |why: RecordError| Failure::World(why.to_string());
    let recorder = Recorder::create(&asked.file).map_err(told)?;
    let opened = open::open(global, &config)?;
    open::known(&opened, &global.symbols)?;
    let symbols = global
        .symbols
        .iter()
        .map(|name| Symbol::new(name))
        .collect::<Result<Vec<_>, _>>();
    let symbols = symbols.map_err(|why| Failure::Input(format!("--symbol: {why}")))?;
    let net = net::net(global, &config, opened.site.hosts.clone())?;
    let (tap, lines, lost) = channel::tap();
    let (stop, stopped) = channel::stop();
    let (ports, mut feed) = channel::feed(Some(tap));
    let writer = std::thread::Builder::new()
        .name("disk".to_owned())
        .spawn(move || write(recorder, lines))?;
    let thread = trade::start_feed(
        opened.venue,
        opened.site.endpoints.clone(),
        net,
        ports,
        stopped,
    )?;
    // Room for the first set is there: nothing was sent yet.
    let _ = feed.follow.try_send(symbols);
    trade::runtime()?.block_on(async {
        let mut signals = Signals::install()?;
        loop {
            tokio::select! {
                told = signals.next() => if matches!(told, Told::End | Told::HangUp) { return io::Result::Ok(()) },
                Some(fact) = feed.market.recv() => tell(&fact),
                Some(_) = feed.prints.recv() => {}
            }
        }
    })?;
    // A feed that has already ended needs no word.
    let _ = stop.send(true);
    let _ = thread.join();
    let count = writer
        .join()
        .map_err(|_| Failure::World("the recorder broke".to_owned()))?
        .map_err(told)?;
    let lost = lost.load(Ordering::Relaxed);
    let _ = writeln!(
        io::stderr(),
        "{count} lines recorded, {lost} lost, in {}",
        asked.file.display()
    );
    Ok(())
}

fn tell(fact: &MarketFact) {
    if let MarketFact::Bad { words } | MarketFact::Note { words } = fact {
        tracing::info!("{words}");
    }
}

/// Writes lines until the feed has ended.
fn write(mut recorder: Recorder, mut lines: mpsc::Receiver<RawLine>) -> Result<u64, RecordError> {
    let mut count = 0;
    while let Some(line) = lines.blocking_recv() {
        recorder.write(&line)?;
        count += 1;
    }
    recorder.finish()?;
    Ok(count)
}
