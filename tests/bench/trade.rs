//! The trade thread without its screen: desk and account session on one current-thread runtime, feed, disk and exchange on theirs.
//!
//! Its turn is the app loop's: facts first, then the market, then what the trader asks; a command goes to its socket before
//! anything else is done.

use std::thread::{self, Thread};

use lancet::app::channel::{self, AccountDesk, FeedDesk};
use lancet::app::disk;
use lancet::clock;
use lancet::domain::message::LinkState;
use lancet::domain::{
    Account, Cap, Command, Environment, Limits, MarketKey, Price, Side, Stamp, Symbol, VenueId,
};
use lancet::engine::Desk;
use lancet::engine::action::Action;
use lancet::engine::effect::Effect;
use lancet::engine::event::{Event, Press};
use lancet::engine::health;
use lancet::engine::record::Row;
use lancet::engine::settings::DeskSettings;
use lancet::exchange::credentials::Credentials;
use lancet::exchange::dial::Net;
use lancet::exchange::{AccountSettings, Endpoints, binance_futures, session};
use lancet::journal::{self, Journal};
use lancet::sim::Info;
use rust_decimal::Decimal;
use tokio::runtime::{Builder, Runtime};
use tokio::select;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;
use tokio::time::{Duration, Instant, sleep_until};

/// The desk's clock, ms.
const TICK_MS: u64 = 100;

/// The trade thread's state.
pub struct Trade {
    desk: Desk,
    key: MarketKey,
    feed: FeedDesk,
    account: AccountDesk,
    rows: mpsc::Sender<Row>,
    disk: Thread,
    last_tick: Stamp,
    _state: tempfile::TempDir,
    _stop: watch::Sender<bool>,
}

pub fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn endpoints(info: &Info) -> Endpoints {
    Endpoints {
        rest: info.rest.clone(),
        ws_public: info.ws_public.clone(),
        ws_market: info.ws_market.clone(),
        ws_private: info.ws_private.clone(),
        ws_api: info.ws_api.clone(),
        rights: None,
        headers: Vec::new(),
    }
}

/// Wide enough for a machine's pace.
fn limits() -> Limits {
    let million = Decimal::from(1_000_000);
    Limits {
        max_order: std::collections::BTreeMap::new(),
        max_order_notional: million,
        max_position: std::collections::BTreeMap::new(),
        max_position_notional: million,
        max_open_orders: 200,
        max_orders_per_second: 50,
        max_orders_per_minute: 3_000,
        max_identical_per_second: 50,
        collar_through: Decimal::new(5, 3),
        collar_away: Decimal::new(2, 1),
        max_trade_loss: Cap::Off,
        max_session_loss: Cap::Off,
        max_day_loss: million,
        max_losses_in_a_row: Cap::Off,
        cool_down_minutes: 30,
    }
}

impl Trade {
    /// Starts every thread and the account's session on `local`.
    pub fn start(info: &Info, local: &LocalSet) -> Self {
        let net = Net::this_host().expect("roots");
        let account = Account::new("sim").expect("a name");
        let venue = VenueId::new(binance_futures::ID).expect("a name");
        let symbol = Symbol::new(&info.symbols[0]).expect("a name");
        let run = journal::session::name(clock::now(), None);
        let (stop, stopped) = channel::stop();
        let (feed_ports, feed) = channel::feed(None);
        let (feed_at, feed_net, feed_stop) = (endpoints(info), net.clone(), stopped.clone());
        thread::spawn(move || {
            let machine = (binance_futures::VENUE.feed)(&feed_at);
            runtime().block_on(session::run_feed(
                machine,
                feed_at.rest,
                feed_net,
                feed_ports,
                feed_stop,
            ))
        });
        let machine = (binance_futures::VENUE.account)(AccountSettings {
            label: account,
            endpoints: endpoints(info),
            credentials: Credentials::hmac(&info.api_key, &info.api_secret).expect("a key"),
            session: run.clone(),
        });
        let (ports, desk_end) = channel::account();
        local.spawn_local(session::run_account(
            machine,
            info.rest.clone(),
            net,
            ports,
            stopped,
        ));
        let state = tempfile::tempdir().expect("a folder");
        let (journal, _) = Journal::open(state.path()).expect("a journal");
        let (rows, rows_out) = channel::rows();
        let (trouble, _) = channel::trouble();
        let disk = disk::spawn(journal, rows_out, trouble)
            .expect("a thread")
            .thread()
            .clone();
        let desk = Desk::new(DeskSettings::new(
            Environment::Sim,
            account,
            venue,
            run,
            limits(),
        ));
        let key = MarketKey {
            account,
            venue,
            symbol,
            leg: None,
        };
        Self {
            desk,
            key,
            feed,
            account: desk_end,
            rows,
            disk,
            last_tick: Stamp::default(),
            _state: state,
            _stop: stop,
        }
    }

