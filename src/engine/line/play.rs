//! What the player of a recording is asked, and how it is read from a line.

use super::Meant;
use super::words::Words;

/// What the player of a recording is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Play {
    /// Stop or go on.
    Pause,
    /// One message further.
    Step,
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
    /// So many times the recorded speed.
    Speed(u32),
    /// So many seconds on, or back when negative.
    Jump(i32),
    /// To this second of the day, UTC.
    At(u32),
    /// To the next own trade (`true`), or the one before.
    Trade(bool),
    /// To the beginning.
    Begin,
}

/// Reads what follows `play`.
pub(super) fn read(words: &mut Words<'_>) -> Result<Meant, String> {
    Ok(Meant::Play(match words.value("what to do")? {
        "pause" => Play::Pause,
        "step" => Play::Step,
        "faster" => Play::Faster,
        "slower" => Play::Slower,
        "begin" => Play::Begin,
        "next" => Play::Trade(true),
        "prev" => Play::Trade(false),
        "at" => {
            let time = words.value("a time")?;
            Play::At(second_of_day(time).ok_or_else(|| words.unexpected(time))?)
        }
        word if word.starts_with(['+', '-']) => match word.parse() {
            Ok(seconds @ -86_400..=86_400) => Play::Jump(seconds),
            _ => return Err(words.unexpected(word)),
        },
        word => match word.strip_suffix('x').unwrap_or(word).parse() {
            Ok(times @ 1..=100) => Play::Speed(times),
            _ => return Err(words.unexpected(word)),
        },
    }))
}

/// `12:03:20`, or `12:03`.
fn second_of_day(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let mut part = |most: u32| parts.next()?.parse().ok().filter(|part| *part <= most);
    let (hours, minutes): (u32, u32) = (part(23)?, part(59)?);
    let seconds = match text.matches(':').count() {
        1 => 0,
        2 => part(59)?,
        _ => return None,
    };
    Some(hours * 3_600 + minutes * 60 + seconds)
}
