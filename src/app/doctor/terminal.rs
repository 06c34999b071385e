//! The terminal's rows: size, colours, keys, paste, link, and what lies between: tmux, mosh.

use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use rustix::termios;

use super::ask::{self, Answers};
use super::row::Row;
use crate::app::variable;
use crate::config::settings::ColorDepth;
use crate::ui::theme::ColourDepth;

/// The screen is laid out for this many columns and rows and more.
const SIZE: (u16, u16) = (80, 24);
/// A slower link is felt, ms.
const SLOW_MS: u64 = 250;
/// A longer wait of tmux for the rest of a sequence delays Esc, ms.
const TMUX_ESCAPE_MS: u64 = 20;
/// tmux answers within that or not at all.
const TMUX_PATIENCE: Duration = Duration::from_secs(2);
/// Parents looked at in the search for mosh.
const ANCESTORS: usize = 32;

/// Every row; `end` ends the questions early.
pub fn rows(color: ColorDepth, end: &AtomicBool) -> Vec<Row> {
    let mut rows = match tty() {
        Ok(tty) => {
            let mut rows = vec![size(&tty)];
            rows.extend(asked(ask::ask(tty, end), in_tmux()));
            rows
        }
        Err(why) => [
            "terminal size",
            "key kinds",
            "bracketed paste",
            "terminal link",
        ]
        .map(|name| Row::skipped(name, why))
        .to_vec(),
    };
    rows.insert(1, colours(color, variable));
    rows.push(tmux());
    rows.push(mosh());
    rows
}

/// The terminal that keys come from; a shell's is open for both directions.
fn tty() -> Result<OwnedFd, &'static str> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err("standard input is not a terminal");
    }
    let tty = stdin.as_fd().try_clone_to_owned();
    let tty = tty.map_err(|_| "the terminal cannot be opened")?;
    // A job in the background is stopped by the system when it touches the terminal's modes.
    if termios::tcgetpgrp(&tty).is_ok_and(|front| front != rustix::process::getpgrp()) {
        return Err("runs in the background");
    }
    Ok(tty)
}

fn size(tty: &OwnedFd) -> Row {
    let name = "terminal size";
    match termios::tcgetwinsize(tty) {
        Ok(size) if (size.ws_col, size.ws_row) == (0, 0) => Row::warn(
            name,
            "the terminal does not tell",
            "stty columns 120 rows 40, or another terminal",
        ),
        Ok(size) => {
            let words = format!("{}x{}", size.ws_col, size.ws_row);
            if size.ws_col >= SIZE.0 && size.ws_row >= SIZE.1 {
                Row::ok(name, &words)
            } else {
                let mend = "make it 80x24 or larger: panels fall away below that";
                Row::warn(name, &words, mend)
            }
        }
        Err(why) => Row::warn(name, &format!("unknown: {why}"), ""),
    }
}

/// `variable` reads the environment.
fn colours(color: ColorDepth, variable: impl Fn(&str) -> Option<String>) -> Row {
    let name = "colours";
    let depth = match color.resolve(&variable) {
        ColourDepth::Truecolour => "24 bits",
        ColourDepth::Indexed => "256",
        ColourDepth::Sixteen => "16",
        ColourDepth::None => "none",
    };
    if color != ColorDepth::Auto {
        return Row::ok(name, &format!("{depth}: chosen"));
    }
    let [no_color, colorterm, term] = ["NO_COLOR", "COLORTERM", "TERM"].map(variable);
    if no_color.is_some_and(|value| !value.is_empty()) {
        return Row::ok(name, "none: NO_COLOR is set");
    }
    let is = |name: &str, value: Option<String>| match value {
        Some(value) if !value.is_empty() => format!("{name} is {value}"),
        _ => format!("{name} is not set"),
    };
    let words = format!(
        "{depth}: {}, {}",
        is("TERM", term),
        is("COLORTERM", colorterm)
    );
    if depth == "24 bits" || depth == "256" {
        return Row::ok(name, &words);
    }
    let mend = "start with --color truecolor or --color 256, or set TERM to what the terminal is";
    Row::warn(name, &words, mend)
}

/// `in_tmux` says who answers.
fn asked(answers: io::Result<Answers>, in_tmux: bool) -> [Row; 3] {
    let names = ["key kinds", "bracketed paste", "terminal link"];
    match answers {
        Ok(answers) if answers == Answers::default() => names.map(|name| {
            Row::warn(
                name,
                "the terminal did not answer within 1 s",
                "another terminal, or a faster link; a held key is told from presses by time alone",
            )
        }),
        Ok(answers) => [kinds(&answers), paste(&answers), trips(&answers, in_tmux)],
        Err(why) => names.map(|name| Row::skipped(name, &format!("not asked: {why}"))),
    }
}

