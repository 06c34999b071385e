//! A venue's rows: names, TLS, REST, clock, streams, each with its time. Asks nothing that needs a key.

use std::future::poll_fn;
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::{join, join_all};
use tokio::time::timeout;

use super::row::{Row, State};
use crate::clock;
use crate::domain::Stamp;
use crate::exchange::clock_offset::ClockOffset;
use crate::exchange::dial::{DialError, Net, Target, lookup};
use crate::exchange::http::Http;
use crate::exchange::machine::{Call, CallError, Lane, Method};
use crate::exchange::{Endpoints, Venue};

/// All names together.
const NAMES: Duration = Duration::from_secs(4);
/// A road, once the names are there.
const REACH: Duration = Duration::from_secs(6);
/// A clock further off than that is told, ms.
const CLOCK_MATTERS_MS: u64 = 250;
/// One question over REST, ms.
const DEADLINE_MS: u64 = 3000;

/// Somewhere to reach.
pub struct Place {
    /// Venue and world.
    pub label: String,
    /// Whose protocol.
    pub venue: &'static Venue,
    /// Where.
    pub endpoints: Endpoints,
    /// How.
    pub net: Net,
}

/// Its rows: within 10 s where nothing answers. What cannot be looked up is not tried again.
pub async fn rows(place: Place) -> Vec<Row> {
    let (names, lost) = names(&place).await;
    let sockets = (place.venue.probe.sockets)(&place.endpoints);
    let streams = join_all(sockets.iter().map(|(what, url)| async {
        let row = place.reach(what, url, &lost, place.socket(what, url)).await;
        row.unwrap_or_else(|row| row)
    }));
    let (rest, streams) = join(place.rest(&lost), streams).await;
    [vec![names], rest, streams].concat()
}

const NETWORK: &str =
    "check this host's network and firewall; behind a company's proxy, set [network] proxy";

fn mend(error: &DialError) -> &'static str {
    match error {
        DialError::Tls { .. } => {
            "nothing is sent until it is right; --ca-file is for a company's proxy that you trust"
        }
        DialError::Proxy { .. } => "check [network] proxy in the settings",
        DialError::Handshake(_) => "the venue may refuse this host's region, or be in maintenance",
        _ => NETWORK,
    }
}

/// Looks every host up; with those that have no address.
async fn names(place: &Place) -> (Row, Vec<String>) {
    let name = place.name("names");
    let mut hosts: Vec<Target> = Vec::new();
    for to in place
        .endpoints
        .all()
        .filter_map(|url| Target::read(url).ok())
    {
        if !hosts.iter().any(|known| known.host == to.host) {
            hosts.push(to);
        }
    }
    if hosts.iter().all(|to| to.host.parse::<IpAddr>().is_ok()) {
        return (Row::skipped(&name, "addresses need no lookup"), Vec::new());
    }
    if hosts.iter().all(|to| place.net.is_proxied(to)) {
        return (Row::skipped(&name, "the proxy looks them up"), Vec::new());
    }
    let began = clock::now();
    let looked = join_all(hosts.iter().map(without_address)).await;
    let lost: Vec<(String, String)> = looked.into_iter().flatten().collect();
    if lost.is_empty() {
        let words = format!("{} found in {}", hosts.len(), since(began));
        return (Row::ok(&name, &words), Vec::new());
    }
    let words: Vec<String> = lost
        .iter()
        .map(|(host, why)| format!("{host}: {why}"))
        .collect();
    let mend = "check /etc/resolv.conf and this host's network; behind a company's proxy, set [network] proxy";
    let row = Row::fail(&name, &words.join("; "), mend);
    (row, lost.into_iter().map(|(host, _)| host).collect())
}

/// The host and why it has no address, if it has none.
async fn without_address(to: &Target) -> Option<(String, String)> {
    let why = match timeout(NAMES, lookup(&to.host, to.port)).await {
        Ok(Ok(mut addresses)) => match addresses.next() {
            Some(_) => return None,
            None => "it has no address".to_owned(),
        },
        Ok(Err(why)) => why.to_string(),
        Err(_) => "no answer within 4 s".to_owned(),
    };
    Some((to.host.clone(), why))
}

fn since(began: Stamp) -> String {
    format!("{} ms", clock::now().ms_since(began))
}

impl Place {
    fn name(&self, what: &str) -> String {
        format!("{}: {what}", self.label)
    }

    /// Does `work` against `url` unless its host is among the `lost`; else, or when it takes too long, the row that says so.
    async fn reach<T>(
        &self,
        what: &str,
        url: &str,
        lost: &[String],
        work: impl Future<Output = T>,
    ) -> Result<T, Row> {
        let name = self.name(what);
        let host = Target::read(url).map(|to| to.host).unwrap_or_default();
        if lost.contains(&host) {
            return Err(Row::skipped(&name, &format!("{host} has no address")));
        }
        let late = |_| Row::fail(&name, &format!("{host}: no answer within 6 s"), NETWORK);
        timeout(REACH, work).await.map_err(late)
    }

    /// The connection to the REST address, then questions over it.
    async fn rest(&self, lost: &[String]) -> Vec<Row> {
        let url = &self.endpoints.rest;
        let tls = self.reach("TLS", url, lost, self.tls()).await;
        let tls = tls.unwrap_or_else(|row| row);
        if tls.state != State::Ok {
            let words = "not asked: there is no connection";
            return vec![tls, Row::skipped(&self.name("REST"), words)];
        }
        let time = self.reach("REST", url, lost, self.time()).await;
        let mut rows = vec![tls];
        rows.extend(time.unwrap_or_else(|row| vec![row]));
        rows
    }

