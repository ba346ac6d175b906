//! Reading the log from a position on.

use std::{fs::File, io, os::unix::fs::FileExt, sync::Arc};

use bytes::Bytes;

use super::{
    Position,
    batch::{Frame, HEADER_BYTES, parse},
    directory::segment_path,
    sink::LogRecord,
    state::Shared,
};

/// Bytes read from a file at once.
const CHUNK_BYTES: u64 = 1024 * 1024;

/// What one read found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadBatch {
    /// The records, in the order they were appended.
    pub records: Vec<LogRecord>,
    /// Where the next read goes on: the position to store once all the records are applied.
    pub next: Position,
    /// Segments that should have been read and were not there: somebody deleted them.
    pub missing_segments: u64,
    /// Bytes that are no whole record: the end of a segment whose process or machine died while writing it.
    pub torn_bytes: u64,
    /// Whether the read ended at one of its limits, with more to be read.
    pub full: bool,
}

/// Reads records up to [`Log::readable`](super::Log::readable). Reads block on the file system.
#[derive(Debug)]
pub struct LogReader {
    shared: Arc<Shared>,
    position: Position,
    open: Option<(u64, File)>,
    /// The segment last found missing, and reported.
    missing: Option<u64>,
}

/// What lies ahead in the segment being read.
enum Ahead {
    /// Records may follow until this offset.
    Until(u64),
    /// The segment is over.
    Over,
    /// The file is not there.
    Missing,
}

impl LogReader {
    pub(super) fn new(shared: Arc<Shared>, from: Option<Position>) -> Self {
        let oldest = {
            let state = shared.state();
            Position::new(state.segments.keys().next().copied().unwrap_or(state.end.segment), 0)
        };
        let limit = *shared.readable.borrow();
        let position = match from {
            Some(from) if from > limit => {
                shared.metrics.positions_ahead.increment(1);
                tracing::error!(
                    log = %shared.id(), position = %from, %oldest,
                    "a position is ahead of the log: reading from the start"
                );
                oldest
            }
            Some(from) => from,
            None => oldest,
        };
        Self { shared, position, open: None, missing: None }
    }

