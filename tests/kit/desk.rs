//! A trader at a desk: real keys in, a real screen out, virtual time. Owns desk, hands, view and readings; what the desk asks for piles
//! up in `sent`, and whoever plays the venue takes it from there. It does in one thread what the app's loop does with channels.

use std::collections::BTreeMap;
use std::sync::Arc;

use lancet::config::{Config, UserFile};
use lancet::domain::{
    Account, Command, Environment, Fact, Intent, MarketKey, Price, Print, Side, Stamp, Symbol,
    VenueId,
};
use lancet::engine::Desk;
use lancet::engine::action::Action;
use lancet::engine::arm::Armed;
use lancet::engine::ask::{Ask, Seen};
use lancet::engine::effect::{About, Effect, Loudness};
use lancet::engine::event::{Event, Press, Row};
use lancet::engine::health;
use lancet::engine::line::{self, Meant};
use lancet::engine::settings::DeskSettings;
use lancet::input::chord::Code;
use lancet::input::hands::{Focus, Hands, Heard};
use lancet::input::key::{Input, Key};
use lancet::input::keymap::Binding;
use lancet::input::listing;
use lancet::input::parser::Parser;
use lancet::market::{self, Readings};
use lancet::ui::help::{HelpGroup, HelpRow, HelpText};
use lancet::ui::snapshot::{self, Beside, Snapshot};
use lancet::ui::theme::{ColourDepth, Theme};
use lancet::ui::view::{self, Mode, Pane, VIEW_ACTIONS, View, ViewAction, ViewOutcome};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// The desk's clock, ms.
const TICK_MS: u64 = 100;

/// What the last frame showed: what a key refers to.
#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    key: Option<MarketKey>,
    cursor: Option<Price>,
    row: Option<Row>,
    touch: (Option<Price>, Option<Price>),
    pane: Option<Pane>,
    pointed: bool,
}

impl Shown {
    /// The same with what a click pointed at instead of the cursor.
    fn clicked(self, column: u16, row: u16) -> Self {
        let at = self.pane.and_then(|pane| pane.at(column, row));
        Self {
            cursor: at.map(|at| at.price),
            row: at.map(|at| Row {
                buys: at.buys,
                sells: at.sells,
            }),
            pointed: at.is_some(),
            ..self
        }
    }
}

/// The trader's seat.
pub struct Seat {
    pub desk: Desk,
    pub now: Stamp,
    pub focus: MarketKey,
    pub view: View,
    /// What the desk asked for and nobody took yet.
    pub sent: Vec<Command>,
    /// Every action that a key came to.
    pub played: Vec<Action>,
    pub alerts: Vec<About>,
    /// Everything said to the trader.
    pub said: Vec<String>,
    /// The trader asked to quit.
    pub quit: bool,
    hands: Hands<Shown>,
    parser: Parser,
    readings: BTreeMap<Symbol, Readings>,
    reads: market::Settings,
    shown: Shown,
    latest: Snapshot,
    help: HelpText,
    last_tick: Stamp,
}

pub fn venue() -> VenueId {
    VenueId::new("binance-futures").unwrap()
}

/// What names of orders begin with.
pub const SESSION: &str = "mabc12345x";

/// A market of the one account.
pub fn key(symbol: &str) -> MarketKey {
    MarketKey {
        account: Account::new("sim").unwrap(),
        venue: venue(),
        symbol: Symbol::new(symbol).unwrap(),
        leg: None,
    }
}

impl Seat {
    /// A seat with the default settings and keys, and with what the user's own config file says.
    pub fn new(environment: Environment, now: Stamp, size: (u16, u16), own: &str) -> Self {
        Self::new_with(environment, now, size, own, |_| {})
    }

