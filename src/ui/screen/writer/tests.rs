//! The writer's thread: the newest frame wins, a blocked or lost terminal is nobody else's trouble.

use super::*;
use crate::ui::sample;
use crate::ui::theme::ColourDepth;
use std::os::fd::OwnedFd;
use std::sync::mpsc;

fn frame(number: u64) -> Frame {
    let mut snapshot = sample::full();
    snapshot.market.lag_ms = i64::try_from(number % 900).unwrap();
    let view = sample::view(&snapshot, 80, 24);
    Frame {
        number,
        snapshot: Arc::new(snapshot),
        view,
    }
}

fn start<W: Write + Send + 'static>(out: W) -> Writer {
    Writer::start(out, Theme::dark(ColourDepth::None), sample::help()).unwrap()
}

/// Waits for a condition; a test that never meets it fails by its count, not by a clock.
fn until(mut met: impl FnMut() -> bool) {
    for _ in 0..50_000_000_u64 {
        if met() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("never met");
}

/// Tells of each write and lets it through only when told to.
struct Gate {
    began: mpsc::SyncSender<usize>,
    go: mpsc::Receiver<()>,
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.began.send(bytes.len());
        self.go
            .recv()
            .map_err(|_| io::Error::from_raw_os_error(5))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn f6_a_blocked_terminal_gets_one_fresh_frame_when_it_reads_again() {
    let (began, writes) = mpsc::sync_channel(16);
    let (go, gate) = mpsc::sync_channel(16);
    let writer = start(Gate { began, go: gate });
    writer.show(frame(1));
    writes.recv().unwrap();
    // The terminal reads nothing now; handing over more frames must not wait.
    for number in 2..500 {
        writer.show(frame(number));
    }
    assert_eq!(writer.written(), 0);
    go.send(()).unwrap();
    writes.recv().unwrap();
    assert_eq!(writer.written(), 1);
    go.send(()).unwrap();
    until(|| writer.written() == 499);
    assert!(writes.try_recv().is_err());
}

#[test]
fn f3_a_lost_terminal_is_reported_and_ends_the_thread() {
    let (began, writes) = mpsc::sync_channel(16);
    let (go, gate) = mpsc::sync_channel::<()>(16);
    let writer = start(Gate { began, go: gate });
    drop(go);
    writer.show(frame(1));
    writes.recv().unwrap();
    until(|| writer.is_gone());
    assert_eq!(writer.written(), 0);
    writer.show(frame(2));
    drop(writer);
}

#[test]
fn f12_an_empty_screen_is_skipped_and_counted_as_shown() {
    let file = tempfile::tempfile().unwrap();
    let writer = start(std::fs::File::from(OwnedFd::from(file)));
    let snapshot = Arc::new(sample::full());
    writer.show(Frame {
        number: 7,
        snapshot,
        view: View::new(0, 0),
    });
    until(|| writer.written() == 7);
}
