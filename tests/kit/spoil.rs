//! Spoils messages as a hostile or broken peer does: cut short, of other types, with absurd numbers and foreign control characters.

use rand::RngExt;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

/// A text that would take over a terminal.
pub const EVIL: &str = "\u{1b}[2J\u{202e}evil\u{7}\u{9b}31m";

/// What a value is replaced by.
fn absurd(random: &mut ChaCha20Rng) -> Value {
    const NUMBERS: [&str; 14] = [
        "1e308",
        "-1e308",
        "1e-308",
        "1e999999999",
        "-1",
        "-0",
        "0",
        "9999999999999999999999999999999999999999",
        "0.0000000000000000000000000000000000000001",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "79228162514264337593543950335",
        "NaN",
    ];
    let number = NUMBERS[random.random_range(0..NUMBERS.len())];
    match random.random_range(0..12) {
        0..4 => json!(number),
        4 => serde_json::from_str(number).unwrap_or(Value::Null),
        5 => json!(i64::MAX),
        6 => json!(u64::MAX),
        7 => json!(-1),
        8 => json!(EVIL),
        9 => json!(""),
        10 => Value::Null,
        _ => [
            json!([]),
            json!({}),
            json!(true),
            json!([[[]]]),
            json!(1e308),
        ][random.random_range(0..5)]
        .clone(),
    }
}

/// A value somewhere below this one, or this one.
fn any<'a>(random: &mut ChaCha20Rng, value: &'a mut Value) -> &'a mut Value {
    let below = match value {
        Value::Array(all) => all.len(),
        Value::Object(all) => all.len(),
        _ => 0,
    };
    if below == 0 || random.random_range(0..12) == 0 {
        return value;
    }
    let at = random.random_range(0..below);
    let next = match value {
        Value::Array(all) => all.get_mut(at),
        Value::Object(all) => all.values_mut().nth(at),
        _ => None,
    };
    any(random, next.unwrap())
}

/// Replaces, removes or multiplies something in a JSON message.
fn twist(random: &mut ChaCha20Rng, value: &mut Value) {
    let at = any(random, value);
    match (random.random_range(0..10), at) {
        (0, Value::Array(all)) => all.clear(),
        (1, Value::Array(all)) => {
            let many: Vec<Value> = all.iter().cycle().take(3_000).cloned().collect();
            *all = many;
        }
        (2 | 3, Value::Object(all)) => {
            let gone = random.random_range(0..all.len().max(1));
            if let Some(name) = all.keys().nth(gone).cloned() {
                all.remove(&name);
            }
        }
        (_, at) => *at = absurd(random),
    }
}

/// The message, spoiled.
pub fn spoiled(random: &mut ChaCha20Rng, message: &[u8]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    match random.random_range(0..10) {
        0 => bytes.truncate(random.random_range(0..=bytes.len())),
        1 if !bytes.is_empty() => {
            for _ in 0..random.random_range(1..4) {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.random();
            }
        }
        2 => return garbage(random),
        _ => {
            if let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) {
                for _ in 0..random.random_range(1..4) {
                    twist(random, &mut value);
                }
                bytes = value.to_string().into_bytes();
            }
        }
    }
    bytes
}

/// What no venue says.
pub fn garbage(random: &mut ChaCha20Rng) -> Vec<u8> {
    match random.random_range(0..9) {
        0 => Vec::new(),
        1 => "[".repeat(random.random_range(1..100_000)).into_bytes(),
        2 => format!("[{}1]", "1e308,".repeat(20_000)).into_bytes(),
        3 => absurd(random).to_string().into_bytes(),
        4 => json!({"e": EVIL, "op": EVIL, "topic": EVIL, "event": "error", "msg": EVIL, "code": EVIL})
            .to_string()
            .into_bytes(),
        5 => format!("{{\"{}\":1}}", "a".repeat(50_000)).into_bytes(),
        _ => {
            let length = random.random_range(1..300);
            (0..length).map(|_| random.random()).collect()
        }
    }
}
