//! A screen too small for the ladder still says where the money is: environment, lock, book state, position.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::ladder::state_words;
use super::{Scene, position};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::snapshot::ArmState;
use crate::ui::theme::Role;

/// Draws what fits, the most important line first.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let arm = match scene.snapshot.arm {
        ArmState::Armed => ("ARMED", Role::Armed),
        ArmState::ExitsOnly => ("EXITS ONLY", Role::ExitsOnly),
        ArmState::Locked => ("LOCKED", Role::Locked),
    };
    let at = &scene.market().position;
    let mut held: String = position::headline(scene)
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    if let Some(ticks) = at.open_ticks.filter(|_| position::side(at).is_some()) {
        held.push_str(&format!(" {}", format::ticks(ticks)));
    }
    let mut lines = vec![(arm.0.to_owned(), arm.1), (held, Role::Mine)];
    for (text, _) in position::dangers(scene) {
        lines.push((text.trim().to_owned(), Role::Alarm));
    }
    if let Some(state) = scene
        .market()
        .state
        .as_ref()
        .filter(|state| !state.is_live())
    {
        lines.push((state_words(state, scene.market().quiet_ms), Role::Alarm));
    }
    let world = match scene.snapshot.environment {
        crate::domain::Environment::Real => "REAL MONEY",
        crate::domain::Environment::Demo => "DEMO",
        crate::domain::Environment::Paper => "PAPER",
        crate::domain::Environment::Sim => "SIM",
        crate::domain::Environment::Replay => "REPLAY",
    };
    lines.push((world.to_owned(), scene.environment()));
    lines.push((
        format!(
            "too small: {}x{}, {}x{} at least",
            area.width,
            area.height,
            crate::ui::layout::LEAST.0,
            crate::ui::layout::LEAST.1
        ),
        Role::Dim,
    ));
    let width = usize::from(pen.width());
    for (row, (text, role)) in (0..pen.height()).zip(&lines) {
        pen.put(0, row, &format::cut(text, width), scene.style(*role));
    }
}
