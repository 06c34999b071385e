//! Takes off what copying puts around a key: blanks, quotes, invisible characters, foreign line ends, a label before it.

use zeroize::Zeroizing;

use super::mistake::{Field, Mistake};
use crate::secret::{CAPACITY, Secret};

/// Longest label before a key, bytes.
const LONGEST_LABEL: usize = 40;

/// Ends of labels, letters only, as pages, mails and settings files write them; the longer ones first where one ends another.
const LABELS: [(&str, Field); 14] = [
    ("secretkey", Field::Secret),
    ("apisecret", Field::Secret),
    ("secretapikey", Field::Secret),
    ("secretaccesskey", Field::Secret),
    ("privatekey", Field::Secret),
    ("privatekeypem", Field::Secret),
    ("clientsecret", Field::Secret),
    ("secret", Field::Secret),
    ("apikey", Field::ApiKey),
    ("apikeyid", Field::ApiKey),
    ("accesskey", Field::ApiKey),
    ("accesskeyid", Field::ApiKey),
    ("clientid", Field::ApiKey),
    ("key", Field::ApiKey),
];

/// Cleans what was pasted into `field`. Doing it again changes nothing.
///
/// # Errors
/// When it is no text, too long, nothing is left, or its label names the other field.
pub fn clean(raw: &[u8], field: Field) -> Result<Secret, Mistake> {
    if raw.len() > CAPACITY {
        return Err(Mistake::TooLong(field));
    }
    let text = std::str::from_utf8(raw).map_err(|_| Mistake::NotText(field))?;
    let mut plain = Zeroizing::new(String::with_capacity(raw.len()));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => plain.push('\n'),
            '\n' | '\t' => plain.push(c),
            _ if is_invisible(c) => {}
            _ if c.is_control() => return Err(Mistake::NotText(field)),
            // A foreign blank is longer than a blank: the room suffices.
            _ if c.is_whitespace() => plain.push(' '),
            _ => plain.push(c),
        }
    }
    let plain = bare(&plain, field)?;
    if plain.is_empty() {
        return Err(Mistake::Empty(field));
    }
    Secret::of(plain.as_bytes()).map_err(|_| Mistake::TooLong(field))
}

/// Takes layers off until there is none.
fn bare(text: &str, field: Field) -> Result<&str, Mistake> {
    let mut inner = text;
    loop {
        let before = inner.len();
        inner = inner.trim();
        inner = inner.trim_end_matches([',', ';']).trim_end();
        inner = inner.trim_matches(is_quote);
        if let Some((label, rest)) = labelled(inner) {
            if label != field {
                return Err(Mistake::Swapped(field));
            }
            inner = rest;
        }
        if inner.len() == before {
            return Ok(inner);
        }
    }
}

/// A label at the beginning, as `API Key:` or `export BINANCE_SECRET_KEY=`, and what follows it.
pub fn labelled(text: &str) -> Option<(Field, &str)> {
    let at = text.find([':', '='])?;
    let (head, rest) = (&text[..at], &text[at + 1..]);
    let is_label = |c: char| c.is_ascii_alphanumeric() || is_quote(c) || " _-.".contains(c);
    if head.len() > LONGEST_LABEL || !head.chars().all(is_label) {
        return None;
    }
    let letters = head.chars().filter(char::is_ascii_alphabetic);
    let letters: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    let (_, field) = LABELS.iter().find(|(label, _)| letters.ends_with(label))?;
    Some((*field, rest))
}

/// What a mask may say about a field: its size, never its content.
pub fn describe(raw: &Secret) -> String {
    let text = raw.expose_str().unwrap_or_default();
    if text.contains("-----BEGIN") {
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        return format!("PEM, {lines} {}", if lines == 1 { "line" } else { "lines" });
    }
    // Line ends and blanks around it are no part of it.
    let count = |text: &str| text.trim().chars().count();
    match raw.expose_str().map_or(raw.len(), count) {
        0 => "empty".to_owned(),
        1 => "1 character".to_owned(),
        count => format!("{count} characters"),
    }
}

/// Characters without a width that copying from a page or a chat brings along.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e01ef}')
}

const fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '`' | '\u{00b4}' | '\u{00ab}' | '\u{00bb}' | '\u{2018}'..='\u{201f}' | '\u{2039}' | '\u{203a}' | '\u{300c}'..='\u{300f}' | '\u{ff02}' | '\u{ff07}'
    )
}
