//! The directory a browser works in: its profile, and the sockets that lead out of its jail. Gone with the browser; what a killed process
//! left behind is swept at the next start.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::jail::{self, JAILED_USER};

const PREFIX: &str = "hashroute-browser-";
const LOCK: &str = "lock";

/// A browser's directory. Removed when dropped.
pub struct Directory {
    root: TempDir,
    // Held as long as the directory is in use: the kernel lets go of it, whatever ends this process.
    _lock: File,
}

impl Directory {
    /// Makes one below `base`. Paths of sockets are short by nature (108 bytes), and so `base` must be.
    pub fn create(base: &Path) -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix(PREFIX).rand_bytes(10).tempdir_in(base)?;
        // Passable, not readable: the jailed user has to get to what is its own.
        fs::set_permissions(root.path(), Permissions::from_mode(0o711))?;
        let lock = File::create_new(root.path().join(LOCK))?;
        lock.lock()?;
        let directory = Self { root, _lock: lock };
        for own in [directory.profile(), directory.sockets()] {
            fs::create_dir(&own)?;
            fs::set_permissions(&own, Permissions::from_mode(0o700))?;
            hand_over(&own)?;
        }
        Ok(directory)
    }

    /// Where the browser keeps its profile.
    pub fn profile(&self) -> PathBuf {
        self.root.path().join("profile")
    }

    /// Where the sockets are.
    pub fn sockets(&self) -> PathBuf {
        self.root.path().join("sockets")
    }
}

/// Makes it the jailed user's, where that is another.
pub fn hand_over(path: &Path) -> io::Result<()> {
    if jail::is_root() { chown(path, Some(JAILED_USER), Some(JAILED_USER)) } else { Ok(()) }
}

/// Removes directories below `base` that no process uses any more; tells how many there were. What cannot be removed is left alone.
pub fn sweep(base: &Path) -> usize {
    let Ok(entries) = fs::read_dir(base) else { return 0 };
    let mut swept = 0;
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !is_ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let Ok(lock) = File::open(entry.path().join(LOCK)) else { continue };
        if lock.try_lock().is_ok() && fs::remove_dir_all(entry.path()).is_ok() {
            swept += 1;
        }
    }
    swept
}

/// Whether the memory that processes share is too small for a browser, as in many containers.
pub fn shared_memory_is_small() -> bool {
    const ENOUGH: u64 = 256 << 20;
    nix::sys::statvfs::statvfs("/dev/shm")
        .map_or(true, |found| found.blocks().saturating_mul(found.fragment_size()) < ENOUGH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_directories_that_nobody_uses_are_swept() {
        let base = tempfile::tempdir().unwrap();
        let used = Directory::create(base.path()).unwrap();
        let stale = base.path().join("hashroute-browser-stale");
        fs::create_dir_all(stale.join("profile")).unwrap();
        File::create(stale.join(LOCK)).unwrap();
        let other = base.path().join("something-else");
        fs::create_dir(&other).unwrap();

        assert_eq!(sweep(base.path()), 1);
        assert!(!stale.exists());
        assert!(other.exists());
        assert!(used.profile().exists());

        let path = used.root.path().to_owned();
        drop(used);
        assert!(!path.exists());
    }
}
