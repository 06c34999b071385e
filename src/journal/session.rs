//! The name of a run: its start in ms since 1970 in base 36, and two characters of host and process.
//!
//! It begins every order name of the run, so it is above the last one in the journal even when the clock stepped back.

use crate::domain::Stamp;
use crate::engine::ids::base36;

/// Characters of host and process at the end.
const MARK: usize = 2;

/// The name of the run that starts now, on this host and in this process, above `last`.
pub fn name(now: Stamp, last: Option<&str>) -> String {
    let host = rustix::system::uname();
    let host = host.nodename().to_bytes();
    make(now.wall_ms(), host, std::process::id(), last)
}

fn make(wall_ms: i64, host: &[u8], process: u32, last: Option<&str>) -> String {
    let above = last.and_then(start_of).map_or(0, |ms| ms.saturating_add(1));
    let start = u64::try_from(wall_ms).unwrap_or(0).max(above).max(FIRST);
    format!("{}{}", base36(start), mark(host, process))
}

/// The lowest start whose name begins with a letter, as order names must: `a0000000` in base 36.
const FIRST: u64 = 10 * 36_u64.pow(7);

/// When a run started, ms, from its name.
fn start_of(name: &str) -> Option<u64> {
    let digits = name.get(..name.len().checked_sub(MARK)?)?;
    u64::from_str_radix(digits, 36).ok()
}

/// Two characters that differ between hosts and processes, mostly.
fn mark(host: &[u8], process: u32) -> String {
    // FNV-1a: short, fixed for ever, and nothing hostile feeds it.
    let bytes = host.iter().copied().chain(process.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{:0>2}", base36(hash % (36 * 36)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_763_820_000_000;

    #[test]
    fn b9_a_run_is_named_above_the_last_one_even_when_the_clock_stepped_back() {
        let mut last: Option<String> = None;
        for run in 0..1_000 {
            let back = NOW - run * 1_000;
            let name = make(back, b"host", 77, last.as_deref());
            if let Some(last) = &last {
                assert!(name > *last, "{name} after {last}");
            }
            last = Some(name);
        }
    }

    #[test]
    fn b9_a_name_begins_with_a_letter_and_leaves_room_for_the_counter() {
        for wall_ms in [-1, 0, NOW, 2_800_000_000_000] {
            let name = make(wall_ms, b"host", 1, None);
            assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric()));
            assert!(name.len() <= 12);
        }
    }

    #[test]
    fn b9_hosts_and_processes_differ() {
        assert_ne!(mark(b"one", 5), mark(b"two", 5));
        assert_ne!(mark(b"one", 5), mark(b"one", 6));
    }

    #[test]
    fn b9_a_foreign_last_name_is_no_trouble() {
        for odd in ["", "x", "!!", "ümläut"] {
            assert!(!make(NOW, b"host", 1, Some(odd)).is_empty());
        }
    }
}
