//! Layouts, tabs and leaders with the real binary, and what comes back at the next start.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::kit::exchange::Exchange;
use crate::kit::terminal::{Start, Terminal};
use crate::kit::venue::open;
use crate::kit::{binary, eventually, pace};

/// An entry so soon after the ladder changed is ignored; this and a little more.
const CHANGED: Duration = Duration::from_millis(350);

fn line(terminal: &mut Terminal, text: &str) {
    terminal.send(b":");
    terminal.wait_for("buy  sell  chase");
    for letter in text.bytes() {
        terminal.send(&[letter]);
        pace(Duration::from_millis(15));
    }
    pace(Duration::from_millis(150));
    terminal.send(b"\r");
}

fn strip(screen: &str) -> &str {
    screen.lines().nth(1).unwrap_or_default()
}

fn start(exchange: &Exchange, home: &Path, extra: &[&str]) -> Terminal {
    let sim = ["--sim", exchange.file().to_str().unwrap()];
    let args: Vec<&str> = sim.iter().chain(extra).copied().collect();
    let terminal = Terminal::start(&Start {
        args: &args,
        home: Some(home),
        ..Start::default()
    });
    terminal.wait("a ladder that trades", |screen| {
        screen.contains("LIVE") && screen.contains("ARMED")
    });
    terminal
}

#[test]
fn tabs_ladders_and_layouts_come_back_and_danger_on_a_hidden_tab_is_said() {
    let exchange = Exchange::start(&[]);
    let home = tempfile::tempdir().unwrap();
    let mut terminal = start(&exchange, home.path(), &[]);
    terminal.prices_seen();
    terminal.send(b"x");
    terminal.wait_for("LONG");
    line(&mut terminal, "tab alts");
    terminal.wait("a second tab", |screen| strip(screen).contains("▸2 alts"));
    terminal.wait("what is held on the first", |screen| {
        strip(screen).starts_with(" 1 held")
    });
    line(&mut terminal, "open ETHUSDT");
    terminal.wait("another ladder", |screen| {
        screen.lines().next().unwrap().contains("ETHUSDT")
    });
    line(&mut terminal, "leader BTCUSDT");
    terminal.wait("a leader", |screen| {
        screen.contains("BTCUSDT 6") && screen.contains("1m ")
    });
    line(&mut terminal, "layout pair");
    terminal.wait("two ladders", |screen| screen.matches("price").count() == 2);
    // Panic reaches what is held on a hidden tab.
    pace(CHANGED);
    terminal.send(b"\x18\x18");
    eventually("flat, no orders", || {
        open(&exchange).is_nothing().then_some(())
    });
    quit(terminal);
    let kept = std::fs::read_to_string(home.path().join("state/lancet/workspace.json")).unwrap();
    assert!(kept.contains("\"binance-futures sim\""), "{kept}");
    let terminal = start(&exchange, home.path(), &[]);
    terminal.wait("the tabs as they were", |screen| {
        strip(screen).contains("▸2 alts")
            && screen.lines().next().unwrap().contains("ETHUSDT")
            && screen.matches("price").count() == 2
            && screen.contains("1m ")
    });
    quit(terminal);
    // The command line goes before, and what was kept stays.
    let terminal = start(&exchange, home.path(), &["--symbol", "DOGEUSDT"]);
    terminal.wait("the ladder that was asked for", |screen| {
        screen.lines().next().unwrap().contains("DOGEUSDT") && !screen.contains("alts")
    });
    quit(terminal);
    let terminal = start(&exchange, home.path(), &["--layout", "solo"]);
    terminal.wait("the tabs in another layout", |screen| {
        strip(screen).contains("▸2 alts") && screen.matches("price").count() == 1
    });
}

/// Quits and waits for the end.
fn quit(mut terminal: Terminal) {
    terminal.send(b"q");
    terminal.wait_for("Quit?");
    terminal.send(b"y");
    terminal.end();
}

#[test]
fn a_broken_workspace_is_told_and_left_aside() {
    let exchange = Exchange::start(&[]);
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state/lancet");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("workspace.json"), "{").unwrap();
    let terminal = start(&exchange, home.path(), &[]);
    terminal.wait_for("workspace.json cannot be read");
    let aside = std::fs::read_to_string(state.join("workspace.json.unread")).unwrap();
    assert_eq!(aside, "{");
}

#[test]
fn a_layout_of_the_users_own_is_used_and_a_bad_one_is_told_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("lancet/layouts");
    std::fs::create_dir_all(&folder).unwrap();
    let own = "doc = \"mine\"\n[[column]]\npanels = [\"ladder\"]\n";
    std::fs::write(folder.join("mine.toml"), own).unwrap();
    let run = |args: &[&str]| {
        let output = Command::new(binary())
            .args(args)
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (
            output.status.code(),
            text,
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, text, _) = run(&["--list-layouts"]);
    assert_eq!(code, Some(0));
    assert!(text.lines().any(|line| line == "mine    mine"), "{text}");
    let (code, _, told) = run(&["--list-keys", "--layout", "sol"]);
    assert_eq!(code, Some(2));
    assert_eq!(
        told,
        "lancet: --layout: there is no layout \"sol\", did you mean \"solo\"?\n"
    );
    std::fs::write(folder.join("mine.toml"), "doc = \"mine\"\n[[colum]]\n").unwrap();
    let (code, _, told) = run(&["--list-keys"]);
    assert_eq!(code, Some(2));
    let words = "mine.toml:2: there is no \"colum\" here, did you mean \"column\"?";
    assert!(told.contains(words) && told.lines().count() == 1, "{told}");
    std::fs::write(folder.join("phone-by-night.toml"), own).unwrap();
    let (code, text, told) = run(&["--list-layouts"]);
    assert_eq!((code, told.as_str()), (Some(0), ""));
    let row = |name: &str| text.lines().find(|line| line.starts_with(name));
    assert!(row("solo  ").unwrap().contains("  one ladder"), "{text}");
    assert!(row("mine  ").unwrap().ends_with(words), "{text}");
    assert_eq!(row("phone-by"), Some("phone-by-night  mine"));
}

#[test]
fn a_chart_has_the_hours_before_right_after_the_start() {
    let exchange = Exchange::start(&[]);
    let terminal = Terminal::trading(exchange.file(), &["--layout", "desk"], (200, 60));
    // Prints alone would make one candle, which is not so high.
    let bodies = ['┃', '╽', '╿', '╻', '╹'];
    terminal.wait("candles of the hours before", |screen| {
        screen.matches(bodies).count() >= 25
    });
}
