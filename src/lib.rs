//! Lancet: a keyboard-driven order-book scalper for the terminal. You read the ladder, you press a key, the order is on the wire.
//!
//! ```text
//!  sockets, REST ──bytes──► exchange::session (moves bytes, nothing else)
//!                             │
//!         ┌───────────────────┴────────────────────┐     both sans-IO: on(now, In, &mut Out)
//!         │ Feed, one a venue     Account, one a key│
//!         └──┬────────────────────┬──────────▲──────┘
//!   touch on every message,       │ facts    │ commands: two bounded lanes,
//!   depth ≤ 60/s, prints          │ (never   │ cancel/reduce/query before place
//!            ▼                    ▼ dropped) │ Command::Place(Approved<NewOrder>)
//!         ┌──────────────────────────────────┴──┐     keys (bounded)
//!         │ app::turn  select! { biased; signals,│◄── input::reader thread ◄── terminal
//!         │   facts, keys, market, prints, depth}│    parser → guard → keymap, in input::hands
//!         │ engine::Desk::handle(Event) -> Effects  (pure)
//!         └──────────────────┬──────────────────┘
//!                            │ Snapshot + View: latest wins, ≤ 60/s, at once after a key
//!                            ▼
//!                    ui::screen writer thread: ui::draw(frame, &snapshot, &view, &theme) ──► terminal
//! ```
//!
//! State conflates, facts queue, money never waits.
//!
//! # The map
//!
//! | layer | room | what is in it |
//! |---|---|---|
//! | 5 | `main` → [`app`] | wires everything; nothing imports it. `app::turn` is the loop, `app::seat` one account at one venue, `app::ladders` what is open of them, `app::channel` makes every channel, `app::site` says where a venue is, `app::keyring` opens the vault, `app::entry` and `app::key_command` enter keys, `app::audits` asks what they may do, `app::doctor` looks at what all of it stands on |
//! | 4 | [`cli`] | the command line, its lists |
//! | 4 | [`config`], [`vault`], [`journal`] | files: settings and keys (`config/default.toml` *is* the defaults); API keys encrypted, and `vault::form`, the key screen's state; what happened and what is remembered of accounts, volumes and typed lines |
//! | 4 | [`sim`] | the built-in exchange: `sim::market` matches (sans-IO), `sim::crowd` trades, `sim::wire` is the seam of the wires, one folder each, `sim::binance` what the two of Binance share, `sim::server` the sockets |
//! | 4 | [`stats`] | what the journal comes to: round trips and their sums as table, JSON, CSV and HTML; `engine::diary` counts them |
//! | 4 | [`replay`] | a recording as a source of bytes |
//! | 4 | [`blackbox`] | the last hour, written down by itself: segments, their lines, one's own round trips in them |
//! | 4 | [`paper`] | a paper account: orders matched against what a feed tells, sans-IO; `app::paper` seats it between feed and desk |
//! | 3 | [`input`] | bytes → keys → guard → keymap; names `engine::action` and `ui::view::ViewAction` only |
//! | 3 | [`ui`] | `ui::draw` is pure; one file a panel; `ui::layout` says where panels stand, as data; `ui::view` is one screen's state, `ui::theme` colours by role, `ui::glyph` has signs for poor fonts; `ui::screen` writes |
//! | 2 | [`engine`] | the desk: actions → orders, facts → state, arming, exits, panic. `engine::plans` drives what acts over several turns, `engine::coins` keeps spot honest, `engine::protect` stops and takes, `engine::guard` losses and limits that change; `engine::line` reads typed lines, `engine::volume` sizes; `engine::preview` says what a key would do, `engine::presses` what it did |
//! | 2 | [`alerts`] | what the trader is told without looking: signal levels, the list of notifications, how often something rings; it names `domain` alone, `app::alerting` tells it what desk and market did |
//! | 2 | [`market`] | what is derived from the book's pictures and from prints: `market::Readings` has one of each (tape, pace, flow, volume at price, sizes, icebergs, clusters, candles, heat) and is told each thing once |
//! | 2 | [`exchange`] | `VENUES`, the machine seam, the session, what a key may do (`audit`), and one folder a venue (`binance` is what its two venues share); `exchange::account` holds what every account machine does alike, `exchange::past` asks for the minutes before a symbol was followed; `exchange::pushed` is the public side of venues that push whole books, in what each calls its `Dialect` |
//! | 1 | [`domain`] | the words: ticks, lots, instruments, book, orders, positions, limits. No I/O, clock, async, float |
//! | – | [`clock`], [`nearest`], [`secret`] | the one reader of clocks; the nearest valid name; secrets in locked memory, the only unsafe code |
//!
//! Imports point down, never up, never across engine ║ market ║ exchange ║ alerts; `tests/tidy.rs` reads the source and fails otherwise.
//!
//! # Invariants, as absences
//!
//! - `domain`, `engine`, `market`, `alerts` and `paper` read no clock and do no I/O: time arrives in events.
//! - Nothing but `domain::risk` makes an `Approved`; nothing but one function of a venue's account sends an order, once.
//! - The simulator names nothing of `exchange`, the connector nothing of `sim`: they meet on loopback sockets alone.
//! - No channel is unbounded, and the app loop waits for no socket, disk or terminal.
//! - No secret can be printed, copied, compared or serialized: `secret::Secret` has no such trait.
//! - No foreign string reaches a screen or a log but through `domain::text`.
//!
//! # The hot path
//!
//! `input::reader` → `input::hands` → `app::keys` → `engine::Desk::handle` → `exchange::session` → socket: no lock, no await but the
//! send, no log above debug. `tests/bench.rs` measures it.
//!
//! # Where do I …
//!
//! | add | by |
//! |---|---|
//! | a venue | one folder below `exchange` and one row in `exchange::VENUES`. Its public side is a `Dialect` of `exchange::pushed`, or a `machine::Feed` of its own; its account puts the parts of `exchange::account` together; the rest is its words: `sign`, `read`, `write`, `error`, `audit`, `guide`, `instruments`, `recorded`. `tests/conformance` tries every row, so the built-in exchange learns its wire too: one folder below `sim` and one row in `sim::WIRES` |
//! | a panel | one file below `ui/panel` and one row in `ui::panel::PANELS`; a layout that names it |
//! | a reading | one file below `market` and one field of `market::Readings`; its picture goes to `ui::snapshot::MarketView` while a panel shows it |
//! | a layout | one file below `ui/layout` and one row in `ui::layout::LAYOUTS` |
//! | an action | one row in `engine::action::ACTIONS` and one arm in `engine::act`; a key in `config/default.toml` |
//! | a `:` command | one row in `engine::line::LINES`; what it asks, if no action does, one variant of `engine::ask::Ask` and its function |
//! | a setting | one field in the struct that owns it and one commented line in `config/default.toml` |
//! | a theme | one file in `themes/` |
//! | a preset of keys | one file below `config/preset` and one row in `config::preset::PRESETS` |

pub mod alerts;
pub mod app;
pub mod blackbox;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod exchange;
pub mod input;
pub mod journal;
pub mod market;
pub mod nearest;
pub mod paper;
pub mod replay;
pub mod secret;
pub mod sim;
pub mod stats;
pub mod ui;
pub mod vault;
