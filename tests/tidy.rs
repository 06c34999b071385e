//! The rules of the house, read from the source: layers, sizes, names, lists that must agree.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `src`, with its path from there and its text.
fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, base: &Path, out: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, base, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path
                    .strip_prefix(base)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                out.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut out = Vec::new();
    walk(&root().join("src"), &root().join("src"), &mut out);
    out.sort();
    assert!(out.len() > 40, "the walk finds the sources");
    out
}

/// The files that are not tests.
fn products() -> Vec<(String, String)> {
    let is_test = |name: &str| name.ends_with("/tests.rs") || name.contains("/tests/");
    sources()
        .into_iter()
        .filter(|(name, _)| !is_test(name))
        .collect()
}

/// The part of a file before its tests.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

/// The room of a file: its first folder or its own stem.
fn room(name: &str) -> &str {
    name.split('/')
        .next()
        .unwrap_or(name)
        .trim_end_matches(".rs")
}

/// Which rooms a room may name besides itself.
fn allowed(room: &str) -> &'static [&'static str] {
    match room {
        "domain" => &[],
        "clock" => &["domain"],
        "engine" => &["domain", "nearest"],
        "market" => &["domain"],
        "alerts" => &["domain"],
        "secret" => &[],
        "exchange" => &["domain", "clock", "secret"],
        "sim" => &["domain", "clock"],
        "paper" => &["domain"],
        "journal" => &["alerts", "clock", "domain", "engine"],
        "replay" => &["domain", "exchange"],
        "blackbox" => &["domain", "engine"],
        "stats" => &["domain", "engine", "journal", "ui"],
        "nearest" => &[],
        "ui" => &["alerts", "domain", "engine", "market", "nearest"],
        "input" => &["clock", "domain", "engine", "nearest", "ui"],
        "vault" => &["domain", "exchange", "nearest", "secret", "ui"],
        "config" => &[
            "alerts", "domain", "engine", "input", "market", "nearest", "ui",
        ],
        "cli" => &["config", "domain", "engine", "input", "nearest", "ui"],
        _ => &[
            "alerts", "app", "blackbox", "cli", "clock", "config", "domain", "engine", "exchange",
            "input", "journal", "market", "nearest", "paper", "replay", "secret", "sim", "stats",
            "ui", "vault",
        ],
    }
}

#[test]
fn imports_point_down_never_up_never_across() {
    let mut broken = Vec::new();
    for (name, text) in products() {
        let own = room(&name).to_owned();
        for (number, line) in product(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for (at, _) in code.match_indices("crate::") {
                let target: String = code[at + 7..]
                    .chars()
                    .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                    .collect();
                if !target.is_empty() && target != own && !allowed(&own).contains(&target.as_str())
                {
                    broken.push(format!("src/{name}:{}: {own} names {target}", number + 1));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_core_reads_no_clock_and_does_no_input_or_output() {
    let forbidden = [
        "std::fs",
        "std::net",
        "tokio",
        "std::io",
        "std::thread",
        "crate::clock",
        "std::time",
    ];
    for (name, text) in products() {
        if ["alerts", "domain", "engine", "market", "paper"].contains(&room(&name)) {
            for word in forbidden {
                assert!(!product(&text).contains(word), "src/{name} names {word}");
            }
        }
    }
}

#[test]
fn venue_folders_never_name_each_other_and_the_simulator_shares_no_wire_code() {
    for (name, text) in products() {
        if name.starts_with("sim") {
            assert!(
                !text.contains("crate::exchange"),
                "src/{name} names the connector"
            );
        }
        if name.starts_with("exchange") {
            assert!(
                !text.contains("crate::sim"),
                "src/{name} names the simulator"
            );
        }
    }
}

#[test]
fn channels_are_bounded_and_names_are_the_fields_words() {
    let banned = ["utils", "common", "helpers", "manager", "types"];
    for (name, text) in products() {
        assert!(
            !text.contains("unbounded_channel"),
            "src/{name} has an unbounded channel"
        );
        for part in name.trim_end_matches(".rs").split('/') {
            assert!(!banned.contains(&part), "src/{name}: {part} says nothing");
        }
    }
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = products()
        .iter()
        .map(|(name, text)| (name, product(text).lines().count()))
        .filter(|(_, lines)| *lines > 600)
        .map(|(name, lines)| format!("src/{name}: {lines} lines without tests"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn one_small_file_may_be_unsafe() {
    for (name, text) in sources() {
        let may = name == "secret/locked.rs";
        assert!(
            may || !text.contains("allow(unsafe_code)"),
            "src/{name} allows unsafe code"
        );
    }
}
