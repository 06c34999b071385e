//! A ladder beside the one with the keys: a title that says which, and the ladder as it stands. No key goes to it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::{Scene, ladder, position};
use crate::domain::text::sanitise;
use crate::ui::format;
use crate::ui::pen::{Pen, Piece};
use crate::ui::snapshot::SideLadder;
use crate::ui::theme::Role;

/// Draws it with its line at the left edge.
pub fn draw(scene: &Scene<'_>, side: &SideLadder, area: Rect, buffer: &mut Buffer) {
    let its = Scene {
        snapshot: &side.snapshot,
        view: &side.view,
        ..*scene
    };
    let area = super::beside_line(&its, area, buffer);
    if area.height < 4 {
        return;
    }
    let mut pen = Pen::new(buffer, Rect { height: 1, ..area });
    pen.pieces(0, 0, &title(&its));
    let rest = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    ladder::draw(&its, rest, buffer);
}

/// `BTC-USDT-SWAP OKX  LONG 0.010`
fn title(scene: &Scene<'_>) -> Vec<Piece> {
    let market = scene.market();
    let symbol = market
        .key
        .map_or_else(String::new, |key| sanitise(key.symbol.as_str(), 32));
    let bright = scene.style(Role::Bright).add_modifier(Modifier::BOLD);
    let mut out = vec![
        (symbol, bright),
        (
            format!(" {}", format::cut(&scene.snapshot.venue, 20)),
            scene.style(Role::Dim),
        ),
    ];
    if let Some(side) = position::side(&market.position) {
        let size = market.position.size.abs().normalize();
        out.push((
            format!("  {} {size}", position::word(side)),
            scene.style(Role::Mine),
        ));
    }
    out
}
