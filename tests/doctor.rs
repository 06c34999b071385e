//! `lancet doctor`: what it looks at, what it says, and that it looks no further.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use lancet::sim::WIRES;
use lancet::sim::wire::WireRow;
use serde_json::Value;

use crate::kit::exchange::Exchange;
use crate::kit::terminal::{Start, Terminal};
use crate::kit::{binary, eventually};

fn doctor(home: &Path, args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary());
    command.arg("doctor").args(args).stdin(Stdio::null());
    for name in ["TMUX", "NO_COLOR", "COLORTERM"] {
        command.env_remove(name);
    }
    for name in ["CONFIG", "STATE", "DATA", "CACHE"] {
        command.env(format!("XDG_{name}_HOME"), home);
    }
    command
        .env("HOME", home)
        .env("TERM", "xterm-256color")
        .envs(env.iter().copied())
        .output()
        .unwrap()
}

fn report(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

fn state<'a>(report: &'a Value, name: &str) -> &'a str {
    let checks = report["checks"].as_array().unwrap();
    let row = checks
        .iter()
        .find(|row| row["name"] == name)
        .unwrap_or_else(|| panic!("{name} in {report}"));
    row["state"].as_str().unwrap()
}

#[test]
fn every_running_exchange_is_reached_on_every_road() {
    let open = |row: &WireRow| Exchange::start(&["--wire", row.id]);
    let all: Vec<Exchange> = WIRES.iter().map(open).collect();
    let home = tempfile::tempdir().unwrap();
    let mut args = vec!["--json"];
    for exchange in &all {
        args.extend(["--sim", exchange.file().to_str().unwrap()]);
    }
    let output = doctor(home.path(), &args, &[]);
    let told = report(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(told["failed"], 0);
    for row in WIRES {
        let streams: &[&str] = match row.id {
            "binance-futures" => &["public stream", "market stream"],
            "binance-spot" => &["public stream"],
            "bybit" => &["linear stream", "spot stream"],
            "okx" => &["public stream", "business stream"],
            other => panic!("{other}"),
        };
        for name in ["REST", "clock", "order line"].iter().chain(streams) {
            let name = format!("{} sim: {name}", row.id);
            assert_eq!(state(&told, &name), "ok", "{told}");
        }
    }
    for name in [
        "terminal size",
        "key kinds",
        "bracketed paste",
        "terminal link",
    ] {
        assert_eq!(state(&told, name), "skipped", "{told}");
    }
    for row in told["checks"].as_array().unwrap() {
        for field in ["name", "state", "words", "mend"] {
            assert!(row[field].is_string(), "{field} in {row}");
        }
    }
    // It leaves no trace.
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_clock_that_is_off_is_a_warning_on_every_wire() {
    let home = tempfile::tempdir().unwrap();
    for row in WIRES {
        let exchange = Exchange::start(&["--wire", row.id, "--skew", "-90000"]);
        let file = exchange.file().to_str().unwrap();
        let output = doctor(home.path(), &["--json", "--sim", file], &[]);
        let told = report(&output);
        assert_eq!(state(&told, &format!("{} sim: clock", row.id)), "warn");
        assert_eq!(told["failed"], 0, "{told}");
    }
}

#[test]
fn what_cannot_be_reached_is_a_problem_with_a_mend_and_exit_1() {
    let home = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let args = ["--venue", "binance-futures", "--unsafe-endpoint", &url];
    let output = doctor(home.path(), &args, &[]);
    assert_eq!(output.status.code(), Some(1));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.contains("fail     binance-futures UNSAFE: TLS") && table.contains("-> check"),
        "{table}"
    );
    assert!(
        table.lines().last().unwrap().starts_with("4 problems"),
        "{table}"
    );
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn broken_settings_are_a_row_and_the_rest_is_looked_at_all_the_same() {
    let exchange = Exchange::start(&[]);
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("lancet");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("config.toml"),
        "\n[endpoints]\nbinance-futures.demo = \"tesnet\"\n",
    )
    .unwrap();
    let file = exchange.file().to_str().unwrap();
    let output = doctor(home.path(), &["--json", "--sim", file], &[]);
    let told = report(&output);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        (state(&told, "settings"), &told["failed"]),
        ("fail", &1.into())
    );
    let text = told.to_string();
    assert!(
        text.contains("config.toml:3") && text.contains("did you mean \\\"testnet\\\"?"),
        "{text}"
    );
    assert_eq!(state(&told, "binance-futures sim: REST"), "ok");
}

