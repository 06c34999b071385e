//! What can be wrong with pasted text. A sentence each; none quotes the text.

/// Where the text was pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The API key.
    ApiKey,
    /// The secret or the private key.
    Secret,
}

impl Field {
    /// As it begins a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ApiKey => "API key",
            Self::Secret => "Secret",
        }
    }

    /// The other one, inside a sentence.
    const fn other(self) -> &'static str {
        match self {
            Self::ApiKey => "secret",
            Self::Secret => "API key",
        }
    }
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// Nothing, or nothing but blanks and quotes.
    #[error("{}: nothing is entered", .0.title())]
    Empty(Field),
    /// Not UTF-8, or control characters.
    #[error("{}: this is not text; copy it again", .0.title())]
    NotText(Field),
    /// More than 16 KiB.
    #[error("{}: longer than 16 KiB; copy the key alone", .0.title())]
    TooLong(Field),
    /// A web address.
    #[error("{}: this is a web address; copy the key itself", .0.title())]
    Url(Field),
    /// A command line, a path or the name of a file.
    #[error("{}: this is a command or a file's name; paste what is in the file", .0.title())]
    Command(Field),
    /// Several words.
    #[error("{}: these are words, as in a passphrase; a key has no blanks", .0.title())]
    Words(Field),
    /// Both halves in one field.
    #[error("{}: both halves stand here; paste each into its own field", .0.title())]
    Both(Field),
    /// The other half.
    #[error("{}: here stands the {}; the two seem to be swapped", .0.title(), .0.other())]
    Swapped(Field),
    /// The same text in both fields.
    #[error("Secret: the same text stands in both fields; copy the secret again")]
    Same,
    /// The same text two or more times in a row.
    #[error("{}: pasted more than once; clear the field and paste again", .0.title())]
    Repeated(Field),
    /// As another venue writes it.
    #[error("{field}: this looks like one of {venue}; choose that exchange, or paste the right key", field = .field.title())]
    OtherVenue {
        /// Where.
        field: Field,
        /// Whose.
        venue: &'static str,
    },
    /// Too short by what the venue writes.
    #[error("{field}: {have} characters, {venue} gives {want}; the end is missing, copy it whole", field = .field.title())]
    Cut {
        /// Where.
        field: Field,
        /// Characters that are there.
        have: usize,
        /// Characters of a whole one.
        want: usize,
        /// Whose.
        venue: &'static str,
    },
    /// Too long by what the venue writes.
    #[error("{field}: {have} characters, {venue} gives {want}; something else was copied with it", field = .field.title())]
    Extra {
        /// Where.
        field: Field,
        /// Characters that are there.
        have: usize,
        /// Characters of a whole one.
        want: usize,
        /// Whose.
        venue: &'static str,
    },
    /// Nothing that the venue writes.
    #[error("{field}: {venue} gives nothing that looks like this; copy it again", field = .field.title())]
    Shape {
        /// Where.
        field: Field,
        /// Whose.
        venue: &'static str,
    },
    /// The public half.
    #[error("{}", public_words(*.0))]
    PublicKey(Field),
    /// A certificate or a request for one.
    #[error("{}: this is a certificate; the private key is another file", .0.title())]
    Certificate(Field),
    /// A private key under a passphrase of its own.
    #[error(
        "Secret: this private key has a passphrase; take it off with `openssl pkey -in key.pem`, the vault encrypts it again"
    )]
    Encrypted,
    /// An SSH key.
    #[error(
        "Secret: this is an SSH key (OpenSSH or PuTTY); make a pair with `lancet keys generate`"
    )]
    Ssh,
    /// An elliptic-curve key that is not Ed25519.
    #[error(
        "Secret: this is an elliptic-curve key, not Ed25519; make a pair with `lancet keys generate`"
    )]
    EllipticCurve,
    /// Some other private key.
    #[error("Secret: a private key of an unknown kind; exchanges take Ed25519 and RSA")]
    UnknownKind,
    /// The end of a PEM is missing.
    #[error("Secret: the private key is cut short; copy all of it, from BEGIN to the END line")]
    PemCut,
    /// A PEM whose contents do not decode or do not agree.
    #[error("Secret: the private key is damaged; copy the file again")]
    PemDamaged,
    /// A weak RSA key.
    #[error("Secret: an RSA key of {0} bits is too weak; exchanges ask for 2048 or more")]
    RsaShort(usize),
    /// An RSA key that the signer does not take.
    #[error("Secret: an RSA key of {0} bits is longer than Lancet can sign with (4096)")]
    RsaLong(usize),
    /// A good key of a kind that the venue does not take.
    #[error("Secret: {venue} takes no {kind} keys")]
    Kind {
        /// Which.
        kind: &'static str,
        /// Whose.
        venue: &'static str,
    },
}

const fn public_words(field: Field) -> &'static str {
    match field {
        Field::ApiKey => {
            "API key: this is the public key; give it to the exchange, and enter the API key that it answers with"
        }
        Field::Secret => {
            "Secret: this is the public key; give it to the exchange, here belongs the private one"
        }
    }
}

impl Mistake {
    /// The field that has to be entered again.
    pub const fn field(&self) -> Field {
        match self {
            Self::Empty(field)
            | Self::NotText(field)
            | Self::TooLong(field)
            | Self::Url(field)
            | Self::Command(field)
            | Self::Words(field)
            | Self::Both(field)
            | Self::Swapped(field)
            | Self::Repeated(field)
            | Self::PublicKey(field)
            | Self::Certificate(field)
            | Self::OtherVenue { field, .. }
            | Self::Cut { field, .. }
            | Self::Extra { field, .. }
            | Self::Shape { field, .. } => *field,
            Self::Same
            | Self::Encrypted
            | Self::Ssh
            | Self::EllipticCurve
            | Self::UnknownKind
            | Self::PemCut
            | Self::PemDamaged
            | Self::RsaShort(_)
            | Self::RsaLong(_)
            | Self::Kind { .. } => Field::Secret,
        }
    }
}
