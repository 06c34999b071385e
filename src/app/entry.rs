//! Shows the key-entry form and does what it asks: asks the venue, keeps the key in the vault. Both happen beside the loop, which
//! takes their answers as events.

use std::net::{IpAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::channel;
use super::keyring::{Held, make};
use super::site::Chosen;
use crate::clock;
use crate::config::Folders;
use crate::domain::Environment;
use crate::exchange::Venue;
use crate::exchange::audit::{self, Findings};
use crate::exchange::dial::Net;
use crate::input::chord::Code;
use crate::input::key::Key;
use crate::ui::form::FormPicture;
use crate::vault::form::{Candidate, Finished, Form, Start, Typed, VaultState, Wish};
use crate::vault::{StoredKey, Vault, VaultError};

/// Where a venue is in a world, and the net that reaches it; in words why not.
pub type Places = Box<dyn Fn(&'static Venue, Environment) -> Result<(Chosen, Net), String>>;

/// What came back.
pub enum Answer {
    /// The venue's answers about the key.
    Tested(Box<Findings>),
    /// The vault has the key, or says why not; the vault comes back with it.
    Kept(Box<Kept>),
}

/// What became of keeping a key.
pub struct Kept {
    vault: Option<Vault>,
    result: Result<Entered, String>,
}

/// A key that was entered, tested and kept.
pub struct Entered {
    /// Whose.
    pub venue: &'static Venue,
    /// In which world.
    pub environment: Environment,
    /// The key.
    pub key: Held,
}

/// How the form goes on.
pub enum Step {
    /// It stays.
    Stay,
    /// It is left without a key.
    Leave,
    /// It has done its work.
    Done(Entered),
}

/// An open form.
pub struct Entry {
    form: Form,
    places: Places,
    vault: Option<Vault>,
    dir: PathBuf,
    found: Findings,
    answers_in: mpsc::Sender<Answer>,
    /// What comes back, for the loop to wait on.
    pub answers: mpsc::Receiver<Answer>,
}

/// What a form is opened with.
pub struct Opening {
    /// The venue to begin with.
    pub venue: &'static Venue,
    /// The worlds that can be chosen, the one to begin with in front.
    pub environments: Vec<Environment>,
    /// Where each venue is.
    pub places: Places,
    /// The vault, if it is open.
    pub vault: Option<Vault>,
    /// Why it is open, in words.
    pub why: String,
}

impl Entry {
    /// Opens the form.
    pub fn open(opening: Opening, folders: &Folders) -> Self {
        let (answers_in, answers) = channel::answers();
        let keys = opening.vault.as_ref().map_or(&[][..], Vault::keys);
        let vault = match (&opening.vault, Vault::exists(&folders.data)) {
            (Some(_), _) => VaultState::Open,
            (None, true) => VaultState::Closed,
            (None, false) => VaultState::Missing,
        };
        let waiting = keys.iter().filter(|key| key.api_key.is_none());
        let form = Form::new(Start {
            venue: opening.venue,
            host: this_host(),
            environments: opening.environments,
            vault,
            waiting: waiting.map(copy).collect(),
            taken: keys.iter().map(|key| key.label).collect(),
            why: opening.why,
        });
        Self {
            form,
            places: opening.places,
            vault: opening.vault,
            dir: folders.data.clone(),
            found: Findings::default(),
            answers_in,
            answers,
        }
    }

    /// The form as it is drawn.
    pub fn picture(&self) -> Arc<FormPicture> {
        Arc::new(self.form.picture())
    }

    /// Takes a key.
    pub fn typed(&mut self, key: &Key) -> Step {
        let Some(typed) = typed(key) else {
            return Step::Stay;
        };
        match self.form.key(typed) {
            Wish::Nothing => Step::Stay,
            Wish::Leave => Step::Leave,
            Wish::Test(candidate) => {
                self.test(*candidate);
                Step::Stay
            }
            Wish::Save(finished) => {
                self.keep(*finished);
                Step::Stay
            }
        }
    }

    /// Takes pasted bytes.
    pub fn pasted(&mut self, bytes: &[u8]) {
        self.form.paste(bytes);
    }

    /// Says something about the keys themselves.
    pub fn note(&mut self, words: &str) {
        self.form.note(words);
    }

    /// Takes what came back.
    pub fn answered(&mut self, answer: Answer) -> Step {
        let now_ms = clock::now().wall_ms();
        match answer {
            Answer::Tested(found) => {
                self.found = (*found).clone();
                self.form.tested(*found, now_ms);
                Step::Stay
            }
            Answer::Kept(kept) => {
                self.vault = kept.vault;
                match kept.result {
                    Ok(entered) => Step::Done(entered),
                    Err(words) => {
                        self.form
                            .refused_by_vault(self.found.clone(), &words, now_ms);
                        Step::Stay
                    }
                }
            }
        }
    }

    fn test(&self, candidate: Candidate) {
        let answers = self.answers_in.clone();
        let place = (self.places)(candidate.venue, candidate.environment);
        tokio::task::spawn_local(async move {
            let found = match place {
                Ok((site, net)) => {
                    audit::run(
                        candidate.venue,
                        &net,
                        &site.endpoints,
                        &candidate.credentials,
                    )
                    .await
                }
                Err(why) => Findings::unreachable(&why),
            };
            // A form that was left asks nothing any more.
            let _ = answers.send(Answer::Tested(Box::new(found))).await;
        });
    }

    /// Encrypting takes a core for a fifth of a second: not in the loop's thread.
    fn keep(&mut self, finished: Finished) {
        let answers = self.answers_in.clone();
        let (vault, dir) = (self.vault.take(), self.dir.clone());
        tokio::task::spawn_blocking(move || {
            let mut vault = vault;
            let result = keep(&mut vault, &dir, finished);
            // As above.
            let _ = answers.blocking_send(Answer::Kept(Box::new(Kept { vault, result })));
        });
    }
}

fn keep(
    vault: &mut Option<Vault>,
    dir: &std::path::Path,
    finished: Finished,
) -> Result<Entered, String> {
    let Finished { key, passphrase } = finished;
    let held = Held::of(&key).map_err(|why| why.to_string())?;
    let venue = crate::exchange::venue(&key.venue).ok_or("no such venue")?;
    let environment = key.environment;
    let opened = match (vault.take(), passphrase) {
        (Some(open), _) => open,
        (None, Some(word)) if Vault::exists(dir) => told(Vault::open(dir, &word))?,
        (None, Some(word)) => told(make(dir, &word))?,
        (None, None) => return Err("the vault is not open".to_owned()),
    };
    let opened = vault.insert(opened);
    may_put(opened.keys(), &key)?;
    told(opened.change(|keys| put(keys, key)))??;
    Ok(Entered {
        venue,
        environment,
        key: held,
    })
}

/// Adds a key, or completes the pair that waited for it.
///
/// # Errors
/// As [`may_put`].
pub fn put(keys: &mut Vec<StoredKey>, key: StoredKey) -> Result<(), String> {
    may_put(keys, &key)?;
    keys.retain(|old| old.label != key.label);
    keys.push(key);
    Ok(())
}

/// Asked before a vault is written: a label has one key, but for a pair that waits for its API key.
///
/// # Errors
/// When the label is another key's.
pub fn may_put(keys: &[StoredKey], key: &StoredKey) -> Result<(), String> {
    let taken = |old: &&StoredKey| {
        let waits =
            old.api_key.is_none() && old.venue == key.venue && old.environment == key.environment;
        old.label == key.label && !waits
    };
    match keys.iter().find(taken) {
        Some(old) => Err(format!("the label {} is taken", old.label)),
        None => Ok(()),
    }
}

fn told<T>(result: Result<T, VaultError>) -> Result<T, String> {
    result.map_err(|why| why.to_string())
}

fn copy(key: &StoredKey) -> StoredKey {
    StoredKey {
        label: key.label,
        venue: key.venue.clone(),
        environment: key.environment,
        api_key: None,
        material: key.material.copy(),
        passphrase: None,
        created_ms: key.created_ms,
        view_only: None,
        accepted: Vec::new(),
        audited_ms: None,
    }
}

/// The address that this host shows to the world, as far as it knows: that of its way out. Nothing is sent.
fn this_host() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    // An address of the documentation: a way to it is a way out.
    socket.connect(("192.0.2.1", 9)).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_unspecified()).then_some(address)
}

fn typed(key: &Key) -> Option<Typed> {
    let stroke = key.stroke;
    if stroke.ctrl || stroke.alt {
        return None;
    }
    Some(match stroke.code {
        Code::Char(c) => Typed::Char(c),
        Code::Enter => Typed::Enter,
        Code::Tab if stroke.shift => Typed::Back,
        Code::Tab | Code::Down => Typed::Next,
        Code::Up => Typed::Back,
        Code::Left => Typed::Left,
        Code::Right => Typed::Right,
        Code::Backspace => Typed::Backspace,
        Code::Esc => Typed::Esc,
        _ => return None,
    })
}
