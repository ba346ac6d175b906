//! What one message of the stream holds: records of one log, each with its place there.
//!
//! Layout, version 1, little endian: the bytes `hrs` and a version u8, a crc32 u32 of all that follows, the log's identity
//! (16 bytes), then for each record its segment u64, its offset u64, its length u32 and its payload. Old versions must stay
//! readable, since messages outlive an upgrade.

use bytes::Bytes;
use uuid::Uuid;

use super::StreamRecord;
use crate::log::{LogRecord, Position};

const MAGIC: [u8; 3] = *b"hrs";
const VERSION: u8 = 1;
const CHECKSUM_AT: usize = 4;
const LOG_AT: usize = 8;
const RECORDS_AT: usize = 24;
/// Before each payload.
const PLACE_BYTES: usize = 20;

/// Records ready to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The same for the same records, cut the same way, and for nothing else: the server keeps only one of each.
    pub id: String,
    pub payload: Bytes,
    pub records: usize,
}

/// A record too large for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of {bytes} bytes does not fit into a message of NATS, which may have {limit} (`max_payload`)")]
pub(super) struct TooLarge {
    pub bytes: usize,
    pub limit: usize,
}

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum OpenError {
    /// Written by a later version: for a node that has it.
    #[error("the message has layout {0}, which this version cannot read")]
    Newer(u8),
    /// Not ours, or not whole.
    #[error("the message is no envelope of records: {0}")]
    Damaged(&'static str),
}

/// Puts the records into envelopes of at most `limit` bytes.
pub(super) fn seal(log: Uuid, records: &[LogRecord], limit: usize) -> Result<Vec<Envelope>, TooLarge> {
    let size = |record: &LogRecord| PLACE_BYTES + record.payload.len();
    let mut envelopes = Vec::new();
    let mut rest = records;
    while let Some(first) = rest.first() {
        if RECORDS_AT + size(first) > limit {
            return Err(TooLarge { bytes: first.payload.len(), limit: limit.saturating_sub(RECORDS_AT + PLACE_BYTES) });
        }
        let mut bytes = RECORDS_AT;
        let fitting = rest.iter().take_while(|record| {
            bytes += size(record);
            bytes <= limit
        });
        let (now, later) = rest.split_at(fitting.count());
        envelopes.push(one(log, now));
        rest = later;
    }
    Ok(envelopes)
}

fn one(log: Uuid, records: &[LogRecord]) -> Envelope {
    let size = records.iter().map(|record| PLACE_BYTES + record.payload.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(RECORDS_AT + size);
    bytes.extend_from_slice(&MAGIC);
    bytes.push(VERSION);
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(log.as_bytes());
    for record in records {
        bytes.extend_from_slice(&record.start.segment.to_le_bytes());
        bytes.extend_from_slice(&record.start.offset.to_le_bytes());
        // A message is far smaller than 4 GiB.
        bytes.extend_from_slice(&u32::try_from(record.payload.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&record.payload);
    }
    let checksum = crc32fast::hash(&bytes[LOG_AT..]);
    bytes[CHECKSUM_AT..LOG_AT].copy_from_slice(&checksum.to_le_bytes());
    let start = records.first().map(|record| record.start).unwrap_or_default();
    let end = records.last().map(|record| record.end).unwrap_or_default();
    Envelope { id: format!("{log}-{start}-{end}-{checksum:08x}"), payload: bytes.into(), records: records.len() }
}

/// The records of a message.
pub(super) fn open(message: &Bytes) -> Result<Vec<StreamRecord>, OpenError> {
    let Some((head, body)) = message.split_first_chunk::<LOG_AT>() else {
        return Err(OpenError::Damaged("it is too short"));
    };
    let [a, b, c, version, checksum @ ..] = *head;
    if [a, b, c] != MAGIC {
        return Err(OpenError::Damaged("it begins with something else"));
    }
    if version != VERSION {
        return Err(OpenError::Newer(version));
    }
    if crc32fast::hash(body) != u32::from_le_bytes(checksum) {
        return Err(OpenError::Damaged("its checksum does not match"));
    }
    let mut input = Input { message, at: LOG_AT };
    let log = Uuid::from_bytes(input.take()?);
    let mut records = Vec::new();
    while input.at < message.len() {
        let position = Position::new(u64::from_le_bytes(input.take()?), u64::from_le_bytes(input.take()?));
        let length = usize::try_from(u32::from_le_bytes(input.take()?)).map_err(|_| SHORT)?;
        let end = input.at.checked_add(length).filter(|end| *end <= message.len()).ok_or(SHORT)?;
        records.push(StreamRecord { log, position, payload: message.slice(input.at..end) });
        input.at = end;
    }
    Ok(records)
}

const SHORT: OpenError = OpenError::Damaged("it ends within a record");

struct Input<'a> {
    message: &'a Bytes,
    at: usize,
}

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], OpenError> {
        let taken = self.message.get(self.at..).and_then(|rest| rest.first_chunk::<N>()).ok_or(SHORT)?;
        self.at += N;
        Ok(*taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LOG: Uuid = Uuid::from_u128(5);

    fn records(payloads: &[Vec<u8>]) -> Vec<LogRecord> {
        let mut offset = 0;
        let record = |payload: &Vec<u8>| {
            let start = Position::new(3, offset);
            offset += 8 + payload.len() as u64;
            LogRecord { start, end: Position::new(3, offset), payload: payload.clone().into() }
        };
        payloads.iter().map(record).collect()
    }

    proptest! {
        #[test]
        fn records_come_out_as_they_went_in(payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..40)) {
            let records = records(&payloads);
            let envelopes = seal(LOG, &records, 150).unwrap();
            prop_assert!(envelopes.iter().all(|envelope| envelope.payload.len() <= 150));
            let opened: Vec<StreamRecord> = envelopes.iter().flat_map(|envelope| open(&envelope.payload).unwrap()).collect();
            let expected = records.into_iter().map(|record| StreamRecord { log: LOG, position: record.start, payload: record.payload });
            prop_assert_eq!(opened, expected.collect::<Vec<_>>());
        }

        #[test]
        fn damage_is_an_error_never_a_panic(at: proptest::sample::Index, bit in 0..8_u32, cut: proptest::sample::Index) {
            let whole = one(LOG, &records(&[vec![1; 20], vec![2; 9]])).payload;
            let mut flipped = whole.to_vec();
            let at = at.index(flipped.len());
            flipped[at] ^= 1 << bit;
            prop_assert!(open(&flipped.into()).is_err());
            prop_assert!(open(&whole.slice(..cut.index(whole.len()))).is_err());
        }
    }

    #[test]
    fn an_id_is_of_the_records_and_of_how_they_were_cut() {
        let all = records(&[vec![1], vec![2], vec![3]]);
        let id = |records: &[LogRecord]| one(LOG, records).id;
        assert_eq!(id(&all), id(&all));
        assert_ne!(id(&all), id(&all[..2]), "fewer: the server must not take the longer one for the same");
        assert_ne!(id(&all[..1]), id(&records(&[vec![9]])[..1]), "other records at the same place");
        assert_ne!(id(&all), one(Uuid::from_u128(6), &all).id);
    }

    #[test]
    fn a_record_too_large_for_a_message_is_told() {
        let error = seal(LOG, &records(&[vec![0; 10], vec![0; 200]]), 150).unwrap_err();
        assert_eq!(error, TooLarge { bytes: 200, limit: 106 });
    }

    #[test]
    fn a_newer_layout_is_told_from_damage() {
        let mut bytes = one(LOG, &records(&[vec![1]])).payload.to_vec();
        bytes[3] = 2;
        assert_eq!(open(&bytes.into()), Err(OpenError::Newer(2)));
        assert!(matches!(open(&Bytes::from_static(b"hello")), Err(OpenError::Damaged(_))));
    }
}
