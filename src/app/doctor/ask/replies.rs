//! What a terminal answers, picked out of whatever else comes: a pure reader of bytes.

/// Most bytes kept: answers are short, and keys may be typed meanwhile.
const KEPT: usize = 4096;

/// The answers so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replies {
    /// Flags of the kitty keyboard protocol in force; `None` when it was not answered.
    pub kitty: Option<u32>,
    /// The state of bracketed paste as DECRPM writes it: 0 unknown, 1 set, 2 reset, 3 and 4 for good; `None` when it was not answered.
    pub paste: Option<u32>,
    /// The terminal said what it is.
    pub attributes: bool,
    /// How often it said that it is well.
    pub statuses: usize,
    /// Ctrl-C was typed: in raw mode that is a byte, and means what it always does.
    pub interrupted: bool,
    rest: Vec<u8>,
}

impl Replies {
    /// Takes what one read gave.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        let mut text = std::mem::take(&mut self.rest);
        let mut from = 0;
        while let Some(found) = self.next(&text[from..]) {
            from += found;
        }
        text.drain(..from);
        // A sequence that never ends is none.
        if text.len() <= KEPT {
            self.rest = text;
        }
    }

    /// Takes one byte or one sequence; its length, or `None` when the rest is unfinished.
    fn next(&mut self, text: &[u8]) -> Option<usize> {
        match text {
            [] | [0x1b] => None,
            [0x1b, b'[', tail @ ..] => {
                let last = tail.iter().position(|byte| !(0x20..=0x3f).contains(byte))?;
                if (0x40..=0x7e).contains(&tail[last]) {
                    self.sequence(&tail[..last], tail[last]);
                    Some(2 + last + 1)
                } else {
                    // Broken off by something else.
                    Some(2 + last)
                }
            }
            [byte, ..] => {
                self.interrupted |= *byte == 0x03;
                Some(1)
            }
        }
    }

    fn sequence(&mut self, body: &[u8], last: u8) {
        let number =
            |digits: &[u8]| -> Option<u32> { std::str::from_utf8(digits).ok()?.parse().ok() };
        match (body, last) {
            ([b'?', flags @ ..], b'u') => self.kitty = number(flags).or(self.kitty),
            ([b'?', b'2', b'0', b'0', b'4', b';', state @ .., b'$'], b'y') => {
                self.paste = number(state).or(self.paste);
            }
            ([b'?', ..], b'c') => self.attributes = true,
            (b"0" | b"3", b'n') => self.statuses += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&[u8]]) -> Replies {
        let mut replies = Replies::default();
        for chunk in chunks {
            replies.feed(chunk);
        }
        replies
    }

    const ALL: &[u8] = b"\x1b[?15u\x1b[?2004;2$y\x1b[?62;4c\x1b[0n";

    #[test]
    fn every_answer_is_read_however_it_is_split() {
        let whole = read(&[ALL]);
        assert_eq!((whole.kitty, whole.paste), (Some(15), Some(2)));
        assert!(whole.attributes && !whole.interrupted);
        assert_eq!(whole.statuses, 1);
        for cut in 0..=ALL.len() {
            assert_eq!(read(&[&ALL[..cut], &ALL[cut..]]), whole, "cut at {cut}");
        }
        let single: Vec<&[u8]> = ALL.chunks(1).collect();
        assert_eq!(read(&single), whole);
    }

    #[test]
    fn keys_and_other_sequences_between_the_answers_are_no_answers() {
        let replies = read(&[b"q\x1b[A\x1bOB\x1b[97;5u\xd0\x99\x1b[?1;2\x1b[?0u\x1b[?2026;1$y x"]);
        assert_eq!(replies.kitty, Some(0));
        assert_eq!(replies.paste, None);
        assert!(!replies.attributes);
        assert_eq!(replies.statuses, 0);
    }

    #[test]
    fn what_cannot_be_a_number_is_no_answer_and_nothing_grows() {
        let mut replies = read(&[b"\x1b[?99999999999u\x1b[?u\x1b[?2004;$y\x1b[?2004;x$y"]);
        assert_eq!((replies.kitty, replies.paste), (None, None));
        replies.feed(b"\x1b[");
        for _ in 0..10_000 {
            replies.feed(b"1;");
            assert!(replies.rest.len() <= KEPT + 2);
        }
    }

    #[test]
    fn ctrl_c_ends_the_questions() {
        assert!(read(&[b"\x1b[?2", b"\x03"]).interrupted);
    }
}
