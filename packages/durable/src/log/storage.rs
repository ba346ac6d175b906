//! The files below the log, behind a trait so that tests can make writes fail, stop short or vanish in a power cut.

use std::{
    fmt::Debug,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::Path,
};

/// One segment being written.
pub trait SegmentFile: Send + Sync + Debug {
    /// Writes some of `bytes` at `offset` with one system call; answers how many.
    ///
    /// # Errors
    /// What the system said.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Brings the data, and the length if it grew, to the disk itself.
    ///
    /// # Errors
    /// What the system said. Some of the data may be lost, and a second call that succeeds would not change that.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file.
    ///
    /// # Errors
    /// What the system said.
    fn set_len(&self, bytes: u64) -> io::Result<()>;
}

/// Where new segments are made.
pub trait Storage: Send + Sync + Debug {
    /// Makes a new empty file whose name survives a power cut.
    ///
    /// # Errors
    /// The file exists already, or what the system said.
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;
}

/// Plain files.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalDisk;

impl Storage for LocalDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        match path.parent().map_or(Ok(()), sync_directory) {
            Ok(()) => Ok(Box::new(file)),
            Err(error) => {
                // Its name could be lost and given out again: better that it never was.
                fs::remove_file(path)?;
                Err(error)
            }
        }
    }
}

impl SegmentFile for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        File::set_len(self, bytes)
    }
}

/// Makes new and removed names in a directory survive a power cut.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Writes all of `bytes`: one system call unless the system stops short.
pub(super) fn write_whole(file: &dyn SegmentFile, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = bytes.get(written..).unwrap_or_default();
                offset += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
