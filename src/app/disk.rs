//! The disk thread: takes rows of the journal and appends them. It must never make the desk wait; what it cannot write it tells.

use std::io;
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::journal::Journal;

/// Starts the thread. `trouble` gets the words of a failed write, then `None` once writing works again.
///
/// # Errors
/// When the thread cannot be started.
pub fn spawn(
    mut journal: Journal,
    mut rows: mpsc::Receiver<Value>,
    trouble: mpsc::Sender<Option<String>>,
) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name("disk".to_owned())
        .spawn(move || {
            let mut failing = false;
            while let Some(row) = rows.blocking_recv() {
                super::fault::here("disk");
                let failed = journal.append(&row).err();
                if failed.is_some() == failing {
                    continue;
                }
                failing = failed.is_some();
                let words = failed.map(|why| format!("the journal cannot be written: {why}"));
                // The desk is gone: there is nobody left to tell.
                let _ = trouble.blocking_send(words);
            }
        })
}
