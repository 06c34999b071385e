//! Desktop notices: the sequences by which a program asks its terminal for one. Owns nothing; must not write.

use crate::alerts::settings::Way;
use crate::domain::text::sanitise;

/// Longest text of a notice, characters.
const LONGEST: usize = 160;
/// Whose notice it is.
const TITLE: &str = "Lancet";

/// What stands between this program and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Nothing.
    Nothing,
    /// tmux, which hands on what is wrapped where its `allow-passthrough` is on.
    Tmux,
    /// GNU screen.
    Screen,
}

/// How notices are asked of one terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notices {
    way: Way,
    between: Between,
}

impl Notices {
    /// As the trader set it, or by what the terminal is. `variable` reads the environment.
    pub fn new(way: Way, variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let between = if is_set("TMUX") {
            Between::Tmux
        } else if is_set("STY") {
            Between::Screen
        } else {
            Between::Nothing
        };
        let way = match way {
            Way::Auto => detect(&variable),
            way => way,
        };
        Self { way, between }
    }

    /// The bytes that ask for a notice; none where notices are off.
    pub fn bytes(self, words: &str) -> Vec<u8> {
        let words = sanitise(words, LONGEST);
        // GNU screen ends what it hands on at the first ESC \.
        let end = if self.between == Between::Screen {
            "\x07"
        } else {
            "\x1b\\"
        };
        let parts = match self.way {
            Way::Auto | Way::Off => return Vec::new(),
            Way::Osc9 => vec![format!("\x1b]9;{TITLE}: {words}{end}")],
            Way::Osc99 => vec![
                format!("\x1b]99;i=lancet:d=0:p=title;{TITLE}{end}"),
                format!("\x1b]99;i=lancet:d=1:p=body;{words}{end}"),
            ],
            Way::Osc777 => vec![format!(
                "\x1b]777;notify;{TITLE};{}{end}",
                words.replace(';', ",")
            )],
        };
        let wrapped = parts.into_iter().map(|part| match self.between {
            Between::Nothing => part,
            Between::Tmux => format!("\x1bPtmux;{}\x1b\\", part.replace('\x1b', "\x1b\x1b")),
            Between::Screen => format!("\x1bP{part}\x1b\\"),
        });
        wrapped.collect::<String>().into_bytes()
    }
}

/// What the terminal is known to take. Over SSH its name is all that is known; OSC 9 is passed over by those that do not know it,
/// but for the consoles that would print it.
fn detect(variable: &impl Fn(&str) -> Option<String>) -> Way {
    let text = |name: &str| variable(name).unwrap_or_default().to_lowercase();
    let (term, program) = (text("TERM"), text("TERM_PROGRAM"));
    let is_set = |name: &str| variable(name).is_some();
    if is_set("KITTY_WINDOW_ID") || term.contains("kitty") {
        Way::Osc99
    } else if term.starts_with("foot") || term.starts_with("rxvt") || program == "rxvt" {
        Way::Osc777
    } else if matches!(term.as_str(), "" | "dumb" | "linux" | "vt100" | "vt220") {
        Way::Off
    } else {
        Way::Osc9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notices(way: Way, variables: &[(&str, &str)]) -> Notices {
        let find = |name: &str| {
            let row = variables.iter().find(|row| row.0 == name);
            row.map(|row| row.1.to_owned())
        };
        Notices::new(way, find)
    }

    fn text(way: Way, variables: &[(&str, &str)], words: &str) -> String {
        String::from_utf8(notices(way, variables).bytes(words)).unwrap()
    }

    #[test]
    fn each_way_is_one_whole_sequence() {
        for (way, bytes) in [
            (Way::Osc9, "\x1b]9;Lancet: a; b\x1b\\"),
            (
                Way::Osc99,
                "\x1b]99;i=lancet:d=0:p=title;Lancet\x1b\\\x1b]99;i=lancet:d=1:p=body;a; b\x1b\\",
            ),
            (Way::Osc777, "\x1b]777;notify;Lancet;a, b\x1b\\"),
            (Way::Off, ""),
        ] {
            assert_eq!(text(way, &[("TERM", "xterm")], "a; b"), bytes);
        }
    }

    #[test]
    fn what_stands_between_hands_it_on() {
        let tmux = [("TERM", "tmux-256color"), ("TMUX", "/tmp/x,1,0")];
        assert_eq!(
            text(Way::Osc9, &tmux, "a"),
            "\x1bPtmux;\x1b\x1b]9;Lancet: a\x1b\x1b\\\x1b\\"
        );
        let screen = [("TERM", "screen"), ("STY", "1.x")];
        assert_eq!(
            text(Way::Osc9, &screen, "a"),
            "\x1bP\x1b]9;Lancet: a\x07\x1b\\"
        );
    }

    #[test]
    fn the_terminal_is_known_by_its_name() {
        for (variables, way) in [
            (&[("TERM", "xterm-kitty")][..], Way::Osc99),
            (
                &[("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")],
                Way::Osc99,
            ),
            (&[("TERM", "foot")], Way::Osc777),
            (&[("TERM", "rxvt-unicode-256color")], Way::Osc777),
            (&[("TERM", "xterm-256color")], Way::Osc9),
            (&[("TERM", "xterm-ghostty")], Way::Osc9),
            (&[("TERM", "linux")], Way::Off),
            (&[("TERM", "dumb")], Way::Off),
            (&[], Way::Off),
        ] {
            assert_eq!(notices(Way::Auto, variables).way, way, "{variables:?}");
        }
    }

    proptest::proptest! {
        /// Whatever the words are, the terminal sees the ends that were meant and no other.
        #[test]
        fn words_never_end_a_notice(words in ".{0,300}") {
            for way in [Way::Osc9, Way::Osc99, Way::Osc777] {
                let text = text(way, &[("TERM", "xterm")], &words);
                let parts = if way == Way::Osc99 { 2 } else { 1 };
                proptest::prop_assert_eq!(text.matches('\x1b').count(), parts * 2);
                let ended = text.contains(['\x07', '\u{9c}']);
                proptest::prop_assert!(!ended);
                proptest::prop_assert!(text.chars().count() < 300);
            }
        }
    }
}
