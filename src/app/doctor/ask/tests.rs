use std::io::Read;

use portable_pty::{MasterPty, PtySize, native_pty_system};

use super::*;

/// A machine under load answers late.
const GUARD_MS: u64 = 20_000;

fn open() -> (Box<dyn MasterPty + Send>, OwnedFd) {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let tty = File::options()
        .read(true)
        .write(true)
        .open(pair.master.tty_name().unwrap())
        .unwrap();
    (pair.master, tty.into())
}

/// A terminal that gives `first` to the questions and is well so many times; its end is what it saw.
fn answering(master: &dyn MasterPty, first: &'static [u8], statuses: usize) {
    let mut reader = master.try_clone_reader().unwrap();
    let mut writer = master.take_writer().unwrap();
    std::thread::spawn(move || {
        let mut seen = vec![0; QUESTIONS.len()];
        reader.read_exact(&mut seen).unwrap();
        assert_eq!(seen, QUESTIONS);
        writer.write_all(first).unwrap();
        for _ in 0..statuses {
            let mut request = [0; 4];
            reader.read_exact(&mut request).unwrap();
            assert_eq!(request, link::REQUEST);
            writer.write_all(b"\x1b[0n").unwrap();
        }
        let mut rest = Vec::new();
        let _ = reader.read_to_end(&mut rest);
    });
}

fn local_modes(tty: &OwnedFd) -> termios::LocalModes {
    termios::tcgetattr(tty).unwrap().local_modes
}

#[test]
fn a_terminal_that_answers_is_measured_and_given_back() {
    let (master, tty) = open();
    let before = local_modes(&tty);
    answering(&*master, b"\x1b[?0u\x1b[?2004;2$y\x1b[?62c", SAMPLES);
    let answers = within(GUARD_MS, tty.try_clone().unwrap(), &AtomicBool::new(false)).unwrap();
    assert_eq!(answers.trips_us.len(), SAMPLES);
    assert_eq!(
        (answers.replies.kitty, answers.replies.paste),
        (Some(0), Some(2))
    );
    assert_eq!(local_modes(&tty), before);
}

#[test]
fn a_silent_terminal_is_given_up_and_given_back() {
    let (_master, tty) = open();
    let before = local_modes(&tty);
    let answers = within(20, tty.try_clone().unwrap(), &AtomicBool::new(false)).unwrap();
    assert_eq!(answers, Answers::default());
    assert_eq!(local_modes(&tty), before);
}

#[test]
fn an_end_from_outside_and_ctrl_c_give_the_terminal_back() {
    let (_master, tty) = open();
    let before = local_modes(&tty);
    let ended = ask(tty.try_clone().unwrap(), &AtomicBool::new(true)).unwrap_err();
    assert_eq!(ended.kind(), io::ErrorKind::Interrupted);
    assert_eq!(local_modes(&tty), before);
    let (master, tty) = open();
    answering(&*master, b"\x03", 0);
    let end = AtomicBool::new(false);
    let ended = within(GUARD_MS, tty.try_clone().unwrap(), &end).unwrap_err();
    assert!(end.load(Ordering::Relaxed));
    assert_eq!(ended.kind(), io::ErrorKind::Interrupted);
    assert_eq!(local_modes(&tty), before);
}

#[test]
fn a_terminal_that_goes_away_is_an_error() {
    let (master, tty) = open();
    drop(master);
    assert!(ask(tty, &AtomicBool::new(false)).is_err());
    assert!(
        ask(
            File::open("/dev/null").unwrap().into(),
            &AtomicBool::new(false)
        )
        .is_err()
    );
}
