//! Power cuts: a disk that keeps what was synced and, of the rest, whatever it likes.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::*;
use crate::log::storage::{LocalDisk, SegmentFile, Storage};

/// What each file held when it was last synced.
type Synced = Arc<Mutex<HashMap<PathBuf, Vec<u8>>>>;

#[derive(Debug, Default)]
struct PowerDisk(Synced);

#[derive(Debug)]
struct PowerFile(Box<dyn SegmentFile>, PathBuf, Synced);

impl Storage for PowerDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let file = LocalDisk.create(path)?;
        self.0.lock().unwrap().insert(path.to_owned(), Vec::new());
        Ok(Box::new(PowerFile(file, path.to_owned(), Arc::clone(&self.0))))
    }
}

impl SegmentFile for PowerFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.0.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        // What is written while this runs may or may not be in: reading first is the harder case.
        let bytes = fs::read(&self.1)?;
        self.0.sync()?;
        self.2.lock().unwrap().insert(self.1.clone(), bytes);
        Ok(())
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }
}

/// Copies the directory as the next start finds it: synced contents, with some of the 512-byte sectors written since.
fn cut_power(from: &Path, to: &Path, synced: &Synced, random: &mut StdRng) {
    fs::create_dir_all(to).unwrap();
    fs::copy(from.join("log.id"), to.join("log.id")).unwrap();
    for (path, kept) in synced.lock().unwrap().iter() {
        let mut kept = kept.clone();
        let live = fs::read(path).unwrap();
        let length = if random.random_bool(0.5) { kept.len() } else { live.len() };
        kept.resize(length, 0);
        for (sector, bytes) in live.chunks(512).enumerate() {
            let range = sector * 512..(sector * 512 + bytes.len()).min(length);
            if random.random_bool(0.3) && range.start < range.end {
                kept[range.clone()].copy_from_slice(&bytes[..range.len()]);
            }
        }
        fs::write(to.join(path.file_name().unwrap()), kept).unwrap();
    }
}

/// Appends, acknowledges as the durability says, cuts the power, and answers how many acknowledged records are lost.
async fn lost_in_power_cut(durability: Durability, seed: u64) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let test = TestLog::new(durability, 3000);
    let mut options = test.options();
    if durability == Durability::Process {
        options.sync_interval = Duration::from_secs(3600);
    }
    let disk = PowerDisk::default();
    let synced = Arc::clone(&disk.0);
    let log = Log::open_on(options, Arc::new(disk)).unwrap();
    let (mut acknowledged, mut last) = (Vec::new(), Position::default());
    let mut number = 0;
    for _ in 0..random.random_range(1..40) {
        let texts: Vec<String> =
            (0..random.random_range(1..5)).map(|part| format!("record {}", number + part)).collect();
        number += texts.len();
        last = log.append(&batch(&texts)).unwrap();
        if durability == Durability::Process || random.random_bool(0.7) {
            if durability == Durability::Disk {
                log.wait_durable(last).await.unwrap();
            }
            acknowledged = (0..number).map(|number| format!("record {number}")).collect();
        }
    }
    let after = tempfile::tempdir().unwrap();
    cut_power(test.directory.path(), after.path(), &synced, &mut random);

    let mut options = test.options();
    options.directory = after.path().to_owned();
    let log = Log::open(options).unwrap();
    let next = append(&log, "new");
    assert!(next.segment > last.segment, "seed {seed}: no position is ever used twice");
    let mut read = read_texts_synced(&log, next).await;
    assert_eq!(read.pop().as_deref(), Some("new"), "seed {seed}");
    let lost = acknowledged.iter().filter(|text| !read.contains(text)).count();
    read.sort_unstable();
    read.dedup();
    assert!(read.len() <= number, "seed {seed}");
    lost
}

async fn read_texts_synced(log: &Log, end: Position) -> Vec<String> {
    log.request_sync();
    until(&mut log.readable(), |readable| *readable >= end).await;
    read_texts(log, None)
}

#[tokio::test]
async fn durable_records_survive_power_cuts() {
    for seed in 0..100 {
        assert_eq!(lost_in_power_cut(Durability::Disk, seed).await, 0, "seed {seed}");
    }
}

/// Without this one, the test above could pass because the simulation cuts nothing.
#[tokio::test]
async fn process_durability_loses_records_in_power_cuts() {
    let mut lossy = 0;
    for seed in 0..20 {
        lossy += usize::from(lost_in_power_cut(Durability::Process, seed).await > 0);
    }
    assert!(lossy >= 10, "only {lossy} of 20 cuts lost anything");
}
