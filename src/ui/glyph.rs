//! Marks for fonts and terminals that do not have them: the finished picture, cell by cell, in the signs that there are.
//!
//! Panels draw with whatever says it best; this is the one place that knows what stands in. It must not move anything: a sign is
//! replaced by one as wide.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use serde::Deserialize;

/// Which signs a terminal's font has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// All of them.
    #[default]
    Unicode,
    /// Those of the old text consoles: whole and half blocks, lines, filled arrows; no eighths of a block, no dots.
    Plain,
    /// Letters, digits and punctuation alone.
    Ascii,
}

/// The setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GlyphSetting {
    /// As the locale and the name of the terminal promise.
    #[default]
    Auto,
    /// All signs.
    Unicode,
    /// Those of the old text consoles.
    Plain,
    /// ASCII alone.
    Ascii,
}

impl GlyphSetting {
    /// The signs to draw with. `variable` reads the environment.
    pub fn resolve(self, variable: impl Fn(&str) -> Option<String>) -> Glyphs {
        match self {
            Self::Auto => {
                let named = ["LC_ALL", "LC_CTYPE", "LANG"]
                    .iter()
                    .filter_map(|name| variable(name))
                    .find(|value| !value.is_empty());
                detect(named.as_deref(), variable("TERM").as_deref())
            }
            Self::Unicode => Glyphs::Unicode,
            Self::Plain => Glyphs::Plain,
            Self::Ascii => Glyphs::Ascii,
        }
    }
}

/// The signs that a locale (the first of `LC_ALL`, `LC_CTYPE` and `LANG` that says anything) and `TERM` promise. Where no locale is
/// set nothing is known against the terminal.
pub fn detect(locale: Option<&str>, term: Option<&str>) -> Glyphs {
    let is_utf8 = |locale: &str| {
        let charset = locale.split('.').nth(1).unwrap_or("");
        let charset = charset.split('@').next().unwrap_or("");
        charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
    };
    match (locale, term) {
        (Some(locale), _) if !is_utf8(locale) => Glyphs::Ascii,
        (_, Some("dumb")) => Glyphs::Ascii,
        // The console of the kernel: 256 or 512 signs in its font.
        (_, Some("linux")) => Glyphs::Plain,
        _ => Glyphs::Unicode,
    }
}

/// One sign, and what stands in for it among the old consoles' signs and in ASCII.
type Row = (char, char, char);

/// Every sign that Lancet draws with and ASCII does not have. The test of the whole screen finds the one that is missing here.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Bars from the left, in eighths.
    ('▏', '│', '|'), ('▎', '▌', '|'), ('▍', '▌', '-'), ('▌', '▌', '='), ('▋', '▌', '='), ('▊', '█', '='), ('▉', '█', '#'),
    ('█', '█', '#'), ('▐', '▐', '='), ('▕', '│', '|'),
    // Bars from below, in eighths; halves.
    ('▁', '_', '_'), ('▂', '_', '_'), ('▃', '▄', '.'), ('▄', '▄', ':'), ('▅', '▄', ':'), ('▆', '█', '|'), ('▇', '█', '|'),
    ('▀', '▀', '"'), ('▔', '▀', '"'),
    // Quarters and shades.
    ('▖', '▄', '.'), ('▗', '▄', '.'), ('▘', '▀', '\''), ('▝', '▀', '\''), ('▙', '█', '#'), ('▟', '█', '#'), ('▛', '█', '#'),
    ('▜', '█', '#'), ('▚', '█', '#'), ('▞', '█', '#'), ('░', '░', '.'), ('▒', '▒', ':'), ('▓', '▓', '#'),
    // Lines.
    ('│', '│', '|'), ('┃', '│', '|'), ('┊', '│', ':'), ('┆', '│', ':'), ('╎', '│', ':'), ('╏', '│', ':'), ('╵', '│', '\''),
    ('╷', '│', '.'), ('╹', '│', '\''), ('╻', '│', '.'), ('╿', '│', '|'), ('╽', '│', '|'), ('║', '║', '|'), ('─', '─', '-'), ('━', '═', '='), ('┄', '─', '-'),
    ('┈', '─', '-'), ('╌', '─', '-'), ('╴', '─', '-'), ('╶', '─', '-'), ('═', '═', '='), ('╸', '═', '='), ('┼', '┼', '+'), ('├', '├', '|'),
    ('┤', '┤', '|'), ('┬', '┬', '+'), ('┴', '┴', '+'), ('┌', '┌', '+'), ('┐', '┐', '+'), ('└', '└', '+'), ('┘', '┘', '+'),
    ('╭', '┌', '+'), ('╮', '┐', '+'), ('╰', '└', '+'), ('╯', '┘', '+'), ('⎯', '─', '-'), ('‾', '▀', '"'),
    // Arrows and pointers.
    ('▲', '▲', '^'), ('▼', '▼', 'v'), ('▴', '▲', '^'), ('▾', '▼', 'v'), ('▵', '^', '^'), ('▿', 'v', 'v'), ('△', '^', '^'),
    ('▽', 'v', 'v'), ('▶', '►', '>'), ('◀', '◄', '<'), ('►', '►', '>'), ('◄', '◄', '<'), ('▸', '►', '>'), ('◂', '◄', '<'),
    ('▹', '►', '>'), ('◃', '◄', '<'), ('›', '>', '>'), ('‹', '<', '<'), ('»', '»', '}'), ('«', '«', '{'), ('→', '→', '>'),
    ('←', '←', '<'), ('↑', '↑', '^'), ('↓', '↓', 'v'), ('↕', '↕', '|'), ('↗', '↑', '/'), ('↘', '↓', '\\'), ('⇡', '↑', '^'),
    ('⇣', '↓', 'v'), ('⇅', '↕', '|'), ('⤒', '↑', '^'), ('⤓', '↓', 'v'),
    // Dots, stars, circles, boxes.
    ('·', '·', '.'), ('•', '•', '*'), ('∙', '·', '.'), ('●', '•', '@'), ('○', 'o', 'o'), ('◦', 'o', 'o'), ('◉', '•', '@'),
    ('◌', 'o', 'o'), ('◎', 'o', 'o'), ('◆', '•', '*'), ('◇', 'o', 'o'), ('◈', '•', '*'), ('♦', '♦', '*'), ('★', '*', '*'),
    ('☆', '*', '*'), ('✦', '*', '*'), ('■', '■', '#'), ('□', '□', 'o'), ('▪', '■', '#'), ('▫', '□', 'o'), ('▮', '■', '#'),
    ('▯', '□', 'o'), ('✓', '√', 'v'), ('✔', '√', 'v'), ('✗', 'x', 'x'), ('✕', 'x', 'x'), ('×', 'x', 'x'), ('⌁', '~', '~'),
    // Letters and punctuation.
    ('…', '.', '.'), ('−', '-', '-'), ('–', '-', '-'), ('—', '-', '-'), ('µ', 'µ', 'u'), ('μ', 'µ', 'u'), ('Δ', 'd', 'd'),
    ('δ', 'δ', 'd'), ('Σ', 'Σ', 'S'), ('σ', 'σ', 's'), ('Ø', 'Ø', 'o'), ('ø', 'ø', 'o'), ('≈', '≈', '~'), ('≤', '≤', '<'),
    ('≥', '≥', '>'), ('≠', '!', '!'), ('±', '±', '+'), ('∞', '∞', '8'), ('√', '√', 'v'), ('°', '°', 'o'), ('˙', '\'', '\''), ('½', '½', '/'),
    ('¼', '¼', '/'), ('¾', '¾', '/'), ('²', '²', '2'), ('³', '3', '3'), ('€', 'E', 'E'), ('£', '£', 'L'), ('¥', '¥', 'Y'),
    ('“', '"', '"'), ('”', '"', '"'), ('‘', '\'', '\''), ('’', '\'', '\''), ('¦', '|', '|'), ('§', '§', 'S'), ('Ⓢ', 'S', 'S'),
    ('⧗', 'x', 'x'), ('⏳', '~', '~'), ('\u{a0}', ' ', ' '),
];

