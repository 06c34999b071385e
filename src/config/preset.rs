//! Presets of keys: a layer between the default keys and the user's own. One row and one file each.

/// One preset.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// The name in config and after `--preset`.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// What it is called in messages.
    pub(super) file: &'static str,
    /// Its TOML, over the default keys.
    pub(super) text: &'static str,
}

/// Every preset, the default first.
pub const PRESETS: [Preset; 2] = [
    Preset {
        name: "lancet",
        doc: "the default: upper row sells, lower row buys, left hand money",
        file: "lancet.toml",
        text: "",
    },
    Preset {
        name: "cscalp",
        doc: "CScalp's keys as far as they are known: t buys now, y sells now, d closes",
        file: "cscalp.toml",
        text: include_str!("preset/cscalp.toml"),
    },
];

/// The preset of a name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}