    /// Where the next read begins.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether there may be something to read.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.position < *self.shared.readable.borrow()
    }

    /// Reads at most `max_records` records of about `max_bytes` in all, at least one if there is one.
    ///
    /// # Errors
    /// The file system failed. The position is as before: the same read can be tried again.
    pub fn read(&mut self, max_records: usize, max_bytes: usize) -> io::Result<ReadBatch> {
        let limit = *self.shared.readable.borrow();
        let from = self.position;
        let result = self.read_upto(limit, max_records, max_bytes);
        if result.is_err() {
            self.position = from;
        }
        result
    }

    fn read_upto(&mut self, limit: Position, max_records: usize, max_bytes: usize) -> io::Result<ReadBatch> {
        let mut batch = ReadBatch::default();
        let mut bytes = 0;
        while self.position < limit {
            if batch.records.len() >= max_records || bytes >= max_bytes {
                batch.full = true;
                break;
            }
            match self.ahead(limit)? {
                Ahead::Until(end) => {
                    let before = batch.records.len();
                    self.read_chunk(&mut batch, end, max_records, max_bytes - bytes)?;
                    bytes += batch.records.iter().skip(before).map(|record| record.payload.len()).sum::<usize>();
                }
                Ahead::Over => self.skip_to_next_segment(&mut batch, limit, 0),
                Ahead::Missing => self.skip_to_next_segment(&mut batch, limit, 1),
            }
        }
        batch.next = self.position;
        Ok(batch)
    }

    fn ahead(&mut self, limit: Position) -> io::Result<Ahead> {
        let number = self.position.segment;
        if self.open.as_ref().is_none_or(|(open, _)| *open != number) {
            self.open = None;
            if self.missing == Some(number) || self.shared.state().segments.get(&number) == Some(&Some(0)) {
                return Ok(Ahead::Over);
            }
            match File::open(segment_path(&self.shared.options.directory, number)) {
                Ok(file) => self.open = Some((number, file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.missing = Some(number);
                    self.shared.abandon(number);
                    return Ok(Ahead::Missing);
                }
                Err(error) => return Err(error),
            }
        }
        let end = if number == limit.segment {
            limit.offset
        } else {
            let known = self.shared.state().segments.get(&number).copied().flatten();
            match (known, &self.open) {
                (Some(length), _) => length,
                (None, Some((_, file))) => file.metadata()?.len(),
                (None, None) => 0,
            }
        };
        Ok(if self.position.offset < end { Ahead::Until(end) } else { Ahead::Over })
    }

    /// Reads the records of one chunk of the open segment.
    fn read_chunk(&mut self, batch: &mut ReadBatch, end: u64, max_records: usize, max_bytes: usize) -> io::Result<()> {
        let Some((number, file)) = &self.open else { return Ok(()) };
        let number = *number;
        let mut wanted = CHUNK_BYTES;
        let (chunk, frame) = loop {
            let length = usize::try_from(wanted.min(end - self.position.offset)).map_err(io::Error::other)?;
            let chunk = Bytes::from(read_at_most(file, self.position.offset, length)?);
            let frame = parse(&chunk);
            match frame {
                // A record larger than a chunk.
                Frame::Partial { needed }
                    if needed > chunk.len()
                        && chunk.len() == length
                        && (length as u64) < end - self.position.offset =>
                {
                    wanted = needed as u64;
                }
                frame => break (chunk, frame),
            }
        };
        let mut frame = frame;
        let mut used = 0;
        let mut bytes = 0;
        while let Frame::Record { payload } = frame {
            let start = self.position;
            let next = used + HEADER_BYTES + payload;
            self.position.offset += (HEADER_BYTES + payload) as u64;
            batch.records.push(LogRecord {
                start,
                end: self.position,
                payload: chunk.slice(used + HEADER_BYTES..next),
            });
            used = next;
            bytes += payload;
            if batch.records.len() >= max_records || bytes >= max_bytes {
                return Ok(());
            }
            frame = parse(&chunk[used..]);
        }
        let at_end = self.position.offset == end;
        let more_in_file = self.position.offset + ((chunk.len() - used) as u64) < end && used > 0;
        match frame {
            _ if at_end => {}
            Frame::Partial { .. } if more_in_file => {}
            frame => {
                // Nothing after a broken frame can be told from noise: go on at the next place known to be a record's
                // start.
                if frame != Frame::Blank {
                    let torn = end - self.position.offset;
                    batch.torn_bytes += torn;
                    self.shared.metrics.torn_segments.increment(1);
                    self.shared.metrics.torn_bytes.increment(torn);
                    tracing::warn!(
                        segment = number,
                        offset = self.position.offset,
                        bytes = torn,
                        "a log segment ends in bytes that are no record (a crash or a damaged disk): skipped"
                    );
                }
                self.position.offset = end;
            }
        }
        Ok(())
    }

    fn skip_to_next_segment(&mut self, batch: &mut ReadBatch, limit: Position, gone: u64) {
        let number = self.position.segment;
        let next = self.shared.state().segments.range(number + 1..).next().map(|(next, _)| *next);
        // The limit's own segment is gone only if somebody deleted the file under a running log.
        let next = next.filter(|next| *next <= limit.segment).map_or(limit, |next| Position::new(next, 0));
        let missing = gone + next.segment.saturating_sub(number + 1);
        if missing > 0 {
            batch.missing_segments += missing;
            self.shared.metrics.missing_segments.increment(missing);
            tracing::error!(
                after = number,
                before = next.segment,
                missing,
                "log segments were deleted before they were read: their records are lost to this reader"
            );
        }
        self.open = None;
        self.position = next;
    }
}

/// Reads `length` bytes, or what there is of them.
fn read_at_most(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(buffer)
}
