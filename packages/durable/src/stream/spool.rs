//! The file with a node's confirmed position, and the records that never fit into a message.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use uuid::Uuid;

use crate::log::{LogRecord, Position, sync_directory};

const FILE: &str = "stream.position";
const UNFORWARDED: &str = "unforwarded";

/// The position stored under this identity of the log. A file that cannot be understood says nothing: then everything
/// there is is published again.
pub(super) fn read(directory: &Path, log: Uuid) -> io::Result<Option<Position>> {
    let text = match fs::read(directory.join(FILE)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let stored = parse(&text);
    if stored.is_none() {
        tracing::warn!("the position in {FILE} cannot be read: the log is published again from its start");
    }
    Ok(stored.filter(|(of, _)| *of == log).map(|(_, position)| position))
}

fn parse(text: &str) -> Option<(Uuid, Position)> {
    let mut parts = text.split_whitespace();
    let log = parts.next()?.parse().ok()?;
    let (segment, offset) = parts.next()?.split_once(':')?;
    parts.next().is_none().then_some((log, Position::new(segment.parse().ok()?, offset.parse().ok()?)))
}

/// Stores the position: written beside, synced and renamed, so that it is whole and survives a power cut before anything
/// behind it is deleted.
pub(super) fn write(directory: &Path, log: Uuid, position: Position) -> io::Result<()> {
    write_whole(directory, FILE, format!("{log} {position}\n").as_bytes())
}

/// The position stored under this identity of the log, which is then stored no more.
pub(super) fn take(directory: &Path, log: Uuid) -> io::Result<Option<Position>> {
    let stored = read(directory, log)?;
    match fs::remove_file(directory.join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => sync_directory(directory)?,
    }
    Ok(stored)
}

/// Keeps a record for a person to look at.
pub(super) fn keep(directory: &Path, record: &LogRecord) -> io::Result<()> {
    let directory = directory.join(UNFORWARDED);
    fs::create_dir_all(&directory)?;
    let Position { segment, offset } = record.start;
    write_whole(&directory, &format!("{segment}-{offset}.record"), &record.payload)
}

fn write_whole(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = directory.join(format!("{name}.new"));
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, directory.join(name))?;
    sync_directory(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_of_one_log_and_whole_or_absent() {
        let directory = tempfile::tempdir().unwrap();
        let (log, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(read(directory.path(), log).unwrap(), None);
        let position = Position::new(12, 34_567);
        write(directory.path(), log, position).unwrap();
        assert_eq!(read(directory.path(), log).unwrap(), Some(position));
        assert_eq!(read(directory.path(), other).unwrap(), None);
        for damaged in ["", "00", "00000000-0000-0000-0000-000000000001 12", "00000000-0000-0000-0000-000000000001 1:x"]
        {
            fs::write(directory.path().join(FILE), damaged).unwrap();
            assert_eq!(read(directory.path(), log).unwrap(), None, "{damaged}");
        }
        write(directory.path(), log, position).unwrap();
        assert_eq!(take(directory.path(), log).unwrap(), Some(position));
        assert_eq!(take(directory.path(), log).unwrap(), None);
    }
}
