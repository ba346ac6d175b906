//! The data directory: made if missing, writable, and used by one process at a time.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirectoryError {
    /// It cannot be made.
    #[error("the data directory {path} cannot be created; check `data_dir` (HASHROUTE_DATA_DIR)")]
    NotCreated {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It cannot be written.
    #[error(
        "the data directory {path} is not writable by this user; change its owner, or choose another with `data_dir` (HASHROUTE_DATA_DIR)"
    )]
    NotWritable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another process has it.
    #[error(
        "another Hashroute process is using the data directory {path}; stop it, or choose another with `data_dir` (HASHROUTE_DATA_DIR)"
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
}

/// The directory, locked for this process until dropped (or until the process ends, however it ends).
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

impl DataDirectory {
    /// Makes and locks it.
    pub fn lock(path: &Path) -> Result<Self, DataDirectoryError> {
        let path = path.to_owned();
        fs::create_dir_all(&path).map_err(|source| DataDirectoryError::NotCreated { path: path.clone(), source })?;
        let lock = File::options().create(true).truncate(false).write(true).open(path.join("hashroute.lock"));
        let lock = lock.map_err(|source| DataDirectoryError::NotWritable { path: path.clone(), source })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataDirectoryError::InUse { path }),
            Err(TryLockError::Error(source)) => Err(DataDirectoryError::NotWritable { path, source }),
        }
    }

    /// Where captured clicks are.
    pub fn clicks_log(&self) -> PathBuf {
        self.path.join("clicks-log")
    }

    /// Where screenshots and pages are, unless said otherwise.
    pub fn artifacts(&self) -> PathBuf {
        self.path.join("artifacts")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/data");
        let first = DataDirectory::lock(&path).unwrap();
        let error = DataDirectory::lock(&path).unwrap_err();
        assert!(matches!(error, DataDirectoryError::InUse { .. }), "{error}");
        drop(first);
        DataDirectory::lock(&path).unwrap();
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let message = DataDirectory::lock(file.path()).unwrap_err().to_string();
        assert!(message.contains("HASHROUTE_DATA_DIR"), "{message}");
    }
}
