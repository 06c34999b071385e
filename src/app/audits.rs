//! Asks what the key in use may do, at the start and then every hour, beside the loop.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;

use super::keyring::Held;
use super::standing::standing;
use crate::clock;
use crate::engine::key::KeyStanding;
use crate::exchange::dial::Net;
use crate::exchange::{Endpoints, Venue, audit};
use crate::journal::Accounts;

/// Between two audits.
const AGAIN: Duration = Duration::from_secs(60 * 60);
/// Until a venue that could not be asked is asked again.
const SOON: Duration = Duration::from_secs(60);

/// What an audit needs.
pub struct Audits {
    /// Whose key.
    pub venue: &'static Venue,
    /// Where.
    pub endpoints: Endpoints,
    /// How it is reached.
    pub net: Net,
    /// The key.
    pub held: Held,
    /// Where good answers are remembered.
    pub state: PathBuf,
}

impl Audits {
    /// Audits until nobody listens any more.
    pub async fn run(self, standings: mpsc::Sender<KeyStanding>) {
        let print = self.held.credentials.fingerprint();
        loop {
            if standings.send(KeyStanding::Asking).await.is_err() {
                return;
            }
            let found = audit::run(
                self.venue,
                &self.net,
                &self.endpoints,
                &self.held.credentials,
            )
            .await;
            let now_ms = clock::now().wall_ms();
            let remembered = Accounts::load(&self.state).verified(&print);
            let verified = remembered.max(self.held.verified_ms);
            let stands = standing(&found, &self.held.accepted, verified, now_ms);
            if matches!(stands, KeyStanding::Good(_)) {
                self.remember(&print, now_ms);
            }
            let wait = match stands {
                KeyStanding::Amber(_) | KeyStanding::Unverified(_) => SOON,
                _ => AGAIN,
            };
            if standings.send(stands).await.is_err() {
                return;
            }
            tokio::select! {
                () = standings.closed() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// On a thread of its own: the loop waits for no disk.
    fn remember(&self, print: &str, now_ms: i64) {
        let (state, print) = (self.state.clone(), print.to_owned());
        tokio::task::spawn_blocking(move || {
            if let Err(why) = Accounts::change(&state, |accounts| accounts.verify(&print, now_ms)) {
                tracing::warn!("cannot remember that the key was verified: {why}");
            }
        });
    }
}
