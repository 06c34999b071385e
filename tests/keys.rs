//! API keys as people and programs use them: entered on the screen and traded with, given on standard input, never seen again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kit::canary::{Canary, files};
use crate::kit::exchange::Exchange;
use crate::kit::terminal::{Start, Terminal};
use crate::kit::{binary, eventually, pace};

mod venues; // the same on every wire, each by its venue's own facts

const WORD: &str = "Quiet-Otter-Ladder-97";

/// A home of its own, and a key file in it.
struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("opens.key");
        std::fs::write(&file, "0123456789abcdef0123456789abcdef-and-more\n").unwrap();
        restrict(&file);
        Self { dir }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn key_file(&self) -> PathBuf {
        self.path().join("opens.key")
    }

    fn vault(&self) -> PathBuf {
        self.path().join("data/lancet/keys.vault")
    }

    /// Runs a command with the key file; `input` is its standard input.
    fn run(&self, args: &[&str], input: &str) -> Output {
        let mut child = Command::new(binary())
            .args(args)
            .args(["--key-file", self.key_file().to_str().unwrap()])
            .env_clear()
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("XDG_DATA_HOME", self.path().join("data"))
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that needs no input may be gone before it is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn add(&self, exchange: &Exchange, key: &Value, more: &[&str]) -> Output {
        let file = exchange.file().to_str().unwrap();
        let args = [&["keys", "add", "--stdin", "--json", "--sim", file], more].concat();
        // The exchange counts questions as the venue does, and a fast host asks for several keys within its two seconds.
        eventually("an answer to the questions of a new key", || {
            let output = self.run(&args, &key.to_string());
            (!told(&output).contains("Too Many Requests")).then_some(output)
        })
    }
}

