//! The feed in virtual time, over a venue that speaks as plainly as can be.

use super::dialect::{Channel, Page, Verb};
use super::*;
use crate::exchange::past::Row;

/// `topic.name` and nothing else.
pub struct Plain;

impl Dialect for Plain {
    const ID: &'static str = "plain";
    const DEPTH: usize = 50;
    const TOPICS_A_REQUEST: usize = 10;
    const REQUESTS_AN_HOUR: usize = 40;
    const PING: &'static str = "ping";
    const PING_EVERY_MS: u64 = 20_000;
    const TIME: &'static str = "/time";

    fn routes(&self, endpoints: &Endpoints) -> Vec<String> {
        vec![endpoints.ws_public.clone()]
    }

    fn place(&self, instrument: &Instrument) -> (usize, Symbol) {
        (0, instrument.symbol)
    }

    fn kinds(&self, _instrument: &Instrument) -> &'static [Kind] {
        &[Kind::Book, Kind::BestPrices, Kind::Prints, Kind::Mark]
    }

    fn topic(&self, kind: Kind, name: &Symbol) -> String {
        format!("{kind:?}.{name}")
    }

    fn stream(&self, channel: &Channel, _name: &Symbol) -> String {
        channel.to_string()
    }

    fn request(&self, verb: Verb, topics: &[(Kind, Symbol)], id: u64) -> String {
        let mut text = format!("{id} {verb:?}");
        for (kind, name) in topics {
            text.push_str(&format!(" {}", self.topic(*kind, name)));
        }
        text
    }

    fn read(
        &self,
        _text: &str,
        _grid: &dyn Fn(&str) -> Option<Grid>,
        _said: &mut Vec<Said>,
    ) -> Result<(), Unread> {
        Ok(())
    }

    fn read_time(&self, _body: &[u8]) -> Option<i64> {
        None
    }

    fn lists(&self) -> Vec<String> {
        vec!["/list".to_owned()]
    }

    fn look(&self, instrument: &Instrument) -> String {
        format!("/list?{}", instrument.symbol)
    }

    fn read_page(&self, _target: &str, _body: &[u8]) -> Result<Page, String> {
        Ok(Page::default())
    }

    fn past(&self, instrument: &Instrument) -> String {
        format!("/past?{}", instrument.symbol)
    }

    fn read_past<'a>(&self, _body: &'a [u8]) -> Result<Vec<Row<'a>>, String> {
        Ok(Vec::new())
    }

    fn pause_ms(&self, _status: u16, _body: &[u8]) -> Option<u64> {
        None
    }
}