fn kinds(answers: &Answers) -> Row {
    let name = "key kinds";
    if answers.replies.kitty.is_some() {
        return Row::ok(
            name,
            "press, repeat and release are told apart (kitty protocol)",
        );
    }
    Row::warn(
        name,
        "not reported: a held key is told from presses by time alone",
        "a terminal with the kitty keyboard protocol (kitty, foot, Ghostty, WezTerm, Alacritty), without tmux between",
    )
}

fn paste(answers: &Answers) -> Row {
    let name = "bracketed paste";
    match answers.replies.paste {
        Some(1..=3) => Row::ok(name, "a paste is marked as one"),
        Some(_) => Row::warn(
            name,
            "the terminal does not know it: a paste is told from keys by its speed alone",
            "another terminal; paste only into text fields",
        ),
        None => Row::ok(
            name,
            "asked for at start; the terminal does not tell whether it does it",
        ),
    }
}

fn trips(answers: &Answers, in_tmux: bool) -> Row {
    let name = "terminal link";
    let mut trips = answers.trips_us.clone();
    trips.sort_unstable();
    let Some(median) = trips.get(trips.len() / 2) else {
        return Row::warn(
            name,
            "not measured: the terminal does not answer the status request",
            "a late link cannot be noticed on this terminal; another one answers",
        );
    };
    let (whole, tenth) = (median / 1000, median % 1000 / 100);
    let count = trips.len();
    let whom = if in_tmux {
        "; tmux answers: the way from there to you is not seen"
    } else {
        ""
    };
    let words = format!("{whole}.{tenth} ms round trip, median of {count}{whom}");
    if *median < SLOW_MS * 1000 {
        return Row::ok(name, &words);
    }
    Row::warn(
        name,
        &words,
        "run Lancet on a host nearer to you, or use a better line: keys arrive late",
    )
}

fn tmux() -> Row {
    let name = "tmux";
    if !in_tmux() {
        return Row::ok(name, "not in between");
    }
    let (sender, receiver) = sync_channel(1);
    let asking = std::thread::Builder::new().spawn(move || {
        let told = Command::new("tmux")
            .args(["show-options", "-sv", "escape-time"])
            .stdin(Stdio::null())
            .output();
        // Nobody listens any more when it came too late.
        let _ = sender.send(told);
    });
    let told = asking
        .ok()
        .and_then(|_| receiver.recv_timeout(TMUX_PATIENCE).ok());
    let text = match told {
        Some(Ok(output)) if output.status.success() => output.stdout,
        _ => return Row::warn(name, "it does not tell its escape-time", TMUX_MEND),
    };
    escape_time(&String::from_utf8_lossy(&text))
}

fn in_tmux() -> bool {
    variable("TMUX").is_some_and(|value| !value.is_empty())
}

const TMUX_MEND: &str = "put \"set -s escape-time 0\" into tmux.conf";

fn escape_time(text: &str) -> Row {
    match text.trim().parse::<u64>() {
        Ok(ms) if ms <= TMUX_ESCAPE_MS => Row::ok("tmux", &format!("escape-time {ms} ms")),
        Ok(ms) => {
            let words = format!("escape-time {ms} ms: Esc comes that much later");
            Row::warn("tmux", &words, TMUX_MEND)
        }
        Err(_) => Row::warn("tmux", "its escape-time cannot be read", TMUX_MEND),
    }
}

fn mosh() -> Row {
    let name = "mosh";
    if !cfg!(target_os = "linux") {
        return Row::skipped(name, "looked for on Linux alone");
    }
    let status = |pid: &str| std::fs::read_to_string(format!("/proc/{pid}/status")).ok();
    if !descends_from("mosh-server", status) {
        return Row::ok(name, "not in between");
    }
    Row::warn(
        name,
        "mosh answers for your terminal: the link is measured to mosh alone, key kinds are not passed on",
        "ssh, with tmux on the host if the line drops",
    )
}

/// Whether a process of this name is among our parents; `status` is `/proc/PID/status`.
fn descends_from(wanted: &str, status: impl Fn(&str) -> Option<String>) -> bool {
    let mut pid = "self".to_owned();
    for _ in 0..ANCESTORS {
        let Some(text) = status(&pid) else {
            return false;
        };
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        if field("Name:") == Some(wanted) {
            return true;
        }
        match field("PPid:") {
            Some(parent) if parent != "0" => pid = parent.to_owned(),
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests;