/// Replaces what the terminal does not have. A foreign sign without a row is left alone where there is Unicode, and is `?` in ASCII.
pub fn fit(buffer: &mut Buffer, glyphs: Glyphs) {
    if glyphs == Glyphs::Unicode {
        return;
    }
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        if cell.modifier.contains(Modifier::REVERSED)
            && let Some(missing) = EIGHTHS.iter().position(|part| *part == symbol)
        {
            // A bar that grows to the left ends in the block of what is missing, reversed.
            cell.modifier.remove(Modifier::REVERSED);
            cell.set_char(left_end(7 - missing, glyphs));
            continue;
        }
        if let Some(instead) = instead(symbol, glyphs) {
            cell.set_char(instead);
        }
    }
}

/// Blocks that fill a cell from the left, one to seven eighths of it.
const EIGHTHS: [&str; 7] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The end of a bar that fills so many eighths of a cell from the right.
fn left_end(eighths: usize, glyphs: Glyphs) -> char {
    match (glyphs, eighths) {
        (Glyphs::Ascii, 0..=2) => '|',
        (Glyphs::Ascii, 3) => '-',
        (Glyphs::Ascii, 4..=6) => '=',
        (Glyphs::Ascii, _) => '#',
        (_, 0..=5) => '▐',
        (..) => '█',
    }
}

/// What is drawn in a cell instead of its symbol. The second cell of a wide one is blank already.
fn instead(symbol: &str, glyphs: Glyphs) -> Option<char> {
    let mut chars = symbol.chars();
    let (first, rest) = (chars.next()?, chars.next());
    if rest.is_none()
        && let Some((_, plain, ascii)) = ROWS.iter().find(|row| row.0 == first)
    {
        return Some(if glyphs == Glyphs::Plain {
            *plain
        } else {
            *ascii
        });
    }
    match glyphs {
        Glyphs::Unicode => None,
        Glyphs::Plain => ('\u{2800}'..='\u{28ff}')
            .contains(&first)
            .then(|| dots(first)),
        Glyphs::Ascii if ('\u{2800}'..='\u{28ff}').contains(&first) => Some(match dots(first) {
            ' ' => ' ',
            '▄' => '.',
            '▀' => '\'',
            _ => ':',
        }),
        Glyphs::Ascii => Some('?'),
    }
}

/// A pattern of braille dots as the halves of a block that they touch.
fn dots(pattern: char) -> char {
    let bits = u32::from(pattern) - 0x2800;
    match (bits & 0b0001_1011 != 0, bits & 0b1110_0100 != 0) {
        (false, false) => ' ',
        (true, false) => '▀',
        (false, true) => '▄',
        (true, true) => '█',
    }
}

/// True where a sign has a stand-in that is as wide.
#[cfg(test)]
pub fn is_known(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let first = chars.next().unwrap_or(' ');
    let braille = ('\u{2800}'..='\u{28ff}').contains(&first);
    chars.next().is_none() && (braille || ROWS.iter().any(|row| row.0 == first))
}

#[cfg(test)]
mod tests;
