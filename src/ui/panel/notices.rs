//! What happened on every market, newest first: time, market, kind, words, how often. As a panel, and as a list over the ladder in which
//! a row is chosen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::alerts::{Kind, Row, Weight};
use crate::domain::text::sanitise;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::{List, Mode};

/// A new row is lit so long, ms.
pub const LIT_MS: u64 = 4_000;
/// Rows that may be lit at once.
pub const LIT: usize = 40;

/// Under this width a row takes two lines.
const WIDE: u16 = 56;
/// From this width on the venue has a column, where several are open.
const VENUES: u16 = 100;
/// Columns of `14:03:05`, of a market, of a venue, of a kind, of `×999`.
const TIME: u16 = 10;
const SYMBOL: u16 = 14;
const VENUE: u16 = 17;
const KIND: u16 = 9;
const COUNT: u16 = 6;
/// Longest words, characters.
const WORDS: usize = 200;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.put(0, 0, "notifications", scene.style(Role::Heading));
    let rows = &scene.snapshot.alerts.rows;
    if rows.is_empty() {
        pen.put(0, 1, "nothing happened yet", scene.style(Role::Faint));
    }
    let tall = lines_a_row(pen.width());
    let mut y = 1;
    for row in rows.iter() {
        if y + tall > pen.height() {
            return;
        }
        line(scene, row, (0, y), false, &mut pen);
        y += tall;
    }
}

/// Draws the list over the ladder: status and position stay in sight.
pub fn draw_list(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let area = super::overlay(scene, area, buffer);
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Overlay));
    let Mode::List(List::Notices, chosen) = scene.view.mode else {
        return;
    };
    let rows = &scene.snapshot.alerts.rows;
    pen.put(2, 0, "what happened", scene.style(Role::Heading));
    let right = pen.width().saturating_sub(2);
    pen.put_right(right, 0, &keys(scene, rows.len()), scene.style(Role::Dim));
    if rows.is_empty() {
        pen.put(2, 2, "nothing happened yet", scene.style(Role::Faint));
        return;
    }
    let tall = lines_a_row(pen.width());
    let room = usize::from(pen.height().saturating_sub(2) / tall);
    let chosen = usize::from(chosen).min(rows.len() - 1);
    // The list moves only when the choice would leave it.
    let from = (chosen + 1).saturating_sub(room);
    for (at, row) in rows.iter().enumerate().skip(from).take(room) {
        let y = 2 + u16::try_from(at - from).unwrap_or(u16::MAX) * tall;
        let is_chosen = at == chosen;
        line(scene, row, (2, y), is_chosen, &mut pen);
        if is_chosen {
            pen.put(0, y, "›", scene.style(Role::Chosen));
        }
    }
}

fn keys(scene: &Scene<'_>, count: usize) -> String {
    let key = |name: &str, usual: &str| scene.help.key(name).unwrap_or(usual).to_owned();
    let close = key("dismiss", "Esc");
    if count == 0 {
        return format!("{close} closes");
    }
    let (go, clear) = (key("centre", "Enter"), key("notices-clear", "g y"));
    format!("{count} rows, {go} goes there, {clear} empties, {close} closes")
}

const fn lines_a_row(width: u16) -> u16 {
    if width < WIDE { 2 } else { 1 }
}

fn line(scene: &Scene<'_>, row: &Row, (x, y): (u16, u16), is_chosen: bool, pen: &mut Pen<'_>) {
    let dim = scene.style(Role::Dim);
    let is_lit = scene.snapshot.now.ms_since(row.at) < LIT_MS;
    let text = if is_chosen {
        Role::Bright
    } else {
        words_role(row, is_lit)
    };
    let time = format::time_of_day(row.at.wall_ms(), scene.view.utc_offset_s);
    pen.put(x, y, &time, dim);
    let mut at = x + TIME;
    let symbol = row.market.map(|market| market.symbol);
    let symbol = symbol.map_or_else(|| "account".to_owned(), |symbol| symbol.to_string());
    pen.put(at, y, &format::cut(&symbol, usize::from(SYMBOL - 1)), dim);
    at += SYMBOL;
    if pen.width() >= VENUES && !scene.snapshot.strip.is_empty() {
        let venue = row
            .market
            .map_or_else(String::new, |market| market.venue.to_string());
        pen.put(at, y, &format::cut(&venue, usize::from(VENUE - 1)), dim);
        at += VENUE;
    }
    pen.put(at, y, row.kind.word(), scene.style(kind_role(row, is_lit)));
    let right = pen.width();
    if row.count > 1 {
        let count = format!("×{}", row.count.min(99_999));
        pen.put_right(right, y, &count, scene.style(Role::Bright));
    }
    let words = sanitise(&row.words, WORDS);
    let (at, y, end) = if lines_a_row(pen.width()) == 2 {
        (x + 2, y + 1, right)
    } else {
        (at + KIND, y, right.saturating_sub(COUNT))
    };
    let words = format::cut(&words, usize::from(end.saturating_sub(at)));
    pen.put(at, y, &words, scene.style(text));
}

