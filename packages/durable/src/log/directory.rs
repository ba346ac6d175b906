//! The log's directory: its lock, its identity file and the segments in it.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{error::OpenError, storage::sync_directory};

const IDENTITY: &str = "log.id";
const LOCK: &str = "log.lock";
const EXTENSION: &str = "segment";

/// The file of a segment: names sort as the numbers do.
pub(super) fn segment_path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:020}.{EXTENSION}"))
}

/// A directory that this process alone has open.
#[derive(Debug)]
pub(super) struct LogDirectory {
    /// The log's identity.
    pub id: Uuid,
    /// The segments found, by number, with the length of their files.
    pub segments: BTreeMap<u64, Option<u64>>,
    /// Held as long as the log is open; the system lets go of it when the process ends.
    pub lock: File,
}

impl LogDirectory {
    /// Makes, locks, identifies and lists the directory.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Directory { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(failed)?;
        if let Some(parent) = path.canonicalize().map_err(failed)?.parent() {
            sync_directory(parent).map_err(failed)?;
        }
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path.join(LOCK)).map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::Locked { path: path.to_owned() },
            TryLockError::Error(source) => failed(source),
        })?;
        let segments = list(path).map_err(failed)?;
        let id = identity(path, !segments.is_empty())?;
        Ok(Self { id, segments, lock })
    }
}

fn list(path: &Path) -> io::Result<BTreeMap<u64, Option<u64>>> {
    let mut segments = BTreeMap::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        let number = name.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let Some(number) = number
            && name.extension().is_some_and(|extension| extension == EXTENSION)
        {
            // Nobody writes to it any more.
            segments.insert(number, Some(entry.metadata()?.len()));
        }
    }
    Ok(segments)
}

/// Reads the identity, or gives a new directory one. Where there are no segments, their numbers begin again at 1, which
/// makes it another log: a log that was closed has its last segment, so somebody deleted them.
fn identity(directory: &Path, has_segments: bool) -> Result<Uuid, OpenError> {
    let path = directory.join(IDENTITY);
    let failed = |source| OpenError::Directory { path: directory.to_owned(), source };
    match fs::read(&path) {
        Ok(_) if !has_segments => write_identity(directory).map_err(failed),
        Ok(bytes) => std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .ok_or(OpenError::Identity { path }),
        Err(error) if error.kind() == io::ErrorKind::NotFound && has_segments => {
            Err(OpenError::IdentityMissing { path: directory.to_owned() })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => write_identity(directory).map_err(failed),
        Err(source) => Err(failed(source)),
    }
}

/// Makes an identity: written beside, synced and renamed, so that it is whole or absent.
pub(super) fn write_identity(directory: &Path) -> io::Result<Uuid> {
    let id = Uuid::new_v4();
    let temporary = directory.join("log.id.new");
    let mut file = File::create(&temporary)?;
    file.write_all(format!("{id}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, directory.join(IDENTITY))?;
    sync_directory(directory)?;
    Ok(id)
}
