//! Looks for a secret in everything that a run of the program left, in every spelling in which it could have got there.

use std::path::{Path, PathBuf};

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

/// Shortest part of a secret whose sight would matter, bytes.
const PART: usize = 12;

/// A secret in its spellings.
pub struct Canary {
    spellings: Vec<(&'static str, Vec<u8>)>,
}

impl Canary {
    pub fn of(secret: &[u8]) -> Self {
        let reversed: Vec<u8> = secret.iter().rev().copied().collect();
        let wide = |big: bool| -> Vec<u8> {
            let units = secret.iter().map(|byte| u16::from(*byte));
            units
                .flat_map(|unit| {
                    if big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect()
        };
        let percent: String = secret.iter().map(|byte| format!("%{byte:02X}")).collect();
        let partly: String = secret
            .iter()
            .map(|byte| match byte {
                byte if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect();
        let mut spellings = vec![
            ("clear", secret.to_vec()),
            ("reversed", reversed),
            ("hex", HEXLOWER.encode(secret).into_bytes()),
            ("upper hex", HEXUPPER.encode(secret).into_bytes()),
            ("percent", percent.into_bytes()),
            ("URL-encoded", partly.into_bytes()),
            ("UTF-16LE", wide(false)),
            ("UTF-16BE", wide(true)),
        ];
        // In a longer text base64 depends on where the secret begins.
        for shift in 0..3_usize {
            let skip = (3 - shift) % 3;
            let rest = &secret[skip..];
            let whole = &rest[..rest.len() / 3 * 3];
            spellings.push(("base64", BASE64_NOPAD.encode(whole).into_bytes()));
            spellings.push(("base64url", BASE64URL_NOPAD.encode(whole).into_bytes()));
        }
        spellings.push(("base64 alone", BASE64.encode(secret).into_bytes()));
        Self { spellings }
    }

    /// The first spelling of which a telling part stands in `text`.
    pub fn seen_in(&self, text: &[u8]) -> Option<&'static str> {
        self.spellings.iter().find_map(|(name, spelling)| {
            let part = match *name {
                "clear" | "reversed" => PART,
                "UTF-16LE" | "UTF-16BE" | "hex" | "upper hex" => PART * 2,
                "percent" => PART * 3,
                _ => PART * 4 / 3,
            };
            let parts = spelling.windows(part.min(spelling.len())).step_by(4);
            let mut parts = parts.filter(|part| !part.is_empty());
            parts
                .any(|part| text.windows(part.len()).any(|window| window == part))
                .then_some(*name)
        })
    }
}

/// Every file below a folder, with its bytes.
pub fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                found.push((path, bytes));
            }
        }
    }
    found
}

#[test]
fn the_scan_finds_every_spelling() {
    let secret = b"kT9sQ2mVx7LpR4wZ8bN1cY6dF3gH5jK0";
    let canary = Canary::of(secret);
    let url: String = secret.iter().map(|byte| format!("%{byte:02X}")).collect();
    let wide: Vec<u8> = secret.iter().flat_map(|byte| [*byte, 0]).collect();
    let reversed: Vec<u8> = secret.iter().rev().copied().collect();
    let shifted = [b"xy".as_slice(), secret].concat();
    for text in [
        secret.to_vec(),
        reversed,
        HEXLOWER.encode(secret).into_bytes(),
        BASE64.encode(secret).into_bytes(),
        BASE64.encode(&shifted).into_bytes(),
        url.into_bytes(),
        wide,
    ] {
        let text = [b"before ".as_slice(), &text, b" after"].concat();
        assert!(
            canary.seen_in(&text).is_some(),
            "{}",
            String::from_utf8_lossy(&text)
        );
    }
    assert_eq!(canary.seen_in(b"kT9sQ2mVx7 and nothing more of it"), None);
}
