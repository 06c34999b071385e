//! The venues, and the seam that each of them implements.
//!
//! A venue is two plain state machines, a [`machine::Feed`] and an [`machine::Account`]; [`session`] moves their bytes.
//! A new venue is one folder and one row in [`VENUES`].

use crate::domain::{self, Callback, Environment, TriggerBy};

pub mod account;
pub mod audit;
pub mod backoff;
pub mod binance;
pub mod binance_futures;
pub mod binance_spot;
pub mod budget;
pub mod bybit;
pub mod clock_offset;
pub mod credentials;
pub mod dial;
pub mod guide;
pub mod health;
pub mod http;
pub mod machine;
pub mod okx;
pub mod past;
pub mod pushed;
pub mod record;
pub mod recorded;
pub mod session;

use audit::KeyAudit;
use credentials::Credentials;
use guide::KeyGuide;
use machine::{Account, Feed};
use recorded::Recordings;

/// The addresses of one venue in one environment, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// REST, `http://` or `https://`.
    pub rest: String,
    /// Public streams: depth and best prices.
    pub ws_public: String,
    /// Market streams: prints, mark price.
    pub ws_market: String,
    /// The user stream.
    pub ws_private: String,
    /// The WebSocket order API.
    pub ws_api: String,
    /// REST where a key's rights are asked for; `None` where the environment does not tell them.
    pub rights: Option<String>,
    /// Headers of every call and every handshake there: name in lower case and value.
    pub headers: Vec<(&'static str, String)>,
}

impl Endpoints {
    /// Every address.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let streams = [
            &self.ws_public,
            &self.ws_market,
            &self.ws_private,
            &self.ws_api,
        ];
        let all = [&self.rest].into_iter().chain(streams).chain(&self.rights);
        // An environment need not have every socket.
        all.map(String::as_str)
            .filter(|address| !address.is_empty())
    }
}

/// One set of addresses that a venue serves; the first of an environment is the usual one. Settings choose among them and
/// cannot add to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its name in the settings.
    pub name: &'static str,
    /// Its addresses.
    pub endpoints: Endpoints,
}

/// How far one cancel-all call of a venue reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelAllScope {
    /// One symbol a call.
    Symbol,
    /// The whole account.
    Account,
}

/// Whether a venue cancels orders by itself when we fall silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadMan {
    /// It does not.
    None,
    /// A countdown a symbol, renewed by us.
    PerSymbol,
    /// One countdown for the whole account, renewed by us.
    PerAccount,
}

/// The callback rates that a venue's trailing stops take, basis points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateRange {
    /// Least.
    pub min: u32,
    /// Most.
    pub max: u32,
    /// Step: a rate is a whole number of these.
    pub step: u32,
}

/// How a venue's own trailing stops may state how far they follow behind; both `None` and `false`: it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativeTrail {
    /// As a share of the price.
    pub rate: Option<RateRange>,
    /// As a distance in ticks.
    pub distance: bool,
}

impl NativeTrail {
    /// True when the venue takes this callback as it is.
    pub const fn takes(&self, callback: Callback) -> bool {
        match (callback, &self.rate) {
            (Callback::Distance(ticks), _) => self.distance && ticks > 0,
            (Callback::Rate(rate), Some(range)) => {
                rate >= range.min && rate <= range.max && rate.is_multiple_of(range.step)
            }
            (Callback::Rate(_), None) => false,
        }
    }
}

/// What a venue can do beyond placing and cancelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// A working order can be changed in place.
    pub amend: bool,
    /// What one cancel-all reaches.
    pub cancel_all: CancelAllScope,
    /// Most orders in one batch request; 0 where there is none.
    pub batch: u8,
    /// Dead-man switch.
    pub dead_man_switch: DeadMan,
    /// Orders go over a WebSocket.
    pub websocket_orders: bool,
    /// Prices that fire its conditional orders; empty where it has no such orders, so that a stop is Lancet's to carry.
    pub triggers: &'static [TriggerBy],
    /// Trailing stops of the venue's own.
    pub native_trail: NativeTrail,
    /// Most conditional orders an account may have open; 0 where the venue states none.
    pub max_conditional: u32,
    /// A long and a short position on one symbol at once, by setting of the account.
    pub hedge: bool,
    /// Stops that belong to the position rather than being orders.
    pub position_stops: bool,
    /// A key's rights can be asked for.
    pub key_rights_query: bool,
}

/// What an account machine is made of.
pub struct AccountSettings {
    /// The trader's name for it.
    pub label: domain::Account,
    /// Where it connects.
    pub endpoints: Endpoints,
    /// Its key.
    pub credentials: Credentials,
    /// Client ids of this run start with this.
    pub session: String,
}

/// What a venue answers to anybody: whether it can be reached is asked without a key.
pub struct Probe {
    /// Where it tells its time, below its REST address.
    pub time: &'static str,
    /// Reads that answer, ms since 1970; `None` when it is not one of the venue's API.
    pub read_time: fn(&[u8]) -> Option<i64>,
    /// The WebSockets that open without a key, each with a name.
    pub sockets: fn(&Endpoints) -> Vec<(&'static str, String)>,
}

/// One exchange we speak to.
pub struct Venue {
    /// Its name on the command line, in files and in keys of the desk.
    pub id: &'static str,
    /// Its name on the screen.
    pub title: &'static str,
    /// The symbol that opens where none is wished.
    pub opens: &'static str,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Its addresses, the usual ones first; empty for an environment it does not have. The built-in exchange is given by
    /// address instead.
    pub sites: fn(Environment) -> Vec<Site>,
    /// Its addresses below another host, `https://host:port` or `http://host:port`: for tests.
    pub at: fn(&str) -> Endpoints,
    /// How it is asked whether it can be reached.
    pub probe: Probe,
    /// How a trader gets a key there.
    pub guide: &'static KeyGuide,
    /// Asks what a key may do; the flag says whether the environment tells a key's rights.
    pub audit: fn(Credentials, bool) -> Box<dyn KeyAudit>,
    /// Its public side.
    pub feed: fn(&Endpoints) -> Box<dyn Feed>,
    /// Its private side.
    pub account: fn(AccountSettings) -> Box<dyn Account>,
    /// How its recordings are read.
    pub recordings: Recordings,
}

/// Every venue, in the order of the lists.
pub static VENUES: &[Venue] = &[
    binance_futures::VENUE,
    binance_spot::VENUE,
    bybit::VENUE,
    okx::VENUE,
];

/// The venue with this name.
pub fn venue(id: &str) -> Option<&'static Venue> {
    VENUES.iter().find(|venue| venue.id == id)
}
