//! What keys look like at each venue, and what a text is that looks like none. Pure.

use super::mistake::{Field, Mistake};
use super::paste::labelled;
use crate::exchange::Venue;

/// What a text looks like.
struct Shape {
    venue: &'static str,
    title: &'static str,
    fits: fn(&str) -> bool,
}

/// Shapes that tell a venue, to say whose key was pasted. Experience, not promises: no venue documents them, which is why the
/// folder of a venue alone decides what is right there. OKX's documents show a UUID as the key and 32 capital hex digits as the
/// secret in examples; Bybit's show 18 and 36 letters and digits; Binance's 64.
const SHAPES: [Shape; 5] = [
    Shape {
        venue: "okx",
        title: "OKX",
        fits: is_uuid,
    },
    Shape {
        venue: "okx",
        title: "OKX",
        fits: is_capital_hex_32,
    },
    Shape {
        venue: "bybit",
        title: "Bybit",
        fits: |text| is_alphanumeric(text, 18),
    },
    Shape {
        venue: "bybit",
        title: "Bybit",
        fits: |text| is_alphanumeric(text, 36),
    },
    Shape {
        venue: "binance",
        title: "Binance",
        fits: |text| is_alphanumeric(text, 64),
    },
];

/// Lets through what looks like this venue's, and names anything else.
pub fn judge(text: &str, field: Field, venue: &Venue) -> Result<(), Mistake> {
    let guide = venue.guide;
    let (right, other) = match field {
        Field::ApiKey => (guide.looks_like_key, guide.looks_like_secret),
        Field::Secret => (guide.looks_like_secret, guide.looks_like_key),
    };
    if right(text) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    prose(text, field)?;
    if other(text) {
        return Err(Mistake::Swapped(field));
    }
    if let Some(shape) = SHAPES.iter().find(|shape| (shape.fits)(text))
        && !venue.id.starts_with(shape.venue)
    {
        return Err(Mistake::OtherVenue {
            field,
            venue: shape.title,
        });
    }
    if is_repeated(text) {
        return Err(Mistake::Repeated(field));
    }
    Err(measure(text, right, field, venue.title))
}

/// Names what is no key of anybody.
fn prose(text: &str, field: Field) -> Result<(), Mistake> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines.clone().count() > 1 && lines.any(|line| labelled(line).is_some()) {
        return Err(Mistake::Both(field));
    }
    if text.contains("://") || text.starts_with("www.") {
        return Err(Mistake::Url(field));
    }
    if is_command(text) {
        return Err(Mistake::Command(field));
    }
    if text.contains(char::is_whitespace) {
        return Err(Mistake::Words(field));
    }
    Ok(())
}

fn is_command(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let programs = [
        "lancet", "openssl", "cat", "curl", "sudo", "ssh", "cd", "ls", "echo", "export", "chmod",
    ];
    let is_file = [".pem", ".key", ".txt", ".der"]
        .iter()
        .any(|end| text.ends_with(end));
    let is_path = ["/", "~/", "./", "../"]
        .iter()
        .any(|start| text.starts_with(start));
    let has_words = first.len() < text.len();
    is_path || is_file || first == "$" || has_words && programs.contains(&first)
}

/// Compares a text with what it would be with its end, or without more than its end.
fn measure(text: &str, right: fn(&str) -> bool, field: Field, venue: &'static str) -> Mistake {
    let Some(last) = text.chars().next_back().filter(char::is_ascii) else {
        return Mistake::Shape { field, venue };
    };
    let have = text.len();
    let mut longer = zeroize::Zeroizing::new(String::with_capacity(have + LONGEST));
    longer.push_str(text);
    for want in have + 1..=LONGEST {
        longer.push(last);
        if right(&longer) {
            return Mistake::Cut {
                field,
                have,
                want,
                venue,
            };
        }
    }
    let whole = (1..have.min(LONGEST + 1)).rev();
    for want in whole {
        if text.get(..want).is_some_and(right) {
            return Mistake::Extra {
                field,
                have,
                want,
                venue,
            };
        }
    }
    Mistake::Shape { field, venue }
}

/// Longest key that a venue shows, characters.
const LONGEST: usize = 128;

fn is_repeated(text: &str) -> bool {
    let len = text.len();
    let times = |n: usize| {
        len.is_multiple_of(n)
            && len / n >= 8
            && text.as_bytes()[len / n..] == text.as_bytes()[..len - len / n]
    };
    (2..=4).any(times)
}

fn is_alphanumeric(text: &str, len: usize) -> bool {
    text.len() == len && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_capital_hex_32(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
}

fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| matches!(byte, b'-' | b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F'))
}
