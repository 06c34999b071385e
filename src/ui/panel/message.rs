//! What happened, in words, newest first. Old lines grow quiet by themselves; danger does not.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Scene;
use crate::engine::effect::Loudness;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::snapshot::Notice;
use crate::ui::theme::Role;

/// After so many ms a line that is no danger is drawn dim.
pub const FRESH_MS: u64 = 8_000;

/// Draws the panel: one line under the ladder, or a list beside it.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    if area.height == 1 {
        let mut pen = Pen::new(buffer, area);
        if let Some(notice) = loudest(scene) {
            let start = match is_over_live(scene) {
                true => pen.put(1, 0, "live account: ", scene.style(Role::Bright)),
                false => 1,
            };
            let room = usize::from(pen.width().saturating_sub(start));
            let words = format::cut(&words(notice), room);
            pen.put(start, 0, &words, style(scene, notice));
        }
        return;
    }
    let mut pen = Pen::new(buffer, area);
    let head = match is_over_live(scene) {
        true => "messages, live account",
        false => "messages",
    };
    pen.put(0, 0, head, scene.style(Role::Heading));
    let mut row = 1;
    let in_sight = scene.snapshot.elsewhere.iter();
    for words in in_sight.chain(&scene.snapshot.pending) {
        if row >= pen.height() {
            return;
        }
        let words = crate::domain::text::sanitise(words, 120);
        row = wrapped(&words, scene.style(Role::Warn), row, &mut pen);
    }
    if scene.snapshot.notices.is_empty() {
        pen.put(0, row, "nothing happened yet", scene.style(Role::Faint));
    }
    for notice in &scene.snapshot.notices {
        if row >= pen.height() {
            return;
        }
        row = wrapped(&words(notice), style(scene, notice), row, &mut pen);
    }
}

/// True where a recording is drawn and the account goes on: what is told is the account's, and all around it is not.
fn is_over_live(scene: &Scene<'_>) -> bool {
    let playing = scene.snapshot.playing.as_ref();
    playing.is_some_and(|playing| playing.live.is_some())
}

/// Writes a line over as many rows as it needs, three at most; returns the row after it.
fn wrapped(text: &str, style: Style, row: u16, pen: &mut Pen<'_>) -> u16 {
    let width = usize::from(pen.width());
    let mut rest = text;
    let mut row = row;
    for line in 0..3 {
        let indent = if line == 0 { 0 } else { 2 };
        let room = width.saturating_sub(indent);
        let head = if line == 2 {
            rest
        } else {
            format::words_within(rest, room)
        };
        let text = format::cut(head, room);
        pen.put(indent as u16, row, &text, style);
        row += 1;
        rest = rest[head.len()..].trim_start();
        if rest.is_empty() {
            break;
        }
    }
    row
}

/// The line to show where there is room for one: a fresh danger stands before small talk that is newer, but not before what ended
/// it, nor before the refusal of a key: no key does nothing without a word.
fn loudest<'a>(scene: &Scene<'a>) -> Option<&'a Notice> {
    let notices = &scene.snapshot.notices;
    let fresh = notices
        .iter()
        .take_while(|notice| is_fresh(scene, notice))
        .collect::<Vec<_>>();
    if fresh
        .iter()
        .any(|notice| notice.loudness == Loudness::Alarm)
    {
        return fresh
            .into_iter()
            .find(|notice| notice.loudness != Loudness::Info);
    }
    notices.first()
}

/// True when the line to show is a danger that nobody can have read long ago.
pub fn has_danger(scene: &Scene<'_>) -> bool {
    loudest(scene)
        .is_some_and(|notice| notice.loudness == Loudness::Alarm && is_fresh(scene, notice))
}

fn is_fresh(scene: &Scene<'_>, notice: &Notice) -> bool {
    scene.snapshot.now.ms_since(notice.at) < FRESH_MS
}

fn style(scene: &Scene<'_>, notice: &Notice) -> Style {
    scene.style(match (notice.loudness, is_fresh(scene, notice)) {
        (Loudness::Alarm, true) => Role::Alarm,
        (Loudness::Alarm, false) | (Loudness::Warn, true) => Role::Warn,
        (Loudness::Good, true) => Role::Mine,
        (Loudness::Info, true) => Role::Bright,
        (_, false) => Role::Dim,
    })
}

fn words(notice: &Notice) -> String {
    let mut words = crate::domain::text::sanitise(&notice.words, 240);
    if notice.count > 1 {
        words.push_str(&format!(" ×{}", notice.count));
    }
    words
}