    /// The same with what the venue can told to the desk by `and`.
    pub fn new_with(
        environment: Environment,
        now: Stamp,
        size: (u16, u16),
        own: &str,
        and: impl FnOnce(&mut DeskSettings),
    ) -> Self {
        let own = UserFile {
            name: "config.toml",
            text: own,
        };
        let config = Config::load(Some(own), &[], &["dark".to_owned()]).unwrap();
        let focus = key("BTCUSDT");
        let session = SESSION.to_owned();
        let mut settings = DeskSettings::new(
            environment,
            focus.account,
            venue(),
            session,
            config.settings.limits.clone(),
        );
        config.settings.tell(&mut settings);
        and(&mut settings);
        "Binance futures".clone_into(&mut settings.venue_title);
        Self {
            desk: Desk::new(settings),
            now,
            focus,
            view: View::new(size.0, size.1),
            sent: Vec::new(),
            played: Vec::new(),
            alerts: Vec::new(),
            said: Vec::new(),
            quit: false,
            help: help(&config),
            reads: config.settings.readings(),
            hands: Hands::new(config.keymap, config.settings.input.sequence_ms)
                .with_mouse(config.settings.mouse.enabled)
                .with_repeat_wait(config.settings.input.repeat_ms),
            parser: Parser::new(25),
            readings: BTreeMap::new(),
            shown: Shown::default(),
            latest: Snapshot::default(),
            last_tick: now,
        }
    }

    /// Tells the desk one thing.
    pub fn tell(&mut self, event: Event) {
        if let Event::Prints(_, prints) = &event {
            self.take_prints(&prints.clone());
        }
        if let Event::Depth(_, depth) = &event {
            let now = self.now;
            self.readings_of(depth.symbol).depth(now, depth);
        }
        let effects = self.desk.handle(self.now, event);
        for effect in effects.0 {
            match effect {
                Effect::Send(command) => {
                    self.check(&command);
                    self.sent.push(command);
                }
                Effect::Notice(_, words) => self.said.push(words),
                Effect::Alert(alert) => self.alerts.push(alert.about),
                Effect::Journal(row) => assert!(row.json().is_object()),
                Effect::Keep(_) => {}
            }
        }
    }

    /// No entry leaves while not ARMED or on a book that is not LIVE, whatever a test is about.
    fn check(&self, command: &Command) {
        let Command::Place(order) = command else {
            return;
        };
        let (order, state) = (order.get(), self.desk.arm().state());
        if order.intent == Intent::Entry {
            let market = self.desk.market(&order.key).unwrap();
            let book = health::state(market, self.now);
            assert!(book.is_live(), "{order:?} on a book that is {book:?}");
            assert_eq!(state, Armed::Armed, "{order:?}");
        }
    }

    pub fn fact(&mut self, fact: Fact) {
        self.tell(Event::Fact(fact));
    }

    fn take_prints(&mut self, prints: &[Print]) {
        for print in prints {
            let rules = self.desk.instrument(venue(), print.symbol).cloned();
            let now = self.now;
            let readings = self.readings_of(print.symbol);
            if let Some(rules) = rules {
                readings.rules(&rules);
            }
            readings.prints(now, &[*print]);
        }
    }

    /// As the app takes them, with the settings of the config.
    fn readings_of(&mut self, symbol: Symbol) -> &mut Readings {
        let entry = self.readings.entry(symbol);
        entry.or_insert_with(|| Readings::new(&self.reads))
    }

    /// Bytes of one read of the terminal.
    pub fn read(&mut self, bytes: &[u8]) {
        let mut inputs = Vec::new();
        self.parser.feed(self.now, bytes, &mut inputs);
        self.hear(inputs);
    }

    /// Time has come to `now`: what waited for it happens, and a frame is made.
    pub fn turn(&mut self, now: Stamp) {
        self.wake(now);
        self.frame();
    }

    /// The same without a frame.
    pub fn wake(&mut self, now: Stamp) {
        self.now = now;
        let due = |at: Option<Stamp>| at.is_some_and(|at| at.mono_ns <= now.mono_ns);
        let mut inputs = Vec::new();
        if due(self.parser.deadline()) {
            self.parser.tick(now, &mut inputs);
        }
        self.hear(inputs);
        if due(self.hands.deadline()) {
            let mut heard = Vec::new();
            self.hands.tick(now, &mut heard);
            self.act(heard);
        }
        if now.ms_since(self.last_tick) >= TICK_MS {
            self.last_tick = now;
            for readings in self.readings.values_mut() {
                readings.tick(now);
            }
            self.tell(Event::Tick);
        }
    }

