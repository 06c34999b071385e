//! One line of text being typed: search, command, volume. It must not submit by itself: pasted line ends are dropped.

/// Most characters that a field holds.
const MAX: usize = 120;

/// One line of text; typing goes to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    text: String,
}

impl Field {
    /// A field that starts with `text`.
    pub fn with(text: &str) -> Self {
        let mut field = Self::default();
        field.paste(text);
        field
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds a character; controls and line ends are dropped.
    pub fn type_char(&mut self, c: char) {
        if !c.is_control() && self.text.chars().count() < MAX {
            self.text.push(c);
        }
    }

    /// Adds pasted text as if typed; what is not printable becomes nothing, a line end a space.
    pub fn paste(&mut self, text: &str) {
        for c in text.chars() {
            self.type_char(if c == '\n' { ' ' } else { c });
        }
    }

    /// Takes the last character off; false when the field was empty.
    pub fn backspace(&mut self) -> bool {
        self.text.pop().is_some()
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.text.clear();
    }
}
