//! A file that several processes add lines to, and that is there when they are not.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::Path,
    sync::Arc,
};

use data_ops::clock::{Clock as _, SystemClock};

/// One process's end of it. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    file: Arc<File>,
    process: Arc<str>,
}

/// One line: at this moment (ms), this process says this about that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: i64,
    pub process: String,
    pub what: String,
    pub subject: String,
}

impl Journal {
    pub fn open(path: &Path, process: &str) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        Self { file: Arc::new(file), process: process.into() }
    }

    /// Adds a line, in one piece: what was added stays, whoever is killed next.
    pub fn note(&self, what: &str, subject: &str) {
        let line = format!("{} {} {what} {subject}\n", SystemClock.now().as_millis(), self.process);
        (&*self.file).write_all(line.as_bytes()).unwrap();
    }

    pub fn read(path: &Path) -> Vec<Entry> {
        let text = fs::read_to_string(path).unwrap_or_default();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        text[..whole].lines().map(Entry::parse).collect()
    }
}

impl Entry {
    fn parse(line: &str) -> Self {
        let mut words = line.splitn(4, ' ').map(str::to_owned);
        let mut word = || words.next().unwrap();
        Self { at: word().parse().unwrap(), process: word(), what: word(), subject: word() }
    }
}
