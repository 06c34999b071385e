//! The log: one file below the state directory, written by a thread of its own that drops lines rather than wait.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::Failure;

/// Starts logging into `lancet.log` below `dir`. What is logged ends with the guard.
///
/// # Errors
/// When the file cannot be made.
pub fn start(dir: &Path) -> Result<WorkerGuard, Failure> {
    let told = |why: std::io::Error| {
        Failure::World(format!("cannot write the log in {}: {why}", dir.display()))
    };
    std::fs::create_dir_all(dir).map_err(told)?;
    let path = dir.join("lancet.log");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(told)?;
    let (writer, guard) = NonBlockingBuilder::default().lossy(true).finish(file);
    let format = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false);
    // Other crates' debug lines may hold addresses with keys in them: only our own words are logged.
    let ours = Targets::new().with_target("lancet", LevelFilter::DEBUG);
    // A second start in one process keeps the first log.
    let _ = tracing_subscriber::registry()
        .with(ours)
        .with(format)
        .try_init();
    Ok(guard)
}
