//! Names of orders, each given once.

use crate::domain::ClientId;

/// Names of orders: `<session><counter in base 36>`, each given once.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    session: String,
    counter: u64,
}

impl Ids {
    pub(super) const fn new(session: String) -> Self {
        Self {
            session,
            counter: 0,
        }
    }

    /// The name that comes next, not given yet.
    pub(super) fn peek(&self) -> Option<ClientId> {
        self.clone().next()
    }

    pub(super) fn next(&mut self) -> Option<ClientId> {
        let counter = self.counter.checked_add(1)?;
        let id = ClientId::new(&format!("{}{}", self.session, base36(counter))).ok()?;
        self.counter = counter;
        Some(id)
    }
}

/// A number in base 36, lower case.
pub fn base36(mut value: u64) -> String {
    let mut digits = Vec::with_capacity(13);
    loop {
        let digit = (value % 36) as u8;
        digits.push(if digit < 10 {
            b'0' + digit
        } else {
            b'a' + digit - 10
        });
        value /= 36;
        if value == 0 {
            break;
        }
    }
    digits.iter().rev().map(|b| char::from(*b)).collect()
}
