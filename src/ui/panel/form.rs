//! A form: over the whole screen (keys are typed into it, and nothing else may be in sight), or a card over the ladder.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::Scene;
use crate::domain::Environment;
use crate::domain::text::sanitise;
use crate::ui::form::{Aside, FormPicture, Tone, Value};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Columns of the rows' names.
const NAMES: u16 = 14;
/// Columns of the rows, beside which the asides stand where there is room.
const ROWS: u16 = 47;
/// Narrowest column of asides.
const ASIDES: u16 = 30;
/// Widest column of asides: longer lines are hard to read.
const WIDEST: u16 = 72;
/// Lines of the screen that something to copy leaves to the rest.
const LEAST_ROWS: usize = 8;
/// Columns of a card.
const CARD: u16 = 64;

/// Draws the form.
pub fn draw(scene: &Scene<'_>, form: &FormPicture, area: Rect, buffer: &mut Buffer) {
    let area = if form.covers { area } else { card(form, area) };
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(if form.covers {
        Role::Text
    } else {
        Role::Overlay
    }));
    head(scene, form, &mut pen);
    foot(scene, form, &mut pen);
    let bottom = pen.height().saturating_sub(3);
    let lines = to_copy(form, &pen);
    let copy = lines.len() as u16;
    let body = 2..bottom.saturating_sub(if copy > 0 { copy + 1 } else { 0 });
    for (row, line) in (bottom.saturating_sub(copy)..bottom).zip(lines) {
        pen.put(0, row, &sanitise(line, 120), scene.style(Role::Bright));
    }
    let end = rows(scene, form, &mut pen, body.clone());
    if pen.width() >= ROWS + ASIDES {
        let width = (pen.width() - ROWS - 2).min(WIDEST);
        asides(scene, form, &mut pen, (ROWS, width), body);
    } else {
        let width = pen.width().saturating_sub(4);
        asides(scene, form, &mut pen, (2, width), end + 1..body.end);
    }
}

/// What is to be copied, whole or not at all: half a key is none.
fn to_copy<'a>(form: &'a FormPicture, pen: &Pen<'_>) -> Vec<&'a str> {
    let lines: Vec<&str> = form.to_copy.iter().map(String::as_str).collect();
    let wide = lines.iter().map(|line| format::cells(line)).max();
    let fits = wide <= Some(usize::from(pen.width()))
        && lines.len() + LEAST_ROWS <= usize::from(pen.height());
    match (fits, lines.is_empty()) {
        (_, true) => Vec::new(),
        (true, false) => lines,
        (false, false) => vec!["a larger terminal shows the public half"],
    }
}

/// The card's place: in the middle, as high as it must be.
fn card(form: &FormPicture, area: Rect) -> Rect {
    let width = CARD.min(area.width);
    let inside = usize::from(width.saturating_sub(4));
    let lines: usize = form
        .asides
        .iter()
        .map(|aside| wrapped(&aside.words, inside).len())
        .sum();
    let height = (form.rows.len() + lines + 6).min(usize::from(area.height)) as u16;
    Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    )
}

fn head(scene: &Scene<'_>, form: &FormPicture, pen: &mut Pen<'_>) {
    let bar = scene.style(Role::Bar);
    pen.put(0, 0, &" ".repeat(usize::from(pen.width())), bar);
    let (word, role) = world(form.environment);
    let at = pen.put(0, 0, word, scene.style(role));
    let title = scene.style(Role::Bright).add_modifier(Modifier::BOLD);
    pen.put(at + 2, 0, &sanitise(&form.title, 80), title);
    if !form.lock.is_empty() {
        let words = format!(" {} ", form.lock);
        pen.put_right(pen.width(), 0, &words, scene.style(Role::Locked));
    }
}

/// The world's badge, as on the status line.
const fn world(environment: Environment) -> (&'static str, Role) {
    match environment {
        Environment::Real => (" REAL MONEY ", Role::Real),
        Environment::Demo => (" DEMO ", Role::Demo),
        Environment::Sim => (" SIM ", Role::Sim),
        Environment::Paper => (" PAPER ", Role::Paper),
        Environment::Replay => (" REPLAY ", Role::Replay),
    }
}

/// What happened last, wrapped over two lines, and the keys.
fn foot(scene: &Scene<'_>, form: &FormPicture, pen: &mut Pen<'_>) {
    let bottom = pen.height().saturating_sub(1);
    let width = usize::from(pen.width().saturating_sub(2));
    if let Some(said) = &form.said {
        let style = scene.style(role(said.tone));
        let lines = wrapped(&said.words, width);
        let first = bottom.saturating_sub(2);
        for (row, line) in (first..bottom).zip(lines) {
            pen.put(1, row, &line, style);
        }
    }
    pen.put(
        1,
        bottom,
        &format::cut(&form.keys, width),
        scene.style(Role::Dim),
    );
}

