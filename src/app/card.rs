//! The card of the first arming: day's loss, position and order limits suggested from what is in the account. Pure.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::Environment;
use crate::engine::suggest::Chosen;
use crate::ui::form::{Aside, FormPicture, Row, Tone, Value};

/// Longest number typed, characters.
const LONGEST: usize = 16;

/// The open card.
pub struct Card {
    /// The volume that the arming key chose, 1 to 5.
    pub volume: u8,
    environment: Environment,
    account: String,
    most: Chosen,
    typed: [String; 3],
    focus: usize,
    said: Option<Aside>,
}

/// What a row is called.
const ROWS: [&str; 3] = ["loss a day", "position", "order"];

impl Card {
    /// A card with the suggestions filled in; none may be above `most`.
    pub fn new(
        volume: u8,
        environment: Environment,
        account: String,
        suggested: Chosen,
        most: Chosen,
    ) -> Self {
        let text = |value: Decimal| value.normalize().to_string();
        Self {
            volume,
            environment,
            account,
            most,
            typed: [suggested.day_loss, suggested.position, suggested.order].map(text),
            focus: 0,
            said: None,
        }
    }

    /// A character for the focused number.
    pub fn push(&mut self, c: char) {
        let Some(field) = self.typed.get_mut(self.focus) else {
            return;
        };
        if (c.is_ascii_digit() || c == '.') && field.len() < LONGEST {
            field.push(c);
            self.said = None;
        }
    }

    /// The last character goes.
    pub fn backspace(&mut self) {
        if let Some(field) = self.typed.get_mut(self.focus) {
            field.pop();
        }
    }

    /// To another row.
    pub const fn step(&mut self, down: bool) {
        let count = ROWS.len();
        self.focus = (self.focus + if down { 1 } else { count - 1 }) % count;
    }

    /// What the trader accepts by Enter; says why not.
    pub fn accept(&mut self) -> Option<Chosen> {
        match self.read() {
            Ok(chosen) => Some(chosen),
            Err((row, words)) => {
                self.focus = row;
                self.said = Some(Aside::new(Tone::Bad, words));
                None
            }
        }
    }

    fn read(&self) -> Result<Chosen, (usize, String)> {
        let number = |row: usize, most: Decimal| {
            let told = |words: String| (row, format!("{}: {words}", ROWS[row]));
            let value: Decimal = self.typed[row]
                .parse()
                .map_err(|_| told("that is no number".to_owned()))?;
            if value > most {
                let most = most.normalize();
                return Err(told(format!("your settings allow {most} at the most")));
            }
            Ok(value)
        };
        Ok(Chosen {
            day_loss: number(0, self.most.day_loss)?,
            position: number(1, self.most.position)?,
            order: number(2, self.most.order)?,
        })
    }

    /// The card as it is drawn.
    pub fn picture(&self) -> Arc<FormPicture> {
        let most = [self.most.day_loss, self.most.position, self.most.order];
        let rows = ROWS
            .iter()
            .zip(&self.typed)
            .zip(most)
            .map(|((name, text), most)| Row {
                name: (*name).to_owned(),
                value: Value::Text(text.clone()),
                note: format!("at most {}", most.normalize()),
            });
        let asides = [
            "entries that would pass one of these are refused; exits never are",
            "in the quote currency; the settings file has the highest values",
        ];
        Arc::new(FormPicture {
            title: format!("limits of {}", self.account),
            environment: self.environment,
            rows: rows.collect(),
            focus: self.focus,
            asides: asides.map(|words| Aside::new(Tone::Plain, words)).to_vec(),
            to_copy: Vec::new(),
            said: self.said.clone(),
            keys: "Enter accepts and arms · Tab next · type to change · Esc stays locked"
                .to_owned(),
            covers: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(day_loss: i64, position: i64, order: i64) -> Chosen {
        Chosen {
            day_loss: day_loss.into(),
            position: position.into(),
            order: order.into(),
        }
    }

    fn card() -> Card {
        let most = chosen(1_000, 100_000, 25_000);
        Card::new(
            2,
            Environment::Real,
            "main".to_owned(),
            chosen(200, 30_000, 10_000),
            most,
        )
    }

    #[test]
    fn what_stands_there_is_accepted_and_can_be_changed_first() {
        assert_eq!(card().accept(), Some(chosen(200, 30_000, 10_000)));
        let mut card = card();
        for _ in 0..3 {
            card.backspace();
        }
        card.push('5');
        card.push('x');
        card.push('0');
        assert_eq!(card.accept(), Some(chosen(50, 30_000, 10_000)));
    }

    #[test]
    fn a_number_above_the_settings_or_none_is_refused_with_its_row() {
        let mut card = card();
        card.push('0');
        card.push('0');
        assert_eq!(card.accept(), None);
        let picture = card.picture();
        assert!(
            picture
                .said
                .as_ref()
                .unwrap()
                .words
                .contains("1000 at the most")
        );
        card.step(false);
        for _ in 0..8 {
            card.backspace();
        }
        assert_eq!(card.accept(), None);
    }
}
