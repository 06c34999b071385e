//! The settings as values, with their hard ceilings. Owned by whoever loaded them; nothing here reads a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::alerts;
use crate::domain::{Limits, Symbol};
use crate::engine::DeskSettings;
use crate::engine::settings::{ChaseSettings, OnHangup, Opposite};
use crate::engine::volume::Size;
use crate::market;
use crate::market::bar::Frames;
use crate::market::heat::HeatSettings;
use crate::ui::glyph::GlyphSetting;
use crate::ui::theme::{ColourDepth, detect};
use crate::ui::view::{Charts, ClusterLook};

use super::arming::ArmingSettings;
use super::black_box::BlackBoxSettings;
use super::charts;
use super::ladder::LadderSettings;
use super::paper::PaperSettings;
use super::protect::ProtectSettings;

/// Every setting but the keys. `default.toml` says what each means.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Theme name.
    pub theme: String,
    /// Preset of keys.
    pub preset: String,
    /// Colours of the terminal.
    pub color: ColorDepth,
    /// Layout name.
    pub layout: String,
    /// The symbol of the leader line; empty for none.
    pub leader: String,
    /// The same of single symbols.
    #[serde(deserialize_with = "symbol_names")]
    pub symbol_leaders: BTreeMap<Symbol, String>,
    /// What is remembered of the screen.
    pub workspace: WorkspaceSettings,
    /// Signs that the terminal's font has.
    pub glyphs: GlyphSetting,
    /// Symbols to open, as the venue spells them.
    pub symbols: Vec<String>,
    /// Policy when the screen goes away.
    pub on_hangup: OnHangup,
    /// Keys of the side opposite to a position.
    pub opposite: Opposite,
    /// Symbols that are looked at only.
    #[serde(deserialize_with = "symbols")]
    pub view_only: BTreeSet<Symbol>,
    /// Ticks that the best price may have moved since the drawn frame.
    pub ticks_moved: i64,
    /// How far through the far side "now" and "close" are priced, as a fraction.
    pub now_through: Decimal,
    /// The same in ticks; the larger of both counts.
    pub now_ticks: i64,
    /// How many ticks beyond the far side a crossing limit is priced.
    pub cross_ticks: i64,
    /// A post-only order that would have taken is tried again once.
    pub rejoin: bool,
    /// How many orders a scale has.
    pub scale_orders: u8,
    /// A stop entry fills at most so many ticks behind its trigger.
    pub stop_entry_bound_ticks: i64,
    /// How far a chase goes.
    pub chase: ChaseSettings,
    /// The working volumes, 5 to 9.
    #[serde(deserialize_with = "volumes")]
    pub volumes: Vec<Size>,
    /// The one chosen at the start, from 1.
    pub volume: u8,
    /// The working volumes of single symbols, 5 to 9 each.
    #[serde(deserialize_with = "symbol_volumes")]
    pub symbol_volumes: BTreeMap<Symbol, Vec<Size>>,
    /// Hard limits on entries.
    pub limits: Limits,
    /// What ends the armed state by itself.
    pub arming: ArmingSettings,
    /// Stops and takes.
    pub protect: ProtectSettings,
    /// Paper trading.
    pub paper: PaperSettings,
    /// Time frames of the charts.
    pub charts: Frames,
    /// The footprint.
    pub clusters: ClusterLook,
    /// Resting liquidity over time.
    pub heat: HeatSettings,
    /// What is told without looking.
    pub alerts: alerts::Settings,
    /// What is always written down.
    pub black_box: BlackBoxSettings,
    /// The tape and the bubbles.
    pub tape: market::tape::Settings,
    /// Where the market leans.
    pub flow: market::flow::Settings,
    /// The ladder.
    pub ladder: LadderSettings,
    /// The parser's and the leader keys' patience.
    pub input: InputSettings,
    /// The mouse.
    pub mouse: MouseSettings,
    /// Statistics on the screen.
    pub stats: StatsSettings,
    /// Which site of a venue to use, by venue and by its world (`live`, `demo`); the usual one where nothing stands.
    pub endpoints: BTreeMap<String, BTreeMap<String, String>>,
    /// How the network is reached.
    pub network: NetworkSettings,
}