    async fn tls(&self) -> Row {
        let name = self.name("TLS");
        let began = clock::now();
        let to = match Target::read(&self.endpoints.rest) {
            Ok(to) => to,
            Err(why) => return Row::fail(&name, &why.to_string(), mend(&why)),
        };
        match self.net.connect(&to).await {
            Ok(_) => {
                let how = match (to.tls, self.net.is_proxied(&to)) {
                    (false, _) => "connected in the clear, on this host,",
                    (true, true) => "agreed through the proxy",
                    (true, false) => "agreed",
                };
                let words = format!("{} {how} in {}", to.host, since(began));
                Row::ok(&name, &words)
            }
            Err(why) => Row::fail(&name, &why.to_string(), mend(&why)),
        }
    }

    async fn socket(&self, what: &str, url: &str) -> Row {
        let name = self.name(what);
        let began = clock::now();
        match self.net.open(url, &self.endpoints.headers).await {
            Ok(_) => Row::ok(&name, &format!("open in {}", since(began))),
            Err(why) => Row::fail(&name, &why.to_string(), mend(&why)),
        }
    }

    /// The venue's time over a warm connection: round trip and clock.
    async fn time(&self) -> Vec<Row> {
        let name = self.name("REST");
        let mut http = match Http::open(&self.net, &self.endpoints.rest, false) {
            Ok(http) => http,
            Err(why) => return vec![Row::fail(&name, &why.to_string(), mend(&why))],
        };
        let mut offset = ClockOffset::default();
        let mut trip = String::new();
        // The first question opens the connection, the second is measured.
        for _ in 0..2 {
            let sent = clock::now();
            match self.question(&mut http).await {
                Ok(venue_ms) => offset.sample(sent, clock::now(), venue_ms),
                Err(words) => return vec![Row::fail(&name, &words, NETWORK)],
            }
            trip = since(sent);
        }
        let rest = Row::ok(&name, &format!("answered in {trip}"));
        let off = offset.offset_ms(clock::now()).unwrap_or_default();
        vec![rest, self.clock(off)]
    }

    async fn question(&self, http: &mut Http) -> Result<i64, String> {
        http.submit(Call {
            tag: 1,
            method: Method::Get,
            target: self.venue.probe.time.to_owned(),
            headers: self.endpoints.headers.clone(),
            body: String::new(),
            deadline_ms: DEADLINE_MS,
            lane: Lane::Query,
        });
        let (_, ended) = poll_fn(|cx| http.poll_ended(cx)).await;
        let reply = ended.map_err(|why| match why {
            CallError::NotSent(words) => words,
            lost @ CallError::Lost(_) => lost.to_string(),
        })?;
        if reply.status != 200 {
            return Err(format!("answered HTTP {}", reply.status));
        }
        let told = (self.venue.probe.read_time)(&reply.body);
        told.ok_or_else(|| "not an answer of this venue's API".to_owned())
    }

    fn clock(&self, offset_ms: i64) -> Row {
        let name = self.name("clock");
        let side = if offset_ms < 0 { "ahead" } else { "behind" };
        let words = format!("this host is {} ms {side}", offset_ms.unsigned_abs());
        if offset_ms.unsigned_abs() < CLOCK_MATTERS_MS {
            return Row::ok(&name, &words);
        }
        let mend = "let NTP set this host's clock: timedatectl set-ntp true, or chrony; Lancet reckons with the difference meanwhile";
        Row::warn(&name, &words, mend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::venue;

    fn place(base: &str) -> Place {
        let venue = venue("binance-futures").unwrap();
        Place {
            label: "binance-futures test".to_owned(),
            venue,
            endpoints: (venue.at)(base),
            net: Net::this_host().unwrap(),
        }
    }

    #[test]
    fn a_clock_is_told_from_a_quarter_of_a_second_on() {
        let place = place("http://127.0.0.1:1");
        for (offset, state, words) in [
            (0, State::Ok, "0 ms behind"),
            (-249, State::Ok, "249 ms ahead"),
            (250, State::Warn, "250 ms behind"),
            (-3_600_000, State::Warn, "3600000 ms ahead"),
        ] {
            let row = place.clock(offset);
            assert_eq!(row.state, state, "{offset}");
            assert!(row.words.contains(words), "{row:?}");
            assert_eq!(row.mend.contains("NTP"), state == State::Warn);
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn where_nobody_listens_every_road_fails_with_a_mend() {
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", gone.local_addr().unwrap());
        drop(gone);
        let rows = rows(place(&base)).await;
        let (names, others) = rows.split_first().unwrap();
        assert_eq!(names.state, State::Skipped);
        let (asked, failed): (Vec<&Row>, Vec<&Row>) =
            others.iter().partition(|row| row.state == State::Skipped);
        assert_eq!((asked.len(), failed.len()), (1, 4), "{others:?}");
        assert!(asked[0].name.ends_with("REST"));
        for row in failed {
            assert_eq!(row.state, State::Fail, "{row:?}");
            assert!(
                !row.mend.is_empty() && row.words.contains("127.0.0.1"),
                "{row:?}"
            );
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_name_that_does_not_exist_fails_once() {
        let rows = rows(place("https://venue.invalid")).await;
        let (names, others) = rows.split_first().unwrap();
        assert_eq!(names.state, State::Fail);
        assert!(
            names.words.contains("venue.invalid: name lookup failed"),
            "{names:?}"
        );
        assert!(names.mend.contains("resolv.conf"));
        assert_eq!(others.len(), 5);
        for row in others {
            assert_eq!(row.state, State::Skipped, "{row:?}");
        }
    }
}
