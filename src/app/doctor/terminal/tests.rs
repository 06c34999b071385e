use super::*;
use crate::app::doctor::row::State;

#[test]
fn escape_time_is_judged_at_twenty_milliseconds() {
    assert_eq!(escape_time("0\n").state, State::Ok);
    assert_eq!(escape_time("20").state, State::Ok);
    let row = escape_time("500\n");
    assert_eq!(row.state, State::Warn);
    assert!(row.words.contains("500 ms") && row.mend.contains("escape-time 0"));
    assert_eq!(escape_time("no server running").state, State::Warn);
}

#[test]
fn mosh_is_found_among_the_parents_and_a_circle_of_them_ends() {
    let of = |name: &str, parent: &str| Some(format!("Name:\t{name}\nPPid:\t{parent}\n"));
    let line = |pid: &str| match pid {
        "self" => of("lancet", "30"),
        "30" => of("bash", "20"),
        "20" => of("mosh-server", "1"),
        _ => of("init", "0"),
    };
    assert!(descends_from("mosh-server", line));
    assert!(!descends_from("sshd", line));
    assert!(!descends_from("mosh-server", |_| of("bash", "7")));
    assert!(!descends_from("mosh-server", |_| None));
}

#[test]
fn colours_say_what_decided() {
    let with = |pairs: &'static [(&str, &str)]| {
        move |name: &str| {
            let found = pairs.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    };
    let row = colours(
        ColorDepth::Auto,
        with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]),
    );
    assert_eq!(row.state, State::Ok);
    assert_eq!(
        row.words,
        "24 bits: TERM is xterm-256color, COLORTERM is truecolor"
    );
    let row = colours(ColorDepth::Auto, with(&[("TERM", "linux")]));
    assert_eq!(row.state, State::Warn);
    assert!(row.words.starts_with("16: ") && row.mend.contains("--color"));
    let row = colours(
        ColorDepth::Auto,
        with(&[("NO_COLOR", "1"), ("TERM", "xterm")]),
    );
    assert_eq!(row.words, "none: NO_COLOR is set");
    assert_eq!(
        colours(ColorDepth::Truecolor, with(&[])).words,
        "24 bits: chosen"
    );
}

fn answers(kitty: Option<u32>, paste: Option<u32>, trips_us: &[u64]) -> Answers {
    let mut answers = Answers::default();
    answers.replies.attributes = true;
    answers.replies.kitty = kitty;
    answers.replies.paste = paste;
    answers.trips_us = trips_us.to_vec();
    answers
}

#[test]
fn answers_become_rows() {
    let good = asked(
        Ok(answers(Some(0), Some(2), &[900, 120_000, 30_400])),
        false,
    );
    assert!(good.iter().all(|row| row.state == State::Ok), "{good:?}");
    assert!(good[2].words.starts_with("30.4 ms"), "{good:?}");
    let poor = asked(Ok(answers(None, Some(0), &[300_000])), true);
    assert!(
        poor.iter()
            .all(|row| row.state == State::Warn && !row.mend.is_empty())
    );
    let mute = asked(Ok(answers(None, None, &[])), false);
    assert_eq!(mute[2].state, State::Warn);
    for row in asked(Ok(Answers::default()), false) {
        assert!(row.words.contains("did not answer"), "{row:?}");
    }
    for row in asked(Err(io::ErrorKind::Interrupted.into()), false) {
        assert_eq!(row.state, State::Skipped);
    }
}
