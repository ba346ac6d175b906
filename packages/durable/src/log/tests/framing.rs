//! A reader gets an exact prefix of a segment, whatever happened to its bytes.

use std::fs;

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::log::directory::segment_path;

/// Writes one segment with the payloads, changes its bytes, and answers what a reader of the reopened log gets.
fn read_changed(payloads: &[Vec<u8>], change: impl FnOnce(&mut Vec<u8>)) -> Vec<Vec<u8>> {
    let test = TestLog::new(Durability::Process, 1 << 20);
    let log = test.open();
    log.append(&batch(payloads)).unwrap();
    log.close();
    let path = segment_path(test.directory.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();

    let log = test.open();
    append(&log, "after");
    let batch = log.reader(None).read(usize::MAX, usize::MAX).unwrap();
    let mut read: Vec<Vec<u8>> = batch.records.iter().map(|record| record.payload.to_vec()).collect();
    assert_eq!(read.pop().as_deref(), Some(&b"after"[..]), "a damaged segment does not hide the next one");
    read
}

fn payloads() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(any::<u8>(), 0..40), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_cut_segment_reads_as_a_prefix(payloads in payloads(), cut in any::<prop::sample::Index>()) {
        let mut kept = 0;
        let read = read_changed(&payloads, |bytes| {
            kept = cut.index(bytes.len() + 1);
            bytes.truncate(kept);
        });
        let mut end = 0;
        let whole = payloads.iter().take_while(|payload| { end += 8 + payload.len(); end <= kept }).count();
        prop_assert_eq!(&read[..], &payloads[..whole]);
    }

    #[test]
    fn a_flipped_bit_ends_the_segment_there(
        payloads in payloads(),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let mut flipped = 0;
        let read = read_changed(&payloads, |bytes| {
            flipped = place.index(bytes.len());
            bytes[flipped] ^= 1_u8 << bit;
        });
        let mut end = 0;
        let whole = payloads.iter().take_while(|payload| { end += 8 + payload.len(); end <= flipped }).count();
        prop_assert_eq!(&read[..], &payloads[..whole]);
    }

    #[test]
    fn noise_is_never_read_as_records(noise in vec(any::<u8>(), 0..300)) {
        let payloads = [b"first".to_vec()];
        let read = read_changed(&payloads, |bytes| bytes.extend_from_slice(&noise));
        prop_assert_eq!(&read[..], &payloads[..]);
    }

    #[test]
    fn any_limits_read_the_same_records(
        payloads in vec(vec(any::<u8>(), 0..3000), 0..40),
        max_records in 1..9_usize,
        max_bytes in 1..5000_usize,
    ) {
        let test = TestLog::new(Durability::Process, 8000);
        let log = test.open();
        for payload in &payloads {
            append(&log, payload);
        }
        let mut reader = log.reader(None);
        let mut read = Vec::new();
        loop {
            let from = reader.position();
            let batch = reader.read(max_records, max_bytes).unwrap();
            prop_assert!(batch.records.len() <= max_records);
            prop_assert_eq!((batch.missing_segments, batch.torn_bytes), (0, 0));
            prop_assert!(batch.next >= from && batch.records.iter().all(|record| record.end <= batch.next));
            read.extend(batch.records.iter().map(|record| record.payload.to_vec()));
            // A reader that begins at a stored position goes on with the next record.
            reader = log.reader(Some(batch.records.last().map_or(batch.next, |record| record.end)));
            if !batch.full {
                break;
            }
        }
        prop_assert_eq!(read, payloads);
    }
}

#[test]
fn every_cut_of_a_segment_reads_as_a_prefix() {
    let payloads = [b"one".to_vec(), Vec::new(), b"three".to_vec()];
    for kept in 0..=(8 * 3 + 8) {
        let read = read_changed(&payloads, |bytes| bytes.truncate(kept));
        let whole = [11, 19, 32].iter().filter(|end| **end <= kept).count();
        assert_eq!(read, payloads[..whole]);
    }
}

#[test]
fn records_larger_than_a_chunk_are_read() {
    let test = TestLog::new(Durability::Process, 64 << 20);
    let log = test.open();
    let large: Vec<u8> = (0..3_000_000_u32).map(|byte| byte.to_le_bytes()[0]).collect();
    log.append(&batch([&b"small"[..], &large, b"last"])).unwrap();
    let batch = log.reader(None).read(10, usize::MAX).unwrap();
    assert_eq!(batch.records.iter().map(|record| record.payload.len()).collect::<Vec<_>>(), [5, 3_000_000, 4]);
    assert_eq!(batch.records[1].payload, large);
}

#[test]
fn a_record_over_the_limit_leaves_the_batch_as_it_was() {
    let mut batch = batch(["kept"]);
    let before = batch.bytes().to_vec();
    let refused = batch.push(|buffer| buffer.resize(buffer.len() + crate::log::MAX_RECORD_BYTES + 1, 0));
    assert!(refused.is_err());
    assert_eq!((batch.bytes(), batch.len()), (&before[..], 1));
    batch.push(|buffer| buffer.push(1)).unwrap();
    assert_eq!((batch.bytes().len(), batch.len()), (before.len() + 9, 2));
    batch.clear();
    assert!(batch.is_empty() && batch.bytes().is_empty());
}
