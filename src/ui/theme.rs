//! Colours: a theme's roles as terminal styles, at the depth that the terminal has.
//!
//! Owns the embedded themes. It must not read files or the environment: texts and values are handed in.

pub mod depth;
pub mod role;

mod read;

use std::sync::Arc;

pub use super::glyph::Glyphs;
use crate::nearest::did_you_mean;
pub use depth::{ColourDepth, detect};
pub use read::ThemeWarning;
pub use role::{ROLES, Role};

use ratatui::style::{Color, Style};

/// The embedded themes by name. The first is the default.
pub const THEMES: &[(&str, &str)] = &[
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("safe", include_str!("../../themes/safe.toml")),
    ("contrast", include_str!("../../themes/contrast.toml")),
    ("ember", include_str!("../../themes/ember.toml")),
    ("abyss", include_str!("../../themes/abyss.toml")),
    ("vellum", include_str!("../../themes/vellum.toml")),
    ("sixteen", include_str!("../../themes/sixteen.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// How deep themes may inherit.
const MAX_PARENTS: usize = 8;

/// Steps in which a traded row fades; 0 is the brightest.
pub const FADE_STEPS: u8 = 3;

/// A theme cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// No such theme.
    #[error("there is no theme {name}{mend}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The mend, where a name is near: `, did you mean "dark"?`.
        mend: String,
    },
    /// It inherits itself, or through too many.
    #[error("theme {0} inherits in a circle")]
    Circle(String),
    /// It is no TOML.
    #[error(transparent)]
    Text(#[from] ThemeWarning),
}

/// Styles of every role.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// What it is, in a few words; empty where its file does not say.
    pub doc: String,
    /// The signs that the terminal has.
    pub glyphs: Glyphs,
    depth: ColourDepth,
    styles: Vec<Style>,
    /// The same as the theme gives them, whatever the terminal shows.
    given: Vec<Style>,
}

impl Theme {
    /// The default theme at a depth.
    pub fn dark(depth: ColourDepth) -> Self {
        // The embedded theme is proved by a test; a theme without styles still draws.
        Self::load("dark", &[], depth).map_or_else(
            |_| Self {
                name: "none".to_owned(),
                doc: String::new(),
                glyphs: Glyphs::Unicode,
                depth: ColourDepth::None,
                styles: Vec::new(),
                given: Vec::new(),
            },
            |(theme, _)| theme,
        )
    }

    /// Builds the theme `name`. `user` are the texts of the user's theme folder by name; they win over embedded ones.
    ///
    /// # Errors
    /// When there is no such theme, it is no TOML, or it inherits in a circle. Smaller faults come back as warnings.
    pub fn load(
        name: &str,
        user: &[(String, String)],
        depth: ColourDepth,
    ) -> Result<(Self, Vec<ThemeWarning>), ThemeError> {
        let sheet = sheet(name, user)?;
        let plain = match depth {
            ColourDepth::None => "mono",
            _ => "sixteen",
        };
        let plain = sheet_styles(&self::sheet(plain, &[])?);
        let given = sheet_styles(&sheet);
        let styles = given
            .iter()
            .zip(plain)
            .map(|(style, plain)| at_depth(*style, plain, depth, &sheet.chosen))
            .collect();
        Ok((
            Self {
                name: name.to_owned(),
                doc: sheet.doc,
                glyphs: Glyphs::Unicode,
                depth,
                styles,
                given,
            },
            sheet.warnings,
        ))
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// How many colours it was built for.
    pub const fn depth(&self) -> ColourDepth {
        self.depth
    }

    /// A shade between the ground (step 0) and the letters of a role (step `of`); `None` where colours are too few for shades.
    pub fn shade(&self, role: Role, step: u8, of: u8) -> Option<Color> {
        let given = |role: Role| self.given.get(role as usize).copied().unwrap_or_default();
        let (lit, ground) = (given(role).fg?, given(Role::Text).bg?);
        let (Color::Rgb(..), Color::Rgb(..)) = (lit, ground) else {
            return None;
        };
        let shade = blend(lit, ground, (step, of));
        match self.depth {
            ColourDepth::Truecolour => Some(shade),
            ColourDepth::Indexed => Some(depth::nearest(shade)),
            ColourDepth::Sixteen | ColourDepth::None => None,
        }
    }

    /// The background of a row traded `step` fades ago; `None` where colours are too few to fade.
    pub fn traded(&self, role: Role, step: u8) -> Option<Color> {
        let lit = self.style(role).bg?;
        let ground = self.style(Role::Text).bg?;
        match (lit, ground) {
            (Color::Rgb(..), Color::Rgb(..)) => {
                let kept = FADE_STEPS.saturating_sub(step);
                Some(blend(lit, ground, (kept, FADE_STEPS)))
            }
            (Color::Indexed(_), _) => (step == 0).then_some(lit),
            _ => None,
        }
    }
}

/// Names of the themes that can be asked for, embedded and the user's.
pub fn names(user: &[(String, String)]) -> Vec<String> {
    let mut out: Vec<String> = THEMES.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (name, _) in user {
        if !out.contains(name) {
            out.push(name.clone());
        }
    }
    out
}

/// The same, a line each with what the theme is, or why it cannot be used.
pub fn listing(user: &[(String, String)]) -> Vec<String> {
    let line = |name: String| match Theme::load(&name, user, ColourDepth::Truecolour) {
        Ok((theme, _)) => format!("{name:12}{}", theme.doc).trim_end().to_owned(),
        Err(why) => format!("{name:12}{why}"),
    };
    names(user).into_iter().map(line).collect()
}

/// Every theme for one terminal, embedded ones first, and what is wrong with the user's. One that cannot be made is taken from
/// `before`, as it was.
pub fn rack(
    user: &[(String, String)],
    depth: ColourDepth,
    glyphs: Glyphs,
    before: &[Arc<Theme>],
) -> (Arc<[Arc<Theme>]>, Vec<String>) {
    let mut faults = Vec::new();
    let mut themes = Vec::new();
    for name in names(user) {
        match Theme::load(&name, user, depth) {
            Ok((theme, warnings)) => {
                faults.extend(warnings.iter().map(ToString::to_string));
                themes.push(Arc::new(Theme { glyphs, ..theme }));
            }
            Err(why) => {
                faults.push(why.to_string());
                themes.extend(before.iter().find(|theme| theme.name == name).cloned());
            }
        }
    }
    (themes.into(), faults)
}

fn sheet(name: &str, user: &[(String, String)]) -> Result<read::Sheet, ThemeError> {
    let mut chain = Vec::new();
    let (mut wanted, mut user) = (name.to_owned(), user);
    loop {
        if chain.len() > MAX_PARENTS {
            return Err(ThemeError::Circle(name.to_owned()));
        }
        let text = text_of(&wanted, user).ok_or_else(|| ThemeError::Unknown {
            name: crate::domain::text::sanitise(&wanted, 32),
            mend: did_you_mean(&wanted, names(user).iter().map(String::as_str)),
        })?;
        let parent = read::inherits(text);
        if parent.as_ref() == Some(&wanted) {
            // A user's theme may extend the embedded one of the same name.
            user = &[];
        }
        chain.push((wanted, text));
        match parent {
            Some(parent) => wanted = parent,
            None => break,
        }
    }
    chain.reverse();
    Ok(read::read(&chain)?)
}

fn text_of<'a>(name: &str, user: &'a [(String, String)]) -> Option<&'a str> {
    let own = user
        .iter()
        .find(|(own, _)| own == name)
        .map(|(_, text)| text.as_str());
    own.or_else(|| {
        THEMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| *text)
    })
}

