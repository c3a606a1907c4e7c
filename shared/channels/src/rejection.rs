//! Why a request was not taken for authentic.

/// Why a request was not taken for authentic. It never repeats what the sender sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    /// A part of the proof is absent: signature, timestamp, nonce, id or path key.
    #[error("the request carries no signature, or only a part of one")]
    MissingSignature,
    /// The proof does not fit the request: forged, altered, truncated, or made with another key.
    #[error("the signature does not fit the request")]
    BadSignature,
    /// Genuine, but its timestamp is further from our clock than the tolerance: a replay.
    #[error("the signed timestamp is outside the tolerance")]
    Stale,
    /// The envelope around the signed text cannot be read.
    #[error("the envelope cannot be read")]
    UnreadableEnvelope,
    /// Rightly signed, yet the key does not open it: `encoding_aes_key` differs from the vendor's.
    #[error("the signed text cannot be decrypted: compare encoding_aes_key with the vendor's")]
    Undecryptable,
    /// Meant for another account than the configured one.
    #[error("the decrypted text names another receiver than the configured one")]
    WrongReceiver,
    /// Sent from an address outside `allow_ips`.
    #[error("the sender's address is not in allow_ips")]
    UnknownAddress,
    /// Our own fault: the secret in Secrets Manager lacks a field.
    #[error("the secret lacks the field `{field}`")]
    SecretIncomplete {
        /// The field's name.
        field: &'static str,
    },
    /// Our own fault: a field of the secret in Secrets Manager is not what the vendor issues.
    #[error("the secret's field `{field}` is not of the vendor's form")]
    SecretMalformed {
        /// The field's name.
        field: &'static str,
    },
}

impl Rejection {
    /// The HTTP status to answer with: 401, or 503 where the fault is ours and the sender should
    /// send again.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::MissingSignature
            | Self::BadSignature
            | Self::Stale
            | Self::UnreadableEnvelope
            | Self::Undecryptable
            | Self::WrongReceiver
            | Self::UnknownAddress => 401,
            Self::SecretIncomplete { .. } | Self::SecretMalformed { .. } => 503,
        }
    }

    /// The stable name for metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingSignature => "missing_signature",
            Self::BadSignature => "bad_signature",
            Self::Stale => "stale",
            Self::UnreadableEnvelope => "unreadable_envelope",
            Self::Undecryptable => "undecryptable",
            Self::WrongReceiver => "wrong_receiver",
            Self::UnknownAddress => "unknown_address",
            Self::SecretIncomplete { .. } => "secret_incomplete",
            Self::SecretMalformed { .. } => "secret_malformed",
        }
    }
}
