//! What the trader set and the venue must be able to do.

use super::Failure;
use crate::config::Config;
use crate::config::protect::{TrailBy, TriggerWord};
use crate::domain::TriggerBy;
use crate::engine::DeskSettings;
use crate::engine::settings::TrailRates;
use crate::exchange::{Capabilities, Venue};

/// Puts what depends on the venue into the desk's settings.
///
/// # Errors
/// When the venue has stops and does not watch the price that shall fire one. Where it has none, Lancet carries them all.
pub fn tell(config: &Config, venue: &Venue, desk: &mut DeskSettings) -> Result<(), Failure> {
    let can = &venue.capabilities;
    if !can.triggers.is_empty() && !can.triggers.contains(&desk.trigger_by) {
        let words = cannot_watch(venue.title, can.triggers, desk.trigger_by);
        return Err(config.fault("protect.trigger", words).into());
    }
    desk.venue_trail = match config.settings.protect.trail {
        TrailBy::Lancet => None,
        TrailBy::Venue => rates(can),
    };
    Ok(())
}

fn rates(can: &Capabilities) -> Option<TrailRates> {
    let range = can.native_trail.rate?;
    Some(TrailRates {
        min: range.min,
        max: range.max,
        step: range.step,
    })
}

fn cannot_watch(title: &str, can: &[TriggerBy], wanted: TriggerBy) -> String {
    let word = TriggerWord::of(wanted);
    let watched: Vec<_> = can.iter().map(|by| TriggerWord::of(*by)).collect();
    format!(
        "{title} does not fire stops by {word}: it watches {}",
        watched.join(" or ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::UserFile;
    use crate::domain::{Account, Environment, VenueId};
    use crate::exchange::venue;

    fn told(text: &str) -> Result<DeskSettings, String> {
        told_at("binance-futures", text)
    }

    fn told_at(id: &str, text: &str) -> Result<DeskSettings, String> {
        let name = "config.toml";
        let file = UserFile { name, text };
        let config = Config::load(Some(file), &[], &["dark".to_owned()]).unwrap();
        let row = venue(id).unwrap();
        let mut desk = DeskSettings::new(
            Environment::Sim,
            Account::new("sim").unwrap(),
            VenueId::new(row.id).unwrap(),
            "mabc".to_owned(),
            config.settings.limits.clone(),
        );
        config.settings.tell(&mut desk);
        tell(&config, row, &mut desk)
            .map(|()| desk)
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_price_that_the_venue_does_not_watch_is_refused_with_those_that_it_does() {
        let words = "config.toml:2: protect.trigger: Binance futures does not fire stops by best: it watches last or mark";
        assert_eq!(told("[protect]\ntrigger = \"best\"").unwrap_err(), words);
        for (word, by) in [("last", TriggerBy::Last), ("mark", TriggerBy::Mark)] {
            let desk = told(&format!("[protect]\ntrigger = \"{word}\"")).unwrap();
            assert_eq!(desk.trigger_by, by);
        }
    }

    #[test]
    fn a_venue_without_stops_takes_any_price_because_lancet_carries_them() {
        for word in ["last", "mark", "best"] {
            let text = format!("[protect]\ntrigger = \"{word}\"\ntrail = \"venue\"");
            assert_eq!(told_at("binance-spot", &text).unwrap().venue_trail, None);
        }
    }

    #[test]
    fn the_venue_moves_following_stops_only_where_that_is_wished() {
        assert_eq!(told("").unwrap().venue_trail, None);
        let rates = TrailRates {
            min: 10,
            max: 2_000,
            step: 10,
        };
        let venue = told("[protect]\ntrail = \"venue\"").unwrap().venue_trail;
        assert_eq!(venue, Some(rates));
    }
}