fn restrict(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn row(output: &Output) -> Value {
    assert!(output.status.success(), "{}", told(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn key_of<'a>(exchange: &'a Exchange, label: &str) -> &'a Value {
    let keys = exchange.info["keys"].as_array().unwrap();
    keys.iter().find(|key| key["label"] == label).unwrap()
}

/// A key of the exchange as `keys add --stdin` takes it.
fn given(exchange: &Exchange, label: &str) -> Value {
    let key = key_of(exchange, label);
    let mut given = json!({
        "venue": exchange.info["venue"], "env": "sim", "label": label, "api_key": key["api_key"],
    });
    if let third @ Value::String(_) = &exchange.info["passphrase"] {
        given["passphrase"] = third.clone();
    }
    match &key["private_key_pem"] {
        Value::String(pem) => given["private_key_pem"] = json!(pem),
        _ => given["api_secret"] = key["api_secret"].clone(),
    }
    given
}

fn paste(terminal: &mut Terminal, text: &str) {
    terminal.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    pace(Duration::from_millis(150));
}

fn press(terminal: &mut Terminal, bytes: &[u8]) {
    terminal.send(bytes);
    pace(Duration::from_millis(150));
}

/// Types the parts of a key into the open form, tests it and keeps it under [`WORD`].
fn enter(terminal: &mut Terminal, key: &Value) {
    terminal.wait_for("LOCKED");
    for part in ["api_key", "api_secret", "passphrase"] {
        if let Some(text) = key[part].as_str() {
            paste(terminal, text);
            press(terminal, b"\t");
        }
    }
    press(terminal, b"\r");
    terminal.wait_for("the key is as it should be");
    paste(terminal, WORD);
    press(terminal, b"\t");
    paste(terminal, WORD);
    press(terminal, b"\t");
    press(terminal, b"\r");
}

/// Every byte that a run left: on the terminal and in the files below its home, but for the vault's own.
fn assert_unseen(secret: &[u8], what: &str, terminal: &[u8], home: &Path) {
    let canary = Canary::of(secret);
    assert_eq!(canary.seen_in(terminal), None, "{what} on the terminal");
    for (path, bytes) in files(home) {
        assert_eq!(canary.seen_in(&bytes), None, "{what} in {}", path.display());
    }
}

/// Rule 11 from end to end: from typing a key to a filled order, through the real screen.
#[test]
fn rule11_a_key_is_typed_tested_kept_and_trades_and_its_secret_is_seen_nowhere() {
    let exchange = Exchange::start(&[]);
    let home = tempfile::tempdir().unwrap();
    let key = key_of(&exchange, "trade");
    let (api_key, secret) = (
        key["api_key"].as_str().unwrap(),
        key["api_secret"].as_str().unwrap(),
    );
    let file = exchange.file().to_str().unwrap();
    let mut terminal = Terminal::start(&Start {
        args: &["--sim", file],
        home: Some(home.path()),
        ..Start::default()
    });
    terminal.wait_for("LIVE");
    terminal.wait_for("ARMED");
    press(&mut terminal, b":");
    press(&mut terminal, b"keys");
    press(&mut terminal, b"\r");
    enter(&mut terminal, key);
    // The same terminal goes on with the key.
    terminal.wait_for("main is in the vault");
    terminal.wait_for("LIVE");
    press(&mut terminal, b"A");
    press(&mut terminal, b"1");
    terminal.wait_for("ARMED main at Binance futures");
    terminal.wait_for("t  →");
    terminal.prices_seen();
    press(&mut terminal, b"x");
    terminal.wait_for("LONG  0.");
    press(&mut terminal, b"0");
    terminal.wait_for("FLAT");
    press(&mut terminal, b"q");
    press(&mut terminal, b"y");
    assert_eq!(terminal.end(), 0);
    let orders = exchange.orders();
    assert_eq!(orders.len(), 2, "{orders:?}");
    let seen = terminal.bytes();
    assert_unseen(secret.as_bytes(), "the secret", &seen, home.path());
    assert_unseen(WORD.as_bytes(), "the passphrase", &seen, home.path());
    assert_unseen(api_key.as_bytes(), "the API key", &seen, home.path());
}

/// The next start asks for the passphrase, unseen, and connects.
#[test]
fn rule11_a_kept_key_opens_with_its_passphrase_and_a_wrong_one_is_asked_again() {
    let exchange = Exchange::start(&[]);
    let home = tempfile::tempdir().unwrap();
    let key = key_of(&exchange, "trade");
    let file = exchange.file().to_str().unwrap().to_owned();
    let mut terminal = Terminal::start(&Start {
        args: &["keys", "add", "--sim", &file],
        home: Some(home.path()),
        size: (80, 24),
        ..Start::default()
    });
    enter(&mut terminal, key);
    assert_eq!(terminal.end(), 0);
    let mut terminal = Terminal::start(&Start {
        args: &["--sim", &file, "--key", "main"],
        home: Some(home.path()),
        ..Start::default()
    });
    terminal.wait_for("passphrase of");
    terminal.send(b"not the passphrase\n");
    terminal.wait_for("that is not it");
    terminal.send(format!("{WORD}\n").as_bytes());
    terminal.wait_for("account main");
    terminal.wait_for("ARMED");
    press(&mut terminal, b"q");
    press(&mut terminal, b"y");
    assert_eq!(terminal.end(), 0);
    assert_unseen(
        WORD.as_bytes(),
        "the passphrase",
        &terminal.bytes(),
        home.path(),
    );
}

#[test]
fn a_pair_logs_on_and_trades() {
    let exchange = Exchange::start(&[]);
    let home = Home::new();
    row(&home.add(&exchange, &given(&exchange, "ed25519"), &[]));
    let (file, key_file) = (exchange.file().to_str().unwrap(), home.key_file());
    let mut terminal = Terminal::start(&Start {
        args: &[
            "--sim",
            file,
            "--key",
            "ed25519",
            "--key-file",
            key_file.to_str().unwrap(),
        ],
        home: Some(home.path()),
        size: (80, 24),
        ..Start::default()
    });
    terminal.wait_for("LIVE");
    terminal.wait_for("ARMED");
    terminal.wait_for("t  →");
    terminal.prices_seen();
    press(&mut terminal, b"x");
    terminal.wait_for("LONG  0.");
    press(&mut terminal, b"0");
    terminal.wait_for("FLAT  net");
    let pem = key_of(&exchange, "ed25519")["private_key_pem"]
        .as_str()
        .unwrap();
    let body = pem.lines().nth(1).unwrap();
    assert_unseen(
        body.as_bytes(),
        "the private key",
        &terminal.bytes(),
        home.path(),
    );
}

#[test]
fn what_would_need_a_typed_word_is_accepted_by_a_flag() {
    let exchange = Exchange::start(&[]);
    let home = Home::new();
    let row = row(&home.add(
        &exchange,
        &given(&exchange, "anywhere"),
        &["--accept", "no-ip"],
    ));
    assert_eq!(row["view_only"], Value::Null);
    assert_eq!(row["accepted"], json!(["no-ip"]));
}

#[test]
fn g4_a_wrong_secret_a_taken_label_and_bad_input_say_what_is_wrong_and_store_nothing() {
    let exchange = Exchange::start(&[]);
    let home = Home::new();
    row(&home.add(&exchange, &given(&exchange, "trade"), &[]));
    let before = std::fs::read(home.vault()).unwrap();
    let mut wrong = given(&exchange, "read");
    wrong["label"] = json!("other");
    wrong["api_secret"] = given(&exchange, "trade")["api_secret"].clone();
    let refused = home.add(&exchange, &wrong, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(told(&refused).contains("signature"), "{}", told(&refused));
    let taken = home.add(&exchange, &given(&exchange, "trade"), &[]);
    assert_eq!(taken.status.code(), Some(2));
    assert!(told(&taken).contains("taken"), "{}", told(&taken));
    let secret = given(&exchange, "trade")["api_secret"]
        .as_str()
        .unwrap()
        .to_owned();
    for bad in [
        format!("{{\"label\":\"x\",\"api_secret\":\"{secret}\""),
        format!("{{\"label\":\"x\",\"api_kay\":\"{secret}\"}}"),
        format!("{{\"label\":\"two words\",\"api_key\":\"{secret}\",\"api_secret\":\"{secret}\"}}"),
        format!("\"{secret}\""),
        String::new(),
    ] {
        let file = exchange.file().to_str().unwrap();
        let refused = home.run(&["keys", "add", "--stdin", "--sim", file], &bad);
        assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
        assert_eq!(told(&refused).lines().count(), 1, "{}", told(&refused));
        assert_eq!(Canary::of(secret.as_bytes()).seen_in(&refused.stderr), None);
    }
    assert!(
        std::fs::read(home.vault()).unwrap() == before,
        "nothing was written"
    );
}

#[test]
fn a_pair_made_here_is_known_by_its_public_half_and_completed_by_its_api_key() {
    let home = Home::new();
    let made = row(&home.run(
        &[
            "keys", "generate", "--label", "desk", "--env", "sim", "--json",
        ],
        "",
    ));
    let pem = made["public_key_pem"].as_str().unwrap();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let again = row(&home.run(&["keys", "export-public", "desk", "--json"], ""));
    assert_eq!(again["public_key_pem"], pem);
    let public = home.path().join("desk.pem");
    std::fs::write(&public, pem).unwrap();
    let exchange = Exchange::start(&["--public-key", public.to_str().unwrap()]);
    let given = json!({
        "venue": "binance-futures", "env": "sim", "label": "desk",
        "api_key": key_of(&exchange, "own")["api_key"],
    });
    let row = row(&home.add(&exchange, &given, &[]));
    assert_eq!(row["kind"], "ed25519");
    assert_eq!(row["view_only"], Value::Null);
    let file = exchange.file().to_str().unwrap();
    let tested = home.run(&["keys", "test", "desk", "--sim", file], "");
    assert!(tested.status.success(), "{}", told(&tested));
    assert!(String::from_utf8_lossy(&tested.stdout).contains("signature accepted"));
}

#[test]
fn a_removed_key_is_gone_and_an_older_generation_brings_it_back() {
    let exchange = Exchange::start(&[]);
    let home = Home::new();
    row(&home.add(&exchange, &given(&exchange, "trade"), &[]));
    let count = || {
        row(&home.run(&["keys", "list", "--json"], ""))
            .as_array()
            .unwrap()
            .len()
    };
    let wrong = home.run(&["keys", "remove", "trede"], "");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(told(&wrong).contains("trade"), "{}", told(&wrong));
    row(&home.run(&["keys", "remove", "trade", "--json"], ""));
    assert_eq!(count(), 0);
    assert!(home.run(&["keys", "restore"], "").status.success());
    assert_eq!(count(), 1);
}

#[test]
fn the_passphrase_changes_and_the_old_one_opens_no_more() {
    let home = Home::new();
    row(&home.run(&["keys", "generate", "--json"], ""));
    let new = home.path().join("new.key");
    std::fs::write(&new, "another-file-of-more-than-thirty-two-bytes").unwrap();
    restrict(&new);
    let changed = home.run(
        &[
            "keys",
            "passphrase",
            "--new-key-file",
            new.to_str().unwrap(),
        ],
        "",
    );
    assert!(changed.status.success(), "{}", told(&changed));
    let old = home.run(&["keys", "list"], "");
    assert_eq!(old.status.code(), Some(2));
    assert!(told(&old).contains("wrong passphrase"), "{}", told(&old));
    std::fs::copy(&new, home.key_file()).unwrap();
    assert!(home.run(&["keys", "list"], "").status.success());
}

#[test]
fn g6_g7_a_loose_vault_a_short_key_file_and_no_terminal_are_told() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    row(&home.run(&["keys", "generate", "--json"], ""));
    let loose = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(home.vault(), loose).unwrap();
    let refused = home.run(&["keys", "list"], "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("chmod"), "{}", told(&refused));
    std::fs::write(home.key_file(), "short").unwrap();
    let refused = home.run(&["keys", "list"], "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(told(&refused).contains("32"), "{}", told(&refused));
}

#[test]
fn g14_a_key_that_is_refused_at_the_start_locks_and_the_market_goes_on() {
    let exchange = Exchange::start(&[]);
    let home = Home::new();
    row(&home.add(&exchange, &given(&exchange, "trade"), &[]));
    // Another exchange on other keys: it has never heard of this one.
    let stranger = Exchange::start(&["--seed", "8"]);
    let (file, key_file) = (stranger.file().to_str().unwrap(), home.key_file());
    let terminal = Terminal::start(&Start {
        args: &[
            "--sim",
            file,
            "--key",
            "trade",
            "--key-file",
            key_file.to_str().unwrap(),
        ],
        home: Some(home.path()),
        ..Start::default()
    });
    // The message makes room for others in the end; the lock stays.
    terminal.wait_for("KEY REFUSED");
    terminal.wait_for("LOCKED key refused");
    terminal.wait_for("LIVE");
}

#[cfg(target_os = "linux")]
#[test]
fn g11_no_core_file_is_written_and_no_secret_stands_in_arguments_or_environment() {
    let exchange = Exchange::start(&[]);
    let home = Home::new();
    row(&home.add(&exchange, &given(&exchange, "trade"), &[]));
    let (file, key_file) = (exchange.file().to_str().unwrap(), home.key_file());
    let terminal = Terminal::start(&Start {
        args: &[
            "--sim",
            file,
            "--key",
            "trade",
            "--key-file",
            key_file.to_str().unwrap(),
        ],
        home: Some(home.path()),
        ..Start::default()
    });
    terminal.wait_for("account trade");
    let of = |name: &str| std::fs::read(format!("/proc/{}/{name}", terminal.pid())).unwrap();
    let limits = String::from_utf8(of("limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let secret = given(&exchange, "trade")["api_secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let canary = Canary::of(secret.as_bytes());
    for name in ["cmdline", "environ"] {
        assert_eq!(canary.seen_in(&of(name)), None, "{name}");
    }
    eventually("the key is in use", || {
        terminal.wait_for("ARMED").contains("ARMED").then_some(())
    });
}
