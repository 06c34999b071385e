//! Finding a symbol on every open venue by a few of its letters. Pure.

use crate::nearest::did_you_mean;
use crate::ui::snapshot::Snapshot;

/// How well a name fits what was typed; the first is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Same,
    Begins,
    Contains,
    /// Its letters come in this order, others between them.
    Scattered,
}

/// Symbols that fit what was typed, the best first, those of the ladder's own venue before others: `BTCUSDT`, `okx:BTC-USDT-SWAP`.
/// Signs between letters do not count; of several words each must fit the symbol or its venue. Scattered letters count only where
/// nothing fits better.
pub fn matches(snapshot: &Snapshot, typed: &str) -> Vec<String> {
    let words: Vec<String> = typed.split_whitespace().map(letters).collect();
    let own = snapshot.symbols.iter().map(|symbol| (None, symbol));
    let others = snapshot.others.iter().flat_map(|(venue, symbols)| {
        let symbols = symbols.iter();
        symbols.map(move |symbol| (Some(venue.as_str()), symbol))
    });
    let mut found: Vec<(Fit, String)> = own
        .chain(others)
        .filter_map(|(venue, symbol)| {
            let fit = fit_all(&words, venue.unwrap_or(""), symbol)?;
            let name = venue.map_or_else(|| symbol.clone(), |venue| format!("{venue}:{symbol}"));
            Some((fit, name))
        })
        .collect();
    found.sort_by_key(|(fit, _)| *fit);
    let best = found.first().map(|(fit, _)| *fit);
    if best.is_some_and(|best| best < Fit::Scattered) {
        found.retain(|(fit, _)| *fit < Fit::Scattered);
    }
    found.into_iter().map(|(_, name)| name).collect()
}

/// Symbols of all venues.
pub fn total(snapshot: &Snapshot) -> usize {
    let others = snapshot.others.iter();
    snapshot.symbols.len() + others.map(|(_, symbols)| symbols.len()).sum::<usize>()
}

/// Says that nothing fits, with the nearest name.
pub fn no_match(snapshot: &Snapshot, typed: &str) -> String {
    let typed = crate::domain::text::sanitise(typed, 32);
    let others = snapshot.others.iter().flat_map(|(_, symbols)| &**symbols);
    let all = snapshot.symbols.iter().chain(others);
    let mend = did_you_mean(&typed, all.map(String::as_str));
    format!("no symbol fits {typed}{mend}")
}

fn fit_all(words: &[String], venue: &str, symbol: &str) -> Option<Fit> {
    let (venue, symbol) = (letters(venue), letters(symbol));
    let mut worst = Fit::Same;
    for word in words {
        let of_venue = (!venue.is_empty() && venue.starts_with(word.as_str())).then_some(Fit::Same);
        worst = worst.max(fit(word, &symbol).or(of_venue)?);
    }
    Some(worst)
}

fn fit(word: &str, name: &str) -> Option<Fit> {
    if word == name {
        return Some(Fit::Same);
    }
    if name.starts_with(word) {
        return Some(Fit::Begins);
    }
    if name.contains(word) {
        return Some(Fit::Contains);
    }
    let mut rest = name.chars();
    let in_order = word.chars().all(|letter| rest.any(|other| other == letter));
    in_order.then_some(Fit::Scattered)
}

/// Letters and digits alone, in upper case.
fn letters(text: &str) -> String {
    let plain = text.chars().filter(|c| c.is_alphanumeric());
    plain.flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::VenueId;

    fn snapshot() -> Snapshot {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Snapshot {
            symbols: list(&["BTCUSDT", "ETHUSDT", "1000PEPEUSDT"]),
            others: vec![(
                VenueId::new("okx").unwrap(),
                list(&["BTC-USDT-SWAP", "BTC-USDT", "ETH-USDT-SWAP"]),
            )],
            ..Snapshot::default()
        }
    }

    #[test]
    fn every_venue_is_searched_and_its_own_comes_first() {
        let found = |typed| matches(&snapshot(), typed);
        assert_eq!(
            found("btcusdt"),
            ["BTCUSDT", "okx:BTC-USDT", "okx:BTC-USDT-SWAP"]
        );
        assert_eq!(found("okx eth"), ["okx:ETH-USDT-SWAP"]);
        assert_eq!(found("pepe"), ["1000PEPEUSDT"]);
        assert_eq!(found("ethswp"), ["okx:ETH-USDT-SWAP"], "letters in order");
        assert_eq!(found("").len(), 6);
        assert!(found("xyz").is_empty());
    }

    #[test]
    fn the_symbols_of_all_venues_are_counted_and_proposed() {
        assert_eq!(total(&snapshot()), 6);
        let words = no_match(&snapshot(), "BTC-USDT-SWAO");
        assert!(words.contains("BTC-USDT-SWAP"), "{words}");
    }

    #[test]
    fn scattered_letters_do_not_crowd_what_fits_better() {
        assert_eq!(
            matches(&snapshot(), "eth"),
            ["ETHUSDT", "okx:ETH-USDT-SWAP"]
        );
    }
}