/// How many colours to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ColorDepth {
    /// Ask the environment.
    #[default]
    Auto,
    /// 24 bits.
    Truecolor,
    /// The 256-colour palette.
    #[serde(rename = "256")]
    #[value(name = "256")]
    Indexed,
    /// The terminal's own sixteen.
    #[serde(rename = "16")]
    #[value(name = "16")]
    Sixteen,
    /// None.
    None,
}

impl ColorDepth {
    /// The colours to draw with. `variable` reads the environment, which decides when nothing was chosen.
    pub fn resolve(self, variable: impl Fn(&str) -> Option<String>) -> ColourDepth {
        match self {
            Self::Auto => {
                let [no_color, colorterm, term] = ["NO_COLOR", "COLORTERM", "TERM"].map(variable);
                detect(no_color.as_deref(), colorterm.as_deref(), term.as_deref())
            }
            Self::Truecolor => ColourDepth::Truecolour,
            Self::Indexed => ColourDepth::Indexed,
            Self::Sixteen => ColourDepth::Sixteen,
            Self::None => ColourDepth::None,
        }
    }
}

/// A working volume as text; a bare number is worth so much quote currency.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct VolumeText(Size);

impl TryFrom<String> for VolumeText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Size::read(&text, Size::Quote).map(Self)
    }
}

/// Statistics on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatsSettings {
    /// Money is shown.
    pub money: bool,
}

/// Patience with keys, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSettings {
    /// A lone ESC waits so long for the rest of a sequence.
    pub escape_ms: u64,
    /// The same over SSH.
    pub escape_ssh_ms: u64,
    /// A leader key waits so long for the next.
    pub sequence_ms: u64,
    /// The second press of an entry key waits so long for a third.
    pub repeat_ms: u64,
}

/// What is remembered of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceSettings {
    /// Tabs and ladders come back as they were left.
    pub restore: bool,
}

/// The mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MouseSettings {
    /// Clicks on the ladder trade.
    pub enabled: bool,
}

impl InputSettings {
    /// How long a lone ESC waits here, ms. `variable` reads the environment: over SSH it is longer.
    pub fn escape_wait_ms(&self, variable: impl Fn(&str) -> Option<String>) -> u64 {
        let ssh = ["SSH_CONNECTION", "SSH_TTY"]
            .into_iter()
            .any(|name| variable(name).is_some());
        if ssh {
            self.escape_ssh_ms
        } else {
            self.escape_ms
        }
    }
}

/// How the network is reached.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSettings {
    /// An HTTP proxy, `http://host:port`; empty for none.
    pub proxy: String,
}

/// The most that an order may ever be worth.
pub(super) const MAX_ORDER: i64 = 10_000_000;

impl Settings {
    /// How the readings of book and prints are taken.
    pub fn readings(&self) -> market::Settings {
        let (traded, iceberg) = self.ladder.readings();
        market::Settings {
            charts: self.charts.clone(),
            heat: self.heat,
            tape: self.tape,
            flow: self.flow,
            traded,
            iceberg,
        }
    }

    /// How charts are looked at at the start.
    pub fn charts(&self) -> Charts {
        Charts {
            frames: self.charts.frames.clone().into(),
            frame: self.charts.first(),
            clusters: self.clusters,
        }
    }

    /// Puts what the trader set into the desk's settings; account, venue and session stay as they are.
    pub fn tell(&self, desk: &mut DeskSettings) {
        desk.limits = self.limits.clone();
        desk.volumes.clone_from(&self.volumes);
        desk.symbol_volumes = self.symbol_volumes.clone();
        desk.volume = self.volume;
        desk.opposite = self.opposite;
        desk.on_hangup = self.on_hangup;
        desk.max_drift_ticks = self.ticks_moved;
        desk.now_through = self.now_through;
        desk.now_ticks = self.now_ticks;
        desk.cross_ticks = self.cross_ticks;
        desk.rejoin = self.rejoin;
        desk.scale_orders = self.scale_orders;
        desk.stop_entry_bound_ticks = self.stop_entry_bound_ticks;
        desk.chase = self.chase.clone();
        self.protect.tell(desk);
        desk.arming = self.arming.triggers();
        desk.view_only = self.view_only.clone();
    }

