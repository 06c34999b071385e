//! One socket's way from open to standing: login, subscriptions, their acknowledgements. Owns the stage; must not know what the
//! channels carry.

use crate::domain::Stamp;

/// A stage that takes this long, ms, failed.
const STAGE_MS: u64 = 8_000;

/// A channel to subscribe to.
#[derive(Clone, Copy, Debug)]
pub struct Channel {
    /// Its name.
    pub name: &'static str,
    /// The rest of its argument, as JSON members behind the name.
    pub rest: &'static str,
    /// Without it the account is not known: the socket stands only once the venue said yes.
    pub needed: bool,
}

/// Orders, positions and balances on the private socket, and warnings. All types of instruments; positions and balances when
/// something happens rather than every few seconds too, for truth is polled beside them (OKX v5, private channels).
pub const PRIVATE_CHANNELS: &[Channel] = &[
    Channel {
        name: "orders",
        rest: ",\"instType\":\"ANY\"",
        needed: true,
    },
    Channel {
        name: "positions",
        rest: ",\"instType\":\"ANY\",\"extraParams\":\"{\\\"updateInterval\\\":\\\"0\\\"}\"",
        needed: true,
    },
    Channel {
        name: "account",
        rest: ",\"extraParams\":\"{\\\"updateInterval\\\":\\\"0\\\"}\"",
        needed: true,
    },
    Channel {
        name: "liquidation-warning",
        rest: ",\"instType\":\"ANY\"",
        needed: false,
    },
];

/// Conditional orders on the business socket; those that trail have a channel of their own.
pub const BUSINESS_CHANNELS: &[Channel] = &[
    Channel {
        name: "orders-algo",
        rest: ",\"instType\":\"ANY\"",
        needed: true,
    },
    Channel {
        name: "algo-advance",
        rest: ",\"instType\":\"ANY\"",
        needed: true,
    },
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Closed,
    LoggingIn(Stamp),
    Subscribing {
        since: Stamp,
        left: Vec<&'static str>,
    },
    Standing,
}

/// The stage of one socket.
#[derive(Debug)]
pub struct Logon {
    channels: &'static [Channel],
    stage: Stage,
}

impl Logon {
    /// Of a socket that is not open.
    pub const fn new(channels: &'static [Channel]) -> Self {
        Self {
            channels,
            stage: Stage::Closed,
        }
    }

    /// The socket opened and the login went out.
    pub fn asked(&mut self, now: Stamp) {
        self.stage = Stage::LoggingIn(now);
    }

    /// The socket ended.
    pub fn closed(&mut self) {
        self.stage = Stage::Closed;
    }

    /// True while the answer to the login is awaited.
    pub const fn is_logging_in(&self) -> bool {
        matches!(self.stage, Stage::LoggingIn(_))
    }

    /// True when it is logged in and every needed channel is subscribed to.
    pub const fn stands(&self) -> bool {
        matches!(self.stage, Stage::Standing)
    }

    /// The venue took the login. Gives the frame that subscribes, `id` its number.
    pub fn logged_in(&mut self, now: Stamp, id: u64) -> String {
        let needed = self.channels.iter().filter(|channel| channel.needed);
        self.stage = Stage::Subscribing {
            since: now,
            left: needed.map(|channel| channel.name).collect(),
        };
        let args: Vec<String> = self.channels.iter().map(argument).collect();
        format!(
            "{{\"id\":\"{id}\",\"op\":\"subscribe\",\"args\":[{}]}}",
            args.join(",")
        )
    }

    /// A channel is acknowledged. True when the socket stands from now on.
    pub fn subscribed(&mut self, channel: &str) -> bool {
        let Stage::Subscribing { left, .. } = &mut self.stage else {
            return false;
        };
        left.retain(|name| *name != channel);
        if left.is_empty() {
            self.stage = Stage::Standing;
        }
        self.stands()
    }

    /// True when the venue owes an answer for too long.
    pub fn is_overdue(&self, now: Stamp) -> bool {
        self.since()
            .is_some_and(|since| now.ms_since(since) >= STAGE_MS)
    }

    /// When it would be overdue.
    pub fn next(&self) -> Option<Stamp> {
        self.since().map(|since| since.plus_ms(STAGE_MS))
    }

    const fn since(&self) -> Option<Stamp> {
        match &self.stage {
            Stage::LoggingIn(since) | Stage::Subscribing { since, .. } => Some(*since),
            Stage::Closed | Stage::Standing => None,
        }
    }
}

fn argument(channel: &Channel) -> String {
    format!("{{\"channel\":\"{}\"{}}}", channel.name, channel.rest)
}
