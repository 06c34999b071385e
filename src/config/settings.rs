//! The settings as values, with their hard ceilings. Owned by whoever loaded them; nothing here reads a file.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::domain::{Limits, Symbol, TriggerBy};
use crate::engine::DeskSettings;
use crate::engine::settings::{ChaseSettings, Distance, OnHangup, Opposite};
use crate::engine::volume::Size;
use crate::ui::theme::{ColourDepth, detect};

/// Every setting but the keys. `default.toml` says what each means.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Theme name.
    pub theme: String,
    /// Colours of the terminal.
    pub color: ColorDepth,
    /// Symbols to open, as the venue spells them.
    pub symbols: Vec<String>,
    /// Policy when the screen goes away.
    pub on_hangup: OnHangup,
    /// Keys of the side opposite to a position.
    pub opposite: Opposite,
    /// Minutes without a key until the armed state ends.
    pub idle_minutes: u64,
    /// Lock when the terminal window loses the focus.
    pub lock_on_focus_loss: bool,
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
    /// Stops and takes.
    pub protect: ProtectSettings,
    /// What rings.
    pub bell: BellSettings,
    /// The parser's and the leader keys' patience.
    pub input: InputSettings,
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

/// Stops and takes.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtectSettings {
    /// Stop of every new position.
    #[serde(deserialize_with = "distance")]
    pub stop: Option<Distance>,
    /// Take of every new position.
    #[serde(deserialize_with = "distance")]
    pub take: Option<Distance>,
    /// Which price fires a stop.
    pub trigger: TriggerWord,
    /// How many ticks behind its trigger a stop may fill; 0: at any price.
    pub bound_ticks: i64,
    /// Steps of a following stop, ticks.
    pub trail_step: i64,
    /// Entries of a symbol end with its position.
    pub entries_end_when_flat: bool,
}

/// Which price fires a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TriggerWord {
    /// The last trade.
    Last,
    /// The mark price.
    Mark,
}

/// `40t`, `0.3%` or `0`.
fn distance<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Distance>, D::Error> {
    let text = String::deserialize(from)?;
    let told = || {
        serde::de::Error::custom(format!(
            "\"{text}\" is no distance: write \"40t\" (ticks), \"0.3%\" (of the price) or \"0\" (none)"
        ))
    };
    if text == "0" {
        return Ok(None);
    }
    if let Some(ticks) = text.strip_suffix('t') {
        let ticks = ticks
            .parse()
            .ok()
            .filter(|ticks| (1..=MAX_TICKS).contains(ticks));
        return ticks
            .map(|ticks| Some(Distance::Ticks(ticks)))
            .ok_or_else(told);
    }
    let percent: Option<Decimal> = text.strip_suffix('%').and_then(|text| text.parse().ok());
    percent
        .filter(|percent| *percent > Decimal::ZERO && *percent <= Decimal::from(50))
        .map(|percent| Some(Distance::Fraction(percent / Decimal::ONE_HUNDRED)))
        .ok_or_else(told)
}

/// What rings the bell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BellSettings {
    /// A fill of ours.
    pub fill: bool,
    /// A refusal by the venue.
    pub reject: bool,
    /// Danger.
    pub alarm: bool,
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

const MAX_TICKS: i64 = 1_000_000;
const MAX_ORDER: i64 = 10_000_000;
const MAX_POSITION: i64 = 100_000_000;

impl Settings {
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
        desk.auto_stop = self.protect.stop;
        desk.auto_take = self.protect.take;
        desk.trigger_by = match self.protect.trigger {
            TriggerWord::Last => TriggerBy::Last,
            TriggerWord::Mark => TriggerBy::Mark,
        };
        desk.stop_bound_ticks = self.protect.bound_ticks;
        desk.trail_step_ticks = self.protect.trail_step;
        desk.entries_end_when_flat = self.protect.entries_end_when_flat;
        desk.idle_ms = self.idle_minutes.saturating_mul(60_000);
    }

    /// The first value beyond its hard range, as one sentence.
    pub fn out_of_range(&self) -> Option<String> {
        let limits = &self.limits;
        let zero = Decimal::ZERO;
        let money = |most: i64| (zero, Decimal::from(most));
        let checks = [
            within("idle_minutes", self.idle_minutes, (1, 240)),
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
            within("volume", self.volume, (1, 5)),
            within(
                "limits.max_order_notional",
                limits.max_order_notional,
                money(MAX_ORDER),
            ),
            within(
                "limits.max_position_notional",
                limits.max_position_notional,
                money(MAX_POSITION),
            ),
            within("limits.max_open_orders", limits.max_open_orders, (0, 200)),
            within(
                "limits.max_orders_per_second",
                limits.max_orders_per_second,
                (0, 50),
            ),
            within(
                "limits.max_identical_per_second",
                limits.max_identical_per_second,
                (0, 20),
            ),
            within(
                "limits.collar_through",
                limits.collar_through,
                (zero, Decimal::new(5, 2)),
            ),
            within(
                "limits.collar_away",
                limits.collar_away,
                (zero, Decimal::new(5, 1)),
            ),
            within(
                "limits.max_session_loss",
                limits.max_session_loss,
                money(MAX_ORDER),
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
        ];
        checks.into_iter().flatten().next()
    }
}

fn within<T: PartialOrd + fmt::Display>(
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

fn five_to_nine(volumes: Vec<VolumeText>) -> Result<Vec<Size>, String> {
    match volumes.len() {
        5..=9 => Ok(volumes.into_iter().map(|volume| volume.0).collect()),
        many => Err(format!("these are {many} volumes, there must be 5 to 9")),
    }
}
