//! Who may be spoken to. Owns a list that is made before anything is dialled and never grows.

use super::{DialError, Target, names_this_host};

/// An allow-list of hosts with their ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    listed: Vec<(String, u16)>,
    this_host: bool,
}

impl Hosts {
    /// The hosts of these addresses, each on its port.
    ///
    /// # Errors
    /// When one of them is no address.
    pub fn of<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Result<Self, DialError> {
        let mut listed = Vec::new();
        for address in addresses {
            let to = Target::read(address)?;
            let row = (to.host.to_ascii_lowercase(), to.port);
            if !listed.contains(&row) {
                listed.push(row);
            }
        }
        Ok(Self {
            listed,
            this_host: false,
        })
    }

    /// This host alone, on every port.
    pub const fn this_host() -> Self {
        Self {
            listed: Vec::new(),
            this_host: true,
        }
    }

    /// Whether `to` is on the list.
    pub fn has(&self, to: &Target) -> bool {
        let host = to.host.to_ascii_lowercase();
        let listed = self
            .listed
            .iter()
            .any(|(name, port)| *name == host && *port == to.port);
        listed || (self.this_host && names_this_host(&host))
    }
}
