//! The signal levels of the market, highest first, as a list over the ladder: price, how far it is, the trader's words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::alerts::Mark;
use crate::domain::Instrument;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::{List, Mode, touch};

/// Columns of a price and of a distance.
const PRICE: u16 = 16;
const AWAY: u16 = 13;

/// Draws the overlay: status and position stay in sight.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let area = super::overlay(scene, area, buffer);
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Overlay));
    let Mode::List(List::Levels, scroll) = scene.view.mode else {
        return;
    };
    let marks = &scene.market().levels;
    pen.put(2, 0, "signal levels", scene.style(Role::Heading));
    let key = |name: &str, usual: &str| scene.help.key(name).unwrap_or(usual).to_owned();
    let words = format!(
        "{} at the cursor sets one or takes it off, {} closes",
        key("level-cursor", "g l"),
        key("dismiss", "Esc")
    );
    let right = pen.width().saturating_sub(2);
    pen.put_right(right, 0, &words, scene.style(Role::Dim));
    let (false, Some(instrument)) = (marks.is_empty(), scene.instrument()) else {
        let words = "none here yet; :level PRICE WORDS sets one, :levels import FILE brings many";
        pen.put(2, 2, words, scene.style(Role::Faint));
        return;
    };
    let room = usize::from(pen.height().saturating_sub(2));
    let scroll = usize::from(scroll).min(marks.len().saturating_sub(room));
    let rows = marks.iter().rev().skip(scroll).take(room);
    for (at, mark) in rows.enumerate() {
        let y = 2 + u16::try_from(at).unwrap_or(u16::MAX);
        line(scene, mark, instrument, y, &mut pen);
    }
}

fn line(scene: &Scene<'_>, mark: &Mark, instrument: &Instrument, y: u16, pen: &mut Pen<'_>) {
    let price = format::price(instrument, mark.price);
    pen.put_right(PRICE, y, &price, scene.style(Role::Bright));
    if let Some(away) = away(scene, mark) {
        pen.put_right(
            PRICE + AWAY,
            y,
            &format::ticks(away),
            scene.style(Role::Dim),
        );
    }
    let at = PRICE + AWAY + 3;
    let mut end = at;
    if mark.is_hit {
        end = pen.put(at, y, "reached  ", scene.style(Role::Warn));
    }
    let room = usize::from(pen.width().saturating_sub(end + 1));
    let label = crate::domain::text::sanitise(&mark.label, room);
    pen.put(end, y, &format::cut(&label, room), scene.style(Role::Text));
}

/// Ticks from the best price that gets there first; zero between the best prices.
fn away(scene: &Scene<'_>, mark: &Mark) -> Option<i64> {
    let (bid, ask) = touch(scene.market());
    let (bid, ask) = (bid.or(ask)?, ask.or(bid)?);
    let above = mark.price.0.saturating_sub(ask.0);
    let below = mark.price.0.saturating_sub(bid.0);
    Some(if above > 0 { above } else { below.min(0) })
}
