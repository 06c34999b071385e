//! Keys and findings as people and programs read them. Nothing secret comes here.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::exchange::audit::{Findings, Verdict};
use crate::ui::form::Tone;
use crate::vault::StoredKey;
use crate::vault::form::{checks, judgement, not_accepted};

/// A key as one JSON object.
pub fn row(key: &StoredKey) -> Value {
    let waits = key.api_key.is_none();
    json!({
        "label": key.label.as_str(),
        "venue": key.venue,
        "env": key.environment.word(),
        "kind": key.kind(),
        "fingerprint": (!waits).then(|| key.fingerprint()),
        "waits_for_api_key": waits,
        "view_only": key.view_only,
        "accepted": key.accepted,
        "created": key.created_ms,
        "audited": key.audited_ms,
    })
}

/// Every key, one a line, or as one JSON array.
pub fn list(keys: &[StoredKey], json: bool, out: &mut impl Write) -> io::Result<()> {
    if json {
        let rows: Vec<Value> = keys.iter().map(row).collect();
        return writeln!(out, "{}", Value::Array(rows));
    }
    if keys.is_empty() {
        return writeln!(out, "no keys yet: lancet keys add, or lancet keys generate");
    }
    for key in keys {
        let standing = match &key.view_only {
            Some(why) => format!("  view-only: {why}"),
            None => String::new(),
        };
        writeln!(
            out,
            "{:<16} {:<16} {:<5} {:<8} {}{standing}",
            key.label.as_str(),
            key.venue,
            key.environment.word(),
            key.kind().word(),
            key.fingerprint(),
        )?;
    }
    Ok(())
}

/// What the venue said of a key.
pub fn findings(
    key: &StoredKey,
    found: &Findings,
    now_ms: i64,
    json: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    if json {
        let answers = serde_json::to_value(found).map_err(io::Error::from)?;
        return writeln!(out, "{}", json!({ "key": row(key), "found": answers }));
    }
    for check in checks(found, now_ms) {
        let mark = match check.tone {
            Tone::Good => '+',
            Tone::Bad => 'x',
            Tone::Warn => '!',
            Tone::Waiting => '.',
            Tone::Heading | Tone::Plain => ' ',
        };
        writeln!(out, "{mark} {}", check.words)?;
    }
    writeln!(out, "{}", judged(key, &found.verdict(now_ms)))
}

/// The judgement on a stored key, in a line.
fn judged(key: &StoredKey, verdict: &Verdict) -> String {
    let Verdict::Usable {
        view_only: None,
        confirm,
    } = verdict
    else {
        return judgement(verdict).words;
    };
    let missing = confirm.iter().find(|asked| !key.accepted.contains(asked));
    match (missing, confirm.is_empty()) {
        (Some(missing), _) => format!("for viewing only: {}", not_accepted(*missing)),
        (None, true) => "the key is as it should be".to_owned(),
        (None, false) => "the key works; you accepted that it is more than it should be".to_owned(),
    }
}