/// Danger keeps its colour as long as it is lit, then it is something to look at.
const fn words_role(row: &Row, is_lit: bool) -> Role {
    match (row.weight, is_lit) {
        (Weight::Danger, true) => Role::Alarm,
        (Weight::Danger, false) => Role::Warn,
        (Weight::Quiet, _) => Role::Dim,
        (Weight::News, true) => Role::Bright,
        (Weight::News, false) => Role::Text,
    }
}

const fn kind_role(row: &Row, is_lit: bool) -> Role {
    match (row.weight, row.kind) {
        (Weight::Danger, _) if is_lit => Role::Alarm,
        (Weight::Danger, _) => Role::Warn,
        (Weight::Quiet, _) => Role::Dim,
        (Weight::News, Kind::Fill) => Role::Mine,
        (Weight::News, Kind::LargePrint | Kind::LargeSize | Kind::Iceberg) => Role::Large,
        (Weight::News, Kind::Level) => Role::Key,
        (Weight::News, Kind::Order | Kind::Stop | Kind::Risk | Kind::Link) => Role::Warn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample;
    use crate::ui::theme::{ColourDepth, Theme};

    fn drawn(width: u16, height: u16, draw: fn(&Scene<'_>, Rect, &mut Buffer)) -> Vec<String> {
        let mut snapshot = sample::full();
        snapshot.alerts = sample::alerted(30);
        let mut view = sample::view(&snapshot, width, height);
        view.mode = Mode::List(List::Notices, 20);
        let (theme, help) = (Theme::dark(ColourDepth::None), sample::help());
        let scene = Scene {
            snapshot: &snapshot,
            view: &view,
            theme: &theme,
            help: &help,
        };
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        draw(&scene, area, &mut buffer);
        let line = |y| {
            (0..width)
                .map(|x| buffer[(x, y)].symbol())
                .collect::<String>()
        };
        (0..height).map(line).collect()
    }

    #[test]
    fn a_row_says_when_where_what_and_how_often_at_every_width() {
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            let lines = drawn(width, height, draw_list);
            let chosen: Vec<&String> = lines.iter().filter(|line| line.starts_with('›')).collect();
            assert_eq!(chosen.len(), 1, "{lines:#?}");
            let fill = lines.iter().find(|line| line.contains(" fill ")).unwrap();
            assert!(fill.contains("BUY 0.100 filled at 61 181.6"), "{fill}");
            let counted = lines.iter().find(|line| line.contains('×')).unwrap();
            assert!(counted.trim_end().ends_with(['2', '3', '4']), "{counted}");
        }
    }

    #[test]
    fn a_narrow_panel_takes_two_lines_a_row_and_loses_no_market() {
        let lines = drawn(38, 21, draw);
        assert_eq!(lines[0].trim_end(), "notifications");
        assert!(lines[1].contains("1000000BABY"), "{lines:#?}");
        let level = lines
            .iter()
            .position(|line| line.contains(" level"))
            .unwrap();
        assert!(
            lines[level + 1].starts_with("  61 200.0 reached"),
            "{lines:#?}"
        );
    }

    #[test]
    fn an_empty_list_says_so() {
        let snapshot = sample::full();
        let view = sample::view(&snapshot, 80, 24);
        let (theme, help) = (Theme::dark(ColourDepth::None), sample::help());
        let scene = Scene {
            snapshot: &snapshot,
            view: &view,
            theme: &theme,
            help: &help,
        };
        let area = Rect::new(0, 0, 30, 4);
        let mut buffer = Buffer::empty(area);
        draw(&scene, area, &mut buffer);
        let line: String = (0..30).map(|x| buffer[(x, 1)].symbol()).collect();
        assert_eq!(line.trim_end(), "nothing happened yet");
    }
}
