//! A directory for the time of a measurement.

use std::{
    fs,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use data_ops::{clock::SystemClock, types::LinkId};

/// Removed when dropped: keep it longer than the processes that write into it.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a directory nobody else can look into, where `TMPDIR` says.
    pub fn create() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("hashroute-bench-{}", LinkId::generate(&SystemClock)));
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.with_context(|| format!("no temporary directory could be made at {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether it is in memory, where syncing costs nothing and says nothing about a disk.
    pub fn is_in_memory(&self) -> bool {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let holding = mounts.lines().filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            let (point, kind) = (fields.next()?, fields.next()?);
            self.0.starts_with(point).then_some((point.len(), kind))
        });
        holding.max_by_key(|(length, _)| *length).is_some_and(|(_, kind)| matches!(kind, "tmpfs" | "ramfs"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            super::progress(&format!("the temporary directory {} could not be removed: {error}", self.0.display()));
        }
    }
}