    /// The first value beyond its hard range, as one sentence.
    pub fn out_of_range(&self) -> Option<String> {
        let checks = [
            self.arming.out_of_range(),
            self.paper.out_of_range(),
            charts::out_of_range(self),
            self.black_box.out_of_range(),
            super::prints::out_of_range(&self.tape, &self.flow),
            self.ladder.out_of_range(),
            within("ticks_moved", self.ticks_moved, (0, 1000)),
            within(
                "now_through",
                self.now_through,
                (Decimal::new(1, 4), Decimal::new(5, 2)),
            ),
            within("now_ticks", self.now_ticks, (1, 1000)),
            within("cross_ticks", self.cross_ticks, (1, 1000)),
            within("scale_orders", self.scale_orders, (2, 20)),
            within(
                "stop_entry_bound_ticks",
                self.stop_entry_bound_ticks,
                (1, 1000),
            ),
            within(
                "chase.moves_per_second",
                self.chase.moves_per_second,
                (1, 5),
            ),
            within("chase.max_moves", self.chase.max_moves, (1, 20)),
            within(
                "chase.max_fraction",
                self.chase.max_fraction,
                (Decimal::new(1, 5), Decimal::new(1, 3)),
            ),
            within("volume", self.volume, (1, self.volumes.len() as u8)),
            super::limits::out_of_range(&self.limits),
            self.alerts.out_of_range(),
            within("alerts.rearm_ticks", self.alerts.rearm_ticks, (1, 100_000)),
            within(
                "alerts.rearm",
                self.alerts.rearm,
                (Decimal::ZERO, Decimal::new(1, 1)),
            ),
            within(
                "protect.bound_ticks",
                self.protect.bound_ticks,
                (0, 100_000),
            ),
            within("protect.trail_step", self.protect.trail_step, (1, 100_000)),
            within("input.escape_ms", self.input.escape_ms, (5, 500)),
            within("input.escape_ssh_ms", self.input.escape_ssh_ms, (5, 500)),
            within("input.sequence_ms", self.input.sequence_ms, (500, 10_000)),
            within("input.repeat_ms", self.input.repeat_ms, (60, 400)),
        ];
        let first = checks.into_iter().flatten().next();
        first.or_else(|| self.protect.contradiction())
    }
}

/// One sentence for a value beyond its range.
pub(super) fn within<T: PartialOrd + fmt::Display>(
    name: &str,
    value: T,
    (least, most): (T, T),
) -> Option<String> {
    (value < least || value > most)
        .then(|| format!("{name} is {value}, it must be {least} to {most}"))
}

fn volumes<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Size>, D::Error> {
    five_to_nine(Vec::deserialize(from)?).map_err(serde::de::Error::custom)
}

fn symbol_volumes<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<Symbol, Vec<Size>>, D::Error> {
    let named = BTreeMap::<String, Vec<VolumeText>>::deserialize(from)?;
    let keyed = named.into_iter().map(|(name, volumes)| {
        let symbol = Symbol::new(&name).map_err(serde::de::Error::custom)?;
        let volumes = five_to_nine(volumes).map_err(serde::de::Error::custom)?;
        Ok((symbol, volumes))
    });
    keyed.collect()
}

fn symbol_names<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<Symbol, String>, D::Error> {
    let named = BTreeMap::<String, String>::deserialize(from)?;
    let keyed = named.into_iter().map(|(name, of)| {
        let symbol = Symbol::new(&name).map_err(serde::de::Error::custom)?;
        Ok((symbol, of))
    });
    keyed.collect()
}

fn five_to_nine(volumes: Vec<VolumeText>) -> Result<Vec<Size>, String> {
    match volumes.len() {
        5..=9 => Ok(volumes.into_iter().map(|volume| volume.0).collect()),
        many => Err(format!("these are {many} volumes, there must be 5 to 9")),
    }
}

fn symbols<'de, D: serde::Deserializer<'de>>(from: D) -> Result<BTreeSet<Symbol>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    let named = |name: String| Symbol::new(&name).map_err(serde::de::Error::custom);
    names.into_iter().map(named).collect()
}
