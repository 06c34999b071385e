//! The disk thread: takes rows of the journal and appends them. It must never make the desk wait; what it cannot write it tells.
//!
//! Handing a row over does not wake it: waking a thread costs as much as the rest of an order's way through the program. The loop
//! wakes it ([`std::thread::Thread::unpark`]) once a turn, when the turn's commands are on their sockets.

use std::io;
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::{self, error::TryRecvError};

use crate::engine::record::Row;
use crate::journal::Journal;

/// Starts the thread; it ends when it is woken and `rows` is closed. `trouble` gets the words of a failed write, then `None` once
/// writing works again.
///
/// # Errors
/// When the thread cannot be started.
pub fn spawn(
    mut journal: Journal,
    mut rows: mpsc::Receiver<Row>,
    trouble: mpsc::Sender<Option<String>>,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new()
        .name("disk".to_owned())
        .spawn(move || {
            let mut failing = false;
            loop {
                let row = match rows.try_recv() {
                    Ok(row) => row,
                    Err(TryRecvError::Empty) => {
                        thread::park();
                        continue;
                    }
                    Err(TryRecvError::Disconnected) => return,
                };
                super::fault::here("disk");
                let failed = journal.take(row).err();
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::app::channel;

    #[test]
    fn rows_handed_over_before_the_end_are_on_the_disk_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(dir.path()).unwrap();
        let path = journal.path().to_owned();
        let (rows, rows_out) = channel::rows();
        let (trouble_in, _trouble) = channel::trouble();
        let thread = spawn(journal, rows_out, trouble_in).unwrap();
        for number in 0..100 {
            rows.try_send(json!({ "number": number }).into()).unwrap();
        }
        thread.thread().unpark();
        rows.try_send(json!({ "last": true }).into()).unwrap();
        drop(rows);
        thread.thread().unpark();
        thread.join().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().count(), 101);
        assert!(text.ends_with("{\"last\":true}\n"));
    }
}