    /// Follows the first symbol and turns until an order can go out.
    pub async fn ready(&mut self) {
        self.feed
            .follow
            .try_send(vec![self.key.symbol])
            .expect("room");
        self.send(Command::Follow(self.key.symbol));
        let give_up = Instant::now() + Duration::from_secs(20);
        while !self.can_trade() {
            assert!(Instant::now() < give_up, "never ready to trade");
            self.until(Instant::now() + Duration::from_millis(20)).await;
        }
    }

    fn can_trade(&self) -> bool {
        let account = self.desk.account();
        let live = self
            .desk
            .market(&self.key)
            .is_some_and(|market| health::entry(market, clock::now()).is_ok());
        account.synced && account.link == LinkState::Ready && live
    }

    /// Turns until then.
    pub async fn until(&mut self, end: Instant) {
        loop {
            let tick = TICK_MS.saturating_sub(clock::now().ms_since(self.last_tick));
            let wake = end.min(Instant::now() + Duration::from_millis(tick));
            select! {
                biased;
                Some(fact) = self.account.facts.recv() => {
                    self.handle(Event::Fact(fact));
                    self.waiting_facts();
                }
                Some(fact) = self.feed.market.recv() => self.handle(Event::Market(self.key.venue, fact)),
                Some(prints) = self.feed.prints.recv() => self.handle(Event::Prints(self.key.venue, prints)),
                Ok(()) = self.feed.latest.changed() => self.latest(),
                () = sleep_until(wake) => {}
            }
            if clock::now().ms_since(self.last_tick) >= TICK_MS {
                self.last_tick = clock::now();
                self.handle(Event::Tick);
            }
            self.disk.unpark();
            if Instant::now() >= end {
                return;
            }
        }
    }

    /// A bid 2 % away; the moment at which the desk is entered.
    pub async fn order(&mut self) -> std::time::Instant {
        self.waiting_facts();
        self.latest();
        let best = |side| {
            self.desk
                .market(&self.key)
                .and_then(|market| market.best(side))
        };
        let drawn = (best(Side::Buy), best(Side::Sell));
        let far = Price(drawn.0.expect("a bid").0 * 98 / 100);
        let press = self.pressed(Action::AtCursor(Side::Buy), Some(far), drawn);
        let entered = crate::figures::now();
        self.handle(press);
        tokio::task::yield_now().await;
        self.disk.unpark();
        entered
    }

    /// Takes every entry back.
    pub async fn cancel(&mut self) {
        let press = self.pressed(Action::CancelEntries, None, (None, None));
        self.handle(press);
        tokio::task::yield_now().await;
        self.disk.unpark();
    }

    /// What the trader was told last.
    pub fn last_line(&self) -> String {
        self.desk
            .notices()
            .next()
            .map(|line| line.words.clone())
            .unwrap_or_default()
    }

    fn pressed(
        &self,
        action: Action,
        cursor: Option<Price>,
        drawn: (Option<Price>, Option<Price>),
    ) -> Event {
        Event::Press(Press {
            action,
            key: self.key,
            cursor,
            row: None,
            pointed: false,
            drawn,
            at: clock::now(),
        })
    }

    fn waiting_facts(&mut self) {
        while let Ok(fact) = self.account.facts.try_recv() {
            self.handle(Event::Fact(fact));
        }
    }

    fn latest(&mut self) {
        let latest = self.feed.latest.borrow_and_update().clone();
        for touch in latest.touches {
            self.handle(Event::Touch(self.key.venue, touch));
        }
        for depth in latest.depths {
            self.handle(Event::Depth(self.key.venue, depth));
        }
    }

    fn handle(&mut self, event: Event) {
        for effect in self.desk.handle(clock::now(), event).0 {
            match effect {
                Effect::Send(command) => self.send(command),
                Effect::Journal(row) => self.rows.try_send(row).expect("room"),
                Effect::Notice(..) | Effect::Alert(_) | Effect::Keep(_) => {}
            }
        }
    }

    fn send(&self, command: Command) {
        let lane = if command.is_priority() {
            &self.account.priority
        } else {
            &self.account.ordinary
        };
        lane.try_send(command).expect("room");
    }
}
