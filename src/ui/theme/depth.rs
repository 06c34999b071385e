//! How many colours the terminal has, and what becomes of a colour there. Pure: the environment's values are handed in.

use ratatui::style::{Color, Style};

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColourDepth {
    /// None: bold, dim, reverse and the marks carry everything.
    None,
    /// The sixteen that the terminal's own palette names.
    Sixteen,
    /// The 256-colour palette.
    #[default]
    Indexed,
    /// 24 bits.
    Truecolour,
}

/// Terminals that show 24 bits; SSH drops `COLORTERM`, the name of the terminal gets through.
const TRUECOLOUR_TERMS: [&str; 9] = [
    "kitty",
    "ghostty",
    "alacritty",
    "foot",
    "wezterm",
    "contour",
    "rio",
    "iterm",
    "konsole",
];

/// The depth that `NO_COLOR`, `COLORTERM` and `TERM` promise. An empty `NO_COLOR` counts as absent (no-color.org).
pub fn detect(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> ColourDepth {
    if no_color.is_some_and(|value| !value.is_empty()) {
        return ColourDepth::None;
    }
    let term = term.unwrap_or("").to_ascii_lowercase();
    let says_24_bits = matches!(colorterm, Some("truecolor" | "24bit"));
    if term.is_empty() || term == "dumb" || term.starts_with("vt1") || term.starts_with("vt2") {
        ColourDepth::None
    } else if says_24_bits
        || term.ends_with("-direct")
        || TRUECOLOUR_TERMS.iter().any(|known| term.contains(known))
    {
        ColourDepth::Truecolour
    } else if matches!(
        term.as_str(),
        "linux" | "xterm" | "screen" | "ansi" | "rxvt" | "cygwin"
    ) || term.ends_with("-16color")
        || term.ends_with("-color")
    {
        ColourDepth::Sixteen
    } else {
        ColourDepth::Indexed
    }
}

/// A style with its 24-bit colours moved to the 256-colour palette: where the theme chose, else to the nearest.
pub fn indexed(style: Style, chosen: &[(Color, u8)]) -> Style {
    let place = |colour: Color| match chosen.iter().rev().find(|(own, _)| *own == colour) {
        Some((_, index)) => Color::Indexed(*index),
        None => nearest(colour),
    };
    Style {
        fg: style.fg.map(place),
        bg: style.bg.map(place),
        ..style
    }
}

/// True when the style uses anything but the terminal's sixteen.
pub fn is_deep(style: Style) -> bool {
    let deep = |colour: Option<Color>| matches!(colour, Some(Color::Rgb(..) | Color::Indexed(_)));
    deep(style.fg) || deep(style.bg)
}

/// The nearest of the 6x6x6 cube and the grey ramp (xterm's 16 to 255), by distance weighted as the eye weighs.
pub(super) fn nearest(colour: Color) -> Color {
    let Color::Rgb(r, g, b) = colour else {
        return colour;
    };
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |v: u8| (0..6).min_by_key(|i| STEPS[*i].abs_diff(v)).unwrap_or(0);
    let (ri, gi, bi) = (step(r), step(g), step(b));
    let cube = (STEPS[ri], STEPS[gi], STEPS[bi]);
    let mean = (u32::from(r) + u32::from(g) + u32::from(b)) / 3;
    let ramp = (mean.saturating_sub(3) / 10).min(23) as u8;
    let level = 8 + 10 * ramp;
    let far = |(x, y, z): (u8, u8, u8)| {
        let d = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        3 * d(x, r) + 4 * d(y, g) + 2 * d(z, b)
    };
    if far((level, level, level)) < far(cube) {
        Color::Indexed(232 + ramp)
    } else {
        Color::Indexed((16 + 36 * ri + 6 * gi + bi) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_honoured() {
        assert_eq!(
            detect(Some("1"), Some("truecolor"), Some("kitty")),
            ColourDepth::None
        );
        assert_eq!(
            detect(Some(""), Some("truecolor"), Some("xterm")),
            ColourDepth::Truecolour
        );
        assert_eq!(
            detect(None, None, Some("xterm-kitty")),
            ColourDepth::Truecolour
        );
        assert_eq!(
            detect(None, None, Some("xterm-direct")),
            ColourDepth::Truecolour
        );
        assert_eq!(
            detect(None, None, Some("xterm-256color")),
            ColourDepth::Indexed
        );
        assert_eq!(
            detect(None, None, Some("tmux-256color")),
            ColourDepth::Indexed
        );
        assert_eq!(detect(None, None, Some("linux")), ColourDepth::Sixteen);
        assert_eq!(detect(None, None, Some("dumb")), ColourDepth::None);
        assert_eq!(detect(None, None, None), ColourDepth::None);
    }

    #[test]
    fn colours_move_to_the_nearest_of_the_palette() {
        assert_eq!(nearest(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(nearest(Color::Rgb(14, 17, 22)), Color::Indexed(233));
        assert_eq!(nearest(Color::Rgb(128, 128, 128)), Color::Indexed(244));
        assert_eq!(nearest(Color::Cyan), Color::Cyan);
    }
}
