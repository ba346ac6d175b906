//! Records being collected for one append, and how they are framed.
//!
//! A frame is `[length u32 LE][crc32 u32 LE][payload]`. The checksum covers the length as well, so that neither a
//! flipped bit in the length nor a stretch of zeros passes for a record.

use super::error::RecordTooLarge;

/// Bytes before each payload.
pub(super) const HEADER_BYTES: usize = 8;

/// The largest payload of one record: 16 MiB.
pub const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// Records that are appended together. Reuse it: [`RecordBatch::clear`] keeps the memory.
#[derive(Debug, Default)]
pub struct RecordBatch {
    buffer: Vec<u8>,
    /// End of the last whole frame; bytes after it were left by a `push` that failed.
    end: usize,
    records: usize,
}

impl RecordBatch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record: `write` appends its payload straight to the buffer, and must do nothing but append.
    ///
    /// # Errors
    /// The payload is larger than [`MAX_RECORD_BYTES`]; the batch is as before.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), RecordTooLarge> {
        self.buffer.truncate(self.end);
        self.buffer.extend_from_slice(&[0; HEADER_BYTES]);
        write(&mut self.buffer);
        let frame = self.buffer.get_mut(self.end..).unwrap_or_default();
        let Some((header, payload)) = frame.split_first_chunk_mut::<HEADER_BYTES>() else {
            unreachable!("the closure given to RecordBatch::push removed bytes that were there before");
        };
        let length = match u32::try_from(payload.len()) {
            Ok(length) if payload.len() <= MAX_RECORD_BYTES => length.to_le_bytes(),
            _ => return Err(RecordTooLarge { bytes: payload.len() }),
        };
        header[..4].copy_from_slice(&length);
        header[4..].copy_from_slice(&checksum(length, payload).to_le_bytes());
        self.end = self.buffer.len();
        self.records += 1;
        Ok(())
    }

    /// Adds the records of another batch.
    pub fn extend(&mut self, other: &Self) {
        self.buffer.truncate(self.end);
        self.buffer.extend_from_slice(other.bytes());
        self.end = self.buffer.len();
        self.records += other.records;
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// The framed records.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.end]
    }

    /// Forgets the records and keeps the memory.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.end = 0;
        self.records = 0;
    }
}

fn checksum(length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}

/// What stands at the start of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A whole record of this many payload bytes, after the header.
    Record { payload: usize },
    /// The beginning of a record that needs this many bytes in all.
    Partial { needed: usize },
    /// Zeros: space prepared but never written.
    Blank,
    /// Not a record.
    Broken,
}

/// Looks at the frame `bytes` begins with.
pub(super) fn parse(bytes: &[u8]) -> Frame {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Frame::Partial { needed: HEADER_BYTES };
    };
    let [a, b, c, d, e, f, g, h] = *header;
    let (length, expected) = ([a, b, c, d], u32::from_le_bytes([e, f, g, h]));
    let Ok(payload) = usize::try_from(u32::from_le_bytes(length)) else { return Frame::Broken };
    match rest.get(..payload) {
        _ if *header == [0; HEADER_BYTES] => Frame::Blank,
        _ if payload > MAX_RECORD_BYTES => Frame::Broken,
        None => Frame::Partial { needed: HEADER_BYTES + payload },
        Some(bytes) if checksum(length, bytes) == expected => Frame::Record { payload },
        Some(_) => Frame::Broken,
    }
}
