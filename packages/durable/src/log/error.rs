//! Errors of the log.

use std::{io, path::PathBuf};

use super::batch::MAX_RECORD_BYTES;

/// Why a log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory could not be made, listed or synced.
    #[error("the log directory {} cannot be used: is it writable, and the disk not full?", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another process has it open.
    #[error("the log directory {} is in use by another process: stop that one first", path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The file that names the log cannot be read as an identity.
    #[error("{} holds no identity: restore it, or move the whole directory away to start a new log", path.display())]
    Identity {
        /// The file.
        path: PathBuf,
    },
    /// There are segments but no identity: their consumers' positions would not be found.
    #[error("{} holds segments but no log.id: restore it, or move them away to start a new log", path.display())]
    IdentityMissing {
        /// The directory.
        path: PathBuf,
    },
    /// The committer's thread could not be started.
    #[error("the thread that syncs the log cannot be started")]
    Thread(#[source] io::Error),
}

/// A record is larger than [`MAX_RECORD_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of {bytes} bytes is larger than the limit of {MAX_RECORD_BYTES}")]
pub struct RecordTooLarge {
    /// Size of the payload.
    pub bytes: usize,
}

/// The log has reached [`LogOptions::max_bytes`](super::LogOptions::max_bytes): its consumers are too far behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log holds as much as it may ({max_bytes} bytes): its consumers have to catch up first")]
pub(super) struct LogFull {
    pub max_bytes: u64,
}

/// Records will not become durable: their sync failed, or the log was closed before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the records were written but could not be synced to the disk")]
pub struct NotDurable;
