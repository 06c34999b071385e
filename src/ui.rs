//! The screen: [`draw`] is a pure function of snapshot, view and theme; [`screen`] is the thread that writes it.
//!
//! It reads engine and domain words; it must never send a command, read a clock or touch an order.

pub mod form;
pub mod format;
pub mod glyph;
pub mod help;
pub mod layout;
pub mod panel;
pub mod pen;
pub mod pulse;
#[cfg(test)]
mod sample;
pub mod screen;
pub mod snapshot;
pub mod theme;
pub mod view;

use ratatui::Frame;
use ratatui::buffer::Buffer;

use help::HelpText;
use panel::Scene;
use snapshot::Snapshot;
use theme::{Role, Theme};
use view::{List, Mode, View};

/// Draws one frame.
pub fn draw(
    frame: &mut Frame<'_>,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
    help: &HelpText,
) {
    let buffer = frame.buffer_mut();
    paint(
        buffer,
        &Scene {
            snapshot,
            view,
            theme,
            help,
        },
    );
    glyph::fit(buffer, theme.glyphs);
}

/// Draws a scene over a whole buffer.
pub fn paint(buffer: &mut Buffer, scene: &Scene<'_>) {
    let area = buffer.area;
    if area.is_empty() {
        return;
    }
    buffer.set_style(area, scene.theme.style(Role::Text));
    if let Mode::Form(form) = &scene.view.mode
        && form.covers
    {
        return panel::form::draw(scene, form, area, buffer);
    }
    let (area, foot) = panel::playing::parts(scene.snapshot, area);
    let plan = scene.view.plan_of(area.width, area.height);
    if plan.too_small {
        panel::too_small::draw(scene, area, buffer);
        return;
    }
    panel::draw_all(scene, &plan, buffer);
    panel::playing::draw_card(scene, foot, buffer);
    match &scene.view.mode {
        Mode::Ladder => {}
        Mode::List(List::Help, _) => panel::help::draw(scene, area, buffer),
        Mode::List(List::Themes, _) => panel::themes::draw(scene, area, buffer),
        Mode::List(List::Log, _) => panel::log::draw(scene, area, buffer),
        Mode::List(List::Notices, _) => panel::notices::draw_list(scene, area, buffer),
        Mode::List(List::Levels, _) => panel::levels::draw(scene, area, buffer),
        Mode::List(List::Stats, _) => panel::stats::draw(scene, area, buffer),
        Mode::List(List::Layouts, _) => panel::layouts::draw(scene, area, buffer),
        Mode::List(List::Columns, _) => panel::columns::draw(scene, area, buffer),
        Mode::Form(form) => panel::form::draw(scene, form, area, buffer),
        Mode::Search(..)
        | Mode::CommandLine(_)
        | Mode::EditVolume(_)
        | Mode::Tag(..)
        | Mode::ConfirmQuit => {
            panel::prompt::draw(scene, area, buffer);
        }
    }
    if let Some(started) = &scene.view.started {
        panel::sequence::draw(scene, started, &plan, area, buffer);
    }
}

#[cfg(test)]
mod tests;