/// Fills what the sheet is silent about from the role that stands in for it; the ground comes from `text`.
fn sheet_styles(sheet: &read::Sheet) -> Vec<Style> {
    let mut out: Vec<Style> = Vec::with_capacity(ROLES.len());
    for (at, (_, _, back)) in ROLES.iter().enumerate() {
        let own = sheet.styles.get(at).copied().flatten();
        let back = back.and_then(|back| out.get(back as usize).copied());
        out.push(own.or(back).unwrap_or_default());
    }
    out
}

/// A style at a depth; `plain` is what stands in for it where its colours cannot be shown.
fn at_depth(style: Style, plain: Style, depth: ColourDepth, chosen: &[(Color, u8)]) -> Style {
    match depth {
        ColourDepth::Truecolour => style,
        ColourDepth::Indexed => depth::indexed(style, chosen),
        ColourDepth::Sixteen if depth::is_deep(style) => plain,
        ColourDepth::Sixteen => style,
        ColourDepth::None => plain,
    }
}

/// `lit` mixed with `ground`: so many parts of so many are `lit`.
fn blend(lit: Color, ground: Color, (part, of): (u8, u8)) -> Color {
    let (Color::Rgb(r, g, b), Color::Rgb(x, y, z)) = (lit, ground) else {
        return lit;
    };
    let of = i32::from(of).max(1);
    let kept = i32::from(part).min(of);
    let mix = |a: u8, b: u8| {
        let (a, b) = (i32::from(a), i32::from(b));
        u8::try_from(b + (a - b) * kept / of).unwrap_or(0)
    };
    Color::Rgb(mix(r, x), mix(g, y), mix(b, z))
}

#[cfg(test)]
pub use tests::sight as tests_sight;

#[cfg(test)]
mod tests;