/// Draws the rows; the row after the last one. Where not all fit, those around the focus are drawn.
fn rows(
    scene: &Scene<'_>,
    form: &FormPicture,
    pen: &mut Pen<'_>,
    body: std::ops::Range<u16>,
) -> u16 {
    let room = usize::from(body.end.saturating_sub(body.start)).max(1);
    let gaps = form.rows.iter().filter(|row| row.begins).count();
    let loose = form.rows.len() + gaps < room;
    let first = (form.focus + 1).saturating_sub(room);
    let width = usize::from(ROWS.min(pen.width())).saturating_sub(usize::from(NAMES) + 5);
    let mut at = body.start;
    for (index, row) in form.rows.iter().enumerate().skip(first).take(room) {
        let focused = index == form.focus;
        at += u16::from(loose && row.begins && index > first);
        let name = scene.style(if focused { Role::Text } else { Role::Dim });
        pen.put(2, at, &row.name, name);
        let start = NAMES + 2;
        let style = value_style(scene, &row.value, focused);
        let text = shown(&row.value, focused);
        let text = match row.value {
            Value::Button(_) => format::cut(&text, width),
            _ => tail(&text, width),
        };
        let end = pen.put(start, at, &text, style);
        if focused {
            pen.put(0, at, "›", scene.style(Role::Mine));
        }
        let left = usize::from(ROWS.min(pen.width()).saturating_sub(end + 2));
        let note = sanitise(&row.note, 60);
        if !note.is_empty() && left > 3 {
            pen.put(
                end + 1,
                at,
                &format::cut(&note, left),
                scene.style(Role::Dim),
            );
        }
        at += 1;
    }
    at
}

/// What a mask says of nothing.
const EMPTY: &str = "empty";

fn value_style(scene: &Scene<'_>, value: &Value, focused: bool) -> ratatui::style::Style {
    match value {
        Value::Button(_) if focused => scene.style(Role::Key).add_modifier(Modifier::REVERSED),
        Value::Button(_) => scene.style(Role::Key),
        _ if focused => scene.style(Role::Bright),
        _ => scene.style(Role::Text),
    }
}

fn shown(value: &Value, focused: bool) -> String {
    match value {
        Value::Choice(text) if focused => format!("‹ {text} ›"),
        Value::Choice(text) => format!("  {text}"),
        Value::Masked(text) if focused && text == EMPTY => "  ▏".to_owned(),
        Value::Text(text) | Value::Masked(text) if focused => {
            format!("  {}▏", sanitise(text, 120))
        }
        Value::Masked(text) if text == EMPTY => "  -".to_owned(),
        Value::Text(text) | Value::Masked(text) => format!("  {}", sanitise(text, 120)),
        Value::Button(text) => format!("[ {text} ]"),
    }
}

/// The end of a long text is what is being typed.
fn tail(text: &str, width: usize) -> String {
    let mut shown = text;
    while format::cells(shown) > width {
        let mut chars = shown.chars();
        chars.next();
        shown = chars.as_str();
    }
    shown.to_owned()
}

fn asides(
    scene: &Scene<'_>,
    form: &FormPicture,
    pen: &mut Pen<'_>,
    (column, width): (u16, u16),
    body: std::ops::Range<u16>,
) {
    let mut row = body.start;
    for Aside { tone, words } in &form.asides {
        let (mark, indent) = mark(*tone);
        let room = usize::from(width).saturating_sub(indent);
        for (number, line) in wrapped(words, room).into_iter().enumerate() {
            if row >= body.end {
                return;
            }
            let style = scene.style(role(*tone));
            if number == 0 {
                pen.put(column, row, mark, mark_style(scene, *tone));
            }
            pen.put(column + indent as u16, row, &line, style);
            row += 1;
        }
    }
}

/// The mark before a line and the columns that it takes.
const fn mark(tone: Tone) -> (&'static str, usize) {
    match tone {
        Tone::Heading => ("", 0),
        Tone::Plain => ("·", 2),
        Tone::Good => ("+", 2),
        Tone::Waiting => ("·", 2),
        Tone::Warn => ("!", 2),
        Tone::Bad => ("×", 2),
    }
}

/// A good mark is the one thing of its line that has a colour.
fn mark_style(scene: &Scene<'_>, tone: Tone) -> ratatui::style::Style {
    match tone {
        Tone::Good => scene.style(Role::Profit),
        Tone::Plain => scene.style(Role::Faint),
        _ => scene.style(role(tone)),
    }
}

const fn role(tone: Tone) -> Role {
    match tone {
        Tone::Heading => Role::Heading,
        Tone::Plain => Role::Text,
        Tone::Good => Role::Text,
        Tone::Waiting => Role::Dim,
        Tone::Warn => Role::Warn,
        Tone::Bad => Role::Alarm,
    }
}

/// A text in lines of at most `width` cells; an empty text is one empty line.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let text = sanitise(text, 600);
    let mut rest = text.as_str();
    let mut lines = Vec::new();
    if width == 0 {
        return lines;
    }
    loop {
        let line = format::words_within(rest, width);
        lines.push(line.to_owned());
        rest = rest[line.len()..].trim_start();
        if rest.is_empty() || line.is_empty() {
            break;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_wrapped_and_nothing_is_lost() {
        let text = "a key made before the futures account was opened cannot trade futures";
        for width in 1..40 {
            let lines = wrapped(text, width);
            assert!(lines.iter().all(|line| format::cells(line) <= width));
            let joined: String = lines.concat().split_whitespace().collect();
            assert_eq!(
                joined,
                text.split_whitespace().collect::<String>(),
                "{width}"
            );
        }
        assert_eq!(wrapped("", 10), [""]);
        assert!(wrapped("x", 0).is_empty());
    }
}