    /// Makes a frame: from now on keys refer to it.
    pub fn frame(&mut self) {
        let readings = self.readings.get(&self.focus.symbol);
        let panels = self.view.plan().panels_of(0);
        let beside = Beside {
            focus: Some(self.focus),
            dropped: 0,
            panels: &panels,
            frame: self.reads.charts.first(),
            levels: None,
        };
        self.latest = snapshot::of(&self.desk, readings, self.now, beside);
        self.view.started = self.hands.started(&self.latest.arm_line).map(Arc::new);
        self.view.settle(&self.latest);
        snapshot::add_viewed(&mut self.latest, &self.desk, &self.view);
        let both = self
            .view
            .cursor_range(Side::Buy)
            .zip(self.view.cursor_range(Side::Sell));
        self.shown = Shown {
            key: self.latest.market.key,
            cursor: self.view.cursor_price(),
            row: both.map(|(buys, sells)| Row { buys, sells }),
            touch: view::touch(&self.latest.market),
            pane: self.view.pane(),
            pointed: false,
        };
    }

    /// The picture of the last frame, as lines of text.
    pub fn screen(&self) -> String {
        let (columns, rows) = self.view.size();
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let theme = Theme::dark(ColourDepth::None);
        terminal
            .draw(|frame| lancet::ui::draw(frame, &self.latest, &self.view, &theme, &self.help))
            .unwrap();
        let cells = terminal.backend().buffer().content();
        let lines = cells.chunks(usize::from(columns)).map(|row| {
            let line: String = row.iter().map(|cell| cell.symbol()).collect();
            line.trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn focus_of_keys(&self) -> Focus {
        match self.view.mode {
            Mode::ConfirmQuit => Focus::Question,
            ref mode if mode.takes_text() => Focus::Field,
            _ => Focus::Ladder,
        }
    }

    fn hear(&mut self, inputs: Vec<Input>) {
        for input in inputs {
            if matches!(input, Input::Key(_) | Input::Click(_)) {
                self.tell(Event::Activity);
            }
            let (focus, mut shown) = (self.focus_of_keys(), self.shown);
            if let Input::Click(click) = &input {
                shown = shown.clicked(click.column, click.row);
                if !shown.pointed && !click.is_wheel() {
                    continue;
                }
            }
            let mut heard = Vec::new();
            self.hands.hear(self.now, input, focus, shown, &mut heard);
            self.act(heard);
        }
    }

    fn act(&mut self, heard: Vec<Heard<Shown>>) {
        for heard in heard {
            match heard {
                Heard::Act(Binding::Desk(action), key, shown) => self.press(action, key.at, shown),
                Heard::Act(Binding::View(action), ..) => self.look(action),
                Heard::Typed(key) => self.typed(key),
                Heard::Pasted(text) => self.view.paste(&text.one_line()),
                Heard::Note(words) => self.note(&words),
                Heard::LinkMs(ms) => self.tell(Event::TerminalLink(ms)),
                Heard::HungUp => self.tell(Event::Ending("screen lost")),
                Heard::Focus(_) => {}
            }
        }
    }

    fn press(&mut self, action: Action, at: Stamp, shown: Shown) {
        let Some(key) = shown.key else {
            return self.note("no ladder is on the screen yet");
        };
        self.played.push(action);
        self.tell(Event::Press(Press {
            action,
            key,
            cursor: shown.cursor,
            row: shown.row,
            pointed: shown.pointed,
            drawn: shown.touch,
            at,
        }));
    }

    fn note(&mut self, words: &str) {
        self.said.push(words.to_owned());
        self.desk.note(self.now, Loudness::Warn, words);
    }

    fn look(&mut self, action: ViewAction) {
        let outcome = self.view.apply(action, &self.latest);
        self.outcome(outcome);
    }

    fn typed(&mut self, key: Key) {
        let question = self.view.mode == Mode::ConfirmQuit;
        let outcome = match key.stroke.code {
            Code::Esc => self.view.cancel(),
            Code::Enter => self.view.submit(&self.latest),
            Code::Char('y' | 'q') if question => self.view.submit(&self.latest),
            _ if question => self.view.cancel(),
            Code::Char(c) => self.view.type_char(c),
            Code::Backspace => {
                self.view.backspace();
                ViewOutcome::Drawn
            }
            Code::Tab => {
                self.view.complete(key.stroke.shift, &self.latest);
                ViewOutcome::Drawn
            }
            Code::Up | Code::Down => {
                self.view.choose(key.stroke.code == Code::Down);
                ViewOutcome::Drawn
            }
            _ => ViewOutcome::Drawn,
        };
        self.outcome(outcome);
    }

    fn outcome(&mut self, outcome: ViewOutcome) {
        match outcome {
            ViewOutcome::Drawn | ViewOutcome::Review => {}
            ViewOutcome::Note(words) | ViewOutcome::Said(words) => self.note(&words),
            ViewOutcome::OpenSymbol(name) => self.open(&name),
            ViewOutcome::SetVolume(index, size) => self.ask(Ask::Volume(index, Some(size))),
            ViewOutcome::RunAction(line) => self.command(&line),
            ViewOutcome::Level(..) | ViewOutcome::ClearNotices => {}
            ViewOutcome::NextLadder(_)
            | ViewOutcome::CloseLadder
            | ViewOutcome::Page(_)
            | ViewOutcome::NewPage
            | ViewOutcome::ClosePage => {
                self.note("one ladder is open; / opens another symbol beside it");
            }
            ViewOutcome::Quit => self.quit = true,
        }
    }

    fn open(&mut self, name: &str) {
        self.focus = key(name);
        self.sent.push(Command::Follow(self.focus.symbol));
        let mut heard = Vec::new();
        self.hands.ladder_changed(self.now, &mut heard);
        self.act(heard);
    }

    fn command(&mut self, line: &str) {
        let shown = self.shown;
        let screen = VIEW_ACTIONS.iter().map(|row| row.name);
        let instrument = self.desk.instrument(self.focus.venue, self.focus.symbol);
        match line::read(line, instrument.map(AsRef::as_ref), screen) {
            Ok(Meant::Act(action)) => self.press(action, self.now, shown),
            Ok(Meant::Ask(ask)) => self.ask(ask),
            Ok(Meant::Screen(name)) => {
                let row = VIEW_ACTIONS.iter().find(|row| row.name == name);
                self.look(row.unwrap().action);
            }
            Ok(Meant::Open(symbol)) => self.open(&symbol),
            Ok(
                Meant::Keys
                | Meant::Play(_)
                | Meant::Mood(_)
                | Meant::Drill(_)
                | Meant::Theme(_)
                | Meant::Columns(_)
                | Meant::Layout(_)
                | Meant::Tab(_)
                | Meant::Leader(_)
                | Meant::Levels(_),
            ) => {}
            Err(words) => self.note(&words),
        }
    }

    fn ask(&mut self, ask: Ask) {
        let seen = Seen {
            key: self.focus,
            cursor: self.shown.cursor,
            drawn: self.shown.touch,
            at: self.now,
        };
        self.tell(Event::Ask { ask, seen });
    }
}

fn help(config: &Config) -> HelpText {
    let groups = listing::groups(&config.keymap).into_iter().map(|group| {
        let rows = group.entries.into_iter().map(|entry| HelpRow {
            action: entry.name.to_owned(),
            keys: entry.keys.join("  "),
            words: entry.doc.to_owned(),
        });
        HelpGroup {
            title: group.title.to_owned(),
            rows: rows.collect(),
        }
    });
    HelpText {
        groups: groups.collect(),
    }
}

/// The bytes that a plain terminal sends for a key of the keymap's spelling; a word in quotes is typed letter by letter.
pub fn bytes(keys: &str) -> Vec<Vec<u8>> {
    keys.split_whitespace().flat_map(one_key).collect()
}

fn one_key(name: &str) -> Vec<Vec<u8>> {
    if let Some(text) = name
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
    {
        return text.chars().map(|c| c.to_string().into_bytes()).collect();
    }
    let bytes: Vec<u8> = match name {
        "Space" => b" ".to_vec(),
        "Enter" => b"\r".to_vec(),
        "Esc" => b"\x1b".to_vec(),
        "Tab" => b"\t".to_vec(),
        "Up" => b"\x1b[A".to_vec(),
        "Down" => b"\x1b[B".to_vec(),
        "PgUp" => b"\x1b[5~".to_vec(),
        "PgDn" => b"\x1b[6~".to_vec(),
        _ => match name.strip_prefix("ctrl-") {
            Some(letter) => vec![letter.as_bytes()[0] & 0x1f],
            None => name.as_bytes().to_vec(),
        },
    };
    vec![bytes]
}
