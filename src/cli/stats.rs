//! `lancet stats`: which figures, and in what form.

use std::path::PathBuf;
use std::str::FromStr;

/// `lancet stats`.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(
    after_help = "One world at a time: that of real money where it has a trade, else demo, paper, the built-in exchange; --env and --paper choose.\n--venue, --symbol and --key leave the others out."
)]
#[group(multiple = false, id = "form")]
pub struct Form {
    /// Print one JSON object: every round trip, then what they come to
    #[arg(long)]
    pub json: bool,
    /// Print comma-separated values, one line a round trip
    #[arg(long)]
    pub csv: bool,
    /// Write one page of HTML with pictures, which loads and runs nothing
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// `lancet stats` with what it leaves out.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Stats {
    /// In what form.
    #[command(flatten)]
    pub form: Form,
    /// Only what ended on this day (UTC) or later: 2026-11-01, or 7d for the last seven days
    #[arg(long, value_name = "DATE")]
    pub since: Option<Since>,
}

/// From when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// A day's beginning, ms since 1970.
    Day(i64),
    /// So many ms ago.
    Ago(i64),
}

/// A day, ms.
const DAY_MS: i64 = 86_400_000;
/// Most days back.
const DAYS: i64 = 36_500;

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "a day is 2026-11-01, or 7d for the last seven days".to_owned();
        if let Some(days) = text.strip_suffix('d') {
            let days: i64 = days.parse().map_err(|_| wrong())?;
            return match days {
                1..=DAYS => Ok(Self::Ago(days * DAY_MS)),
                _ => Err(wrong()),
            };
        }
        let day = jiff::civil::Date::strptime("%Y-%m-%d", text).map_err(|_| wrong())?;
        let at = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?;
        Ok(Self::Day(at.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_or_days_back_and_nothing_else() {
        assert_eq!("1970-01-02".parse(), Ok(Since::Day(DAY_MS)));
        assert_eq!("7d".parse(), Ok(Since::Ago(7 * DAY_MS)));
        for wrong in [
            "",
            "d",
            "0d",
            "-1d",
            "yesterday",
            "2026-13-01",
            "99999999d",
            "2026-11-01T10:00",
        ] {
            assert!(wrong.parse::<Since>().is_err(), "{wrong}");
        }
    }
}