/// A proxy that refuses every request; the first line of what came last, once nobody asks any more.
fn requests(listener: &TcpListener) -> Option<String> {
    use std::io::{BufRead, BufReader, Write};
    let (mut stream, _) = listener.accept().ok()?;
    stream.set_nonblocking(false).unwrap();
    let mut line = String::new();
    BufReader::new(stream.try_clone().unwrap())
        .read_line(&mut line)
        .unwrap();
    let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n");
    Some(line)
}

#[test]
fn e9_a_proxy_comes_from_the_settings_and_never_from_the_environment() {
    let home = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let args = [
        "--json",
        "--venue",
        "binance-futures",
        "--unsafe-endpoint",
        "https://venue.invalid",
    ];
    let env: Vec<(&str, &str)> = [
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "HTTP_PROXY",
    ]
    .map(|name| (name, proxy.as_str()))
    .to_vec();
    let told = report(&doctor(home.path(), &args, &env));
    assert_eq!(state(&told, "binance-futures UNSAFE: names"), "fail");
    assert_eq!(requests(&listener), None);

    // The same program with the same proxy in its settings does ask it.
    let folder = home.path().join("lancet");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("config.toml"),
        format!("[network]\nproxy = \"{proxy}\"\n"),
    )
    .unwrap();
    let home = home.path().to_owned();
    let running = std::thread::spawn(move || doctor(&home, &args, &[]));
    let asked = eventually("a request at the proxy", || requests(&listener));
    assert_eq!(asked.trim_end(), "CONNECT venue.invalid:443 HTTP/1.1");
    while !running.is_finished() {
        // Every road is refused, so that it ends.
        if requests(&listener).is_none() {
            std::thread::yield_now();
        }
    }
    let told = report(&running.join().unwrap());
    assert_eq!(state(&told, "binance-futures UNSAFE: names"), "skipped");
    let text = told.to_string();
    assert!(
        text.contains("answered 403 to CONNECT venue.invalid:443"),
        "{text}"
    );
}

#[test]
fn a_terminal_that_answers_nothing_is_told_and_does_not_hang() {
    let exchange = Exchange::start(&[]);
    let file = exchange.file().to_str().unwrap();
    let mut terminal = Terminal::start(&Start {
        args: &["doctor", "--sim", file],
        size: (160, 60),
        ..Start::default()
    });
    let screen = terminal.wait_for("no problems");
    for name in ["key kinds", "bracketed paste", "terminal link"] {
        assert!(
            screen.lines().any(|line| line.starts_with("warn")
                && line.contains(name)
                && line.contains("did not answer")),
            "{screen}"
        );
    }
    assert!(screen.contains("160x60"), "{screen}");
    assert_eq!(terminal.end(), 0);
}

/// A doctor that waits for its terminal, and for an exchange that takes connections and says nothing.
fn asking() -> (Terminal, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let terminal = Terminal::start(&Start {
        args: &[
            "doctor",
            "--venue",
            "binance-futures",
            "--unsafe-endpoint",
            &url,
        ],
        ..Start::default()
    });
    eventually("the first question", || {
        let seen = terminal.bytes();
        seen.windows(3)
            .any(|bytes| bytes == b"\x1b[c")
            .then_some(())
    });
    (terminal, listener)
}

fn assert_ended(terminal: &mut Terminal) {
    assert_eq!(terminal.end(), 1);
    let told = String::from_utf8(terminal.bytes()).unwrap();
    assert!(told.contains("ended before everything"), "{told}");
    assert!(!told.contains("terminal size"), "{told}");
}

#[test]
fn ctrl_c_ends_the_questions() {
    let (mut terminal, _listener) = asking();
    terminal.send(b"\x03");
    assert_ended(&mut terminal);
}

#[test]
fn a_signal_ends_the_questions() {
    let (mut terminal, _listener) = asking();
    terminal.signal("TERM");
    assert_ended(&mut terminal);
}
