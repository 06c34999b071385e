//! Keys on every wire of the built-in exchange: each venue's own facts make the verdict, and each part of a key is told from the
//! others.

use lancet::sim::WIRES;

use super::*;

/// An exchange on each wire.
fn exchanges(extra: &[&str]) -> Vec<Exchange> {
    let open = |wire| Exchange::start(&[&["--wire", wire], extra].concat());
    WIRES.iter().map(|row| open(row.id)).collect()
}

fn venue(exchange: &Exchange) -> &str {
    exchange.info["venue"].as_str().unwrap()
}

fn has_passphrase(exchange: &Exchange) -> bool {
    exchange.info["passphrase"].is_string()
}

/// What becomes of a key.
enum Standing {
    Good,
    ViewOnly(&'static str),
    Refused(&'static str),
}

/// What the rights of a key earn it at a venue.
fn earned(venue: &str, label: &str) -> Standing {
    match (venue, label) {
        // The right to trade includes moving coins between accounts there: no right of its own is asked for.
        ("okx", "transfer") => Standing::Good,
        // It names no end, and tells of no right that has ended.
        ("okx", "expired") => Standing::ViewOnly("no right to trade"),
        (_, "trade" | "ed25519" | "ending") => Standing::Good,
        (_, "read") => Standing::ViewOnly("no right to trade"),
        (_, "anywhere") => Standing::ViewOnly("no-ip"),
        (_, "transfer") => Standing::ViewOnly("transfer"),
        (_, "withdraw" | "careless") => Standing::Refused("WITHDRAW"),
        (_, "elsewhere") => Standing::Refused("address"),
        (_, "expired") => Standing::Refused("expired"),
        (_, label) => panic!("{label}"),
    }
}

#[test]
fn g1_g2_g3_each_key_of_every_exchange_gets_the_standing_that_its_rights_earn() {
    for exchange in exchanges(&[]) {
        let home = Home::new();
        let mut stored = 0;
        for key in exchange.info["keys"].as_array().unwrap() {
            let label = key["label"].as_str().unwrap();
            let answer = home.add(&exchange, &given(&exchange, label), &[]);
            let who = format!("{} {label}: {}", venue(&exchange), told(&answer));
            match earned(venue(&exchange), label) {
                Standing::Good => assert_eq!(row(&answer)["view_only"], Value::Null, "{who}"),
                Standing::ViewOnly(words) => {
                    let row = row(&answer);
                    assert!(row["view_only"].as_str().unwrap().contains(words), "{row}");
                }
                Standing::Refused(words) => {
                    assert_eq!(answer.status.code(), Some(1), "{who}");
                    assert!(told(&answer).contains(words), "{who}");
                    continue;
                }
            }
            stored += 1;
        }
        let listed = row(&home.run(&["keys", "list", "--json"], ""));
        let listed = listed.as_array().unwrap();
        assert_eq!(listed.len(), stored, "what was refused is not stored");
        assert!(listed.iter().all(|row| row["venue"] == venue(&exchange)));
        let file = exchange.file().to_str().unwrap();
        let (tested, words) = eventually("a test within the venue's limits", || {
            let tested = home.run(&["keys", "test", "trade", "--sim", file], "");
            let words = String::from_utf8_lossy(&tested.stdout).into_owned();
            (!words.contains("Too Many Requests")).then_some((tested, words))
        });
        assert!(tested.status.success(), "{words}{}", told(&tested));
        for line in [
            "+ signature accepted",
            "+ can trade",
            "+ cannot withdraw",
            "+ bound to addresses",
            "the key is as it should be",
        ] {
            assert!(words.contains(line), "{}: {words}", venue(&exchange));
        }
    }
}

#[test]
fn g4_every_exchange_says_which_part_of_a_key_is_wrong_and_stores_nothing() {
    for exchange in exchanges(&[]) {
        let home = Home::new();
        let good = given(&exchange, "trade");
        let refused = |changed: Value, code: i32, words: &str| {
            let answer = home.add(&exchange, &changed, &[]);
            let said = told(&answer);
            assert_eq!(answer.status.code(), Some(code), "{said}");
            assert!(said.contains(words), "{}: {said}", venue(&exchange));
            assert_eq!(said.lines().count(), 1, "{said}");
        };
        let with = |name: &str, value: Value| {
            let mut changed = good.clone();
            changed[name] = value;
            changed
        };
        let other = given(&exchange, "read")["api_secret"].clone();
        refused(with("api_secret", other), 1, "signature");
        if has_passphrase(&exchange) {
            refused(with("passphrase", json!("Another1!")), 1, "passphrase");
            refused(with("passphrase", json!("")), 2, "Passphrase");
            let mut two_parts = good.clone();
            two_parts.as_object_mut().unwrap().remove("passphrase");
            refused(two_parts, 2, "Passphrase");
        } else {
            refused(with("passphrase", json!("Another1!")), 2, "have none");
        }
        let stranger = Exchange::start(&["--wire", venue(&exchange), "--seed", "8"]);
        let mut unknown = given(&stranger, "trade");
        unknown["passphrase"] = good["passphrase"].clone();
        refused(unknown, 1, "key");
        let listed = row(&home.run(&["keys", "list", "--json"], ""));
        assert_eq!(listed, json!([]));
        row(&home.add(&exchange, &good, &[]));
    }
}

#[test]
fn a_clock_that_is_off_is_counted_in() {
    for skew_ms in [-90_000, 90_000_i64] {
        for exchange in exchanges(&["--skew", &skew_ms.to_string()]) {
            let home = Home::new();
            let row = row(&home.add(&exchange, &given(&exchange, "trade"), &[]));
            assert_eq!(row["view_only"], Value::Null, "{row}");
            let offset = row["found"]["clock_offset_ms"].as_i64().unwrap();
            assert!((offset - skew_ms).abs() < 5_000, "{row}");
        }
    }
}

#[test]
fn a_key_is_for_the_exchange_that_is_named_and_goes_to_no_other() {
    let all = exchanges(&[]);
    let home = Home::new();
    for (at, exchange) in all.iter().enumerate() {
        let mut key = given(exchange, "trade");
        key["label"] = json!(venue(exchange));
        let other = &all[(at + 1) % all.len()];
        let refused = home.add(other, &key, &[]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(told(&refused).contains("speaks"), "{}", told(&refused));
        // Without a name the exchange of --sim is meant.
        key.as_object_mut().unwrap().remove("venue");
        assert_eq!(
            row(&home.add(exchange, &key, &[]))["venue"],
            venue(exchange)
        );
        let file = other.file().to_str().unwrap();
        let refused = home.run(&["keys", "test", venue(exchange), "--sim", file], "");
        assert_eq!(refused.status.code(), Some(2));
    }
}

/// Rule 11 on every wire: typed on the screen, tested, kept, opened with; no part of it is seen.
#[test]
fn rule11_the_key_screen_of_every_exchange_takes_all_parts_and_the_ladder_opens_with_them() {
    for exchange in exchanges(&[]) {
        let home = Home::new();
        let file = exchange.file().to_str().unwrap();
        let key = given(&exchange, "trade");
        let mut screen = Terminal::start(&Start {
            args: &["keys", "add", "--sim", file],
            home: Some(home.path()),
            ..Start::default()
        });
        enter(&mut screen, &key);
        assert_eq!(screen.end(), 0);
        let mut unseen = vec![("the secret", key["api_secret"].as_str().unwrap())];
        unseen.extend(
            key["passphrase"]
                .as_str()
                .map(|text| ("the third part", text)),
        );
        for (what, part) in &unseen {
            assert_unseen(part.as_bytes(), what, &screen.bytes(), home.path());
        }
        let mut ladder = Terminal::start(&Start {
            args: &["--sim", file, "--key", "main"],
            home: Some(home.path()),
            ..Start::default()
        });
        ladder.wait_for("passphrase of");
        ladder.send(format!("{WORD}\n").as_bytes());
        ladder.wait_for("account main");
        ladder.wait_for("LIVE");
        ladder.wait_for("ARMED");
        press(&mut ladder, b"q");
        press(&mut ladder, b"y");
        assert_eq!(ladder.end(), 0);
        for (what, part) in &unseen {
            assert_unseen(part.as_bytes(), what, &ladder.bytes(), home.path());
        }
    }
}

/// The key is deleted at the exchange while it is in use: what the exchange knows after a restart are other keys.
#[test]
fn g14_a_key_that_ends_while_it_is_in_use_locks_and_the_market_goes_on() {
    for exchange in exchanges(&[]) {
        let wire = venue(&exchange).to_owned();
        let at = exchange.info["rest"].as_str().unwrap();
        let at = at.trim_start_matches("http://").to_owned();
        let home = Home::new();
        row(&home.add(&exchange, &given(&exchange, "trade"), &[]));
        let (file, key_file) = (home.path().join("exchange.json"), home.key_file());
        std::fs::copy(exchange.file(), &file).unwrap();
        let terminal = Terminal::start(&Start {
            args: &[
                "--sim",
                file.to_str().unwrap(),
                "--key",
                "trade",
                "--key-file",
                key_file.to_str().unwrap(),
            ],
            home: Some(home.path()),
            ..Start::default()
        });
        terminal.wait_for("LIVE");
        terminal.wait_for("ARMED");
        drop(exchange);
        let _others = Exchange::start(&["--wire", &wire, "--seed", "8", "--listen", &at]);
        terminal.wait_for("KEY REFUSED");
        terminal.wait_for("LOCKED key refused");
        terminal.wait_for("LIVE");
    }
}
