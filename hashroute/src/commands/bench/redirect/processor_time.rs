//! Processor time of other processes, thread by thread, from the kernel's accounting in nanoseconds.

use std::{collections::HashMap, fs, io};

/// Takes the time that threads spend on a processor from one moment on.
///
/// A thread that ends takes its account with it: [`Meter::read`] often enough keeps what it had spent by then.
pub struct Meter {
    processes: Vec<u32>,
    threads: HashMap<u32, Thread>,
}

#[derive(Default)]
struct Thread {
    name: String,
    before: u64,
    now: u64,
}

impl Meter {
    /// Starts at nought for all threads of these processes.
    pub fn start(processes: &[u32]) -> io::Result<Self> {
        let mut meter = Self { processes: processes.to_vec(), threads: HashMap::new() };
        meter.read()?;
        for thread in meter.threads.values_mut() {
            thread.before = thread.now;
        }
        Ok(meter)
    }

    /// Brings the account up to date.
    pub fn read(&mut self) -> io::Result<()> {
        for process in &self.processes {
            for entry in fs::read_dir(format!("/proc/{process}/task"))? {
                let path = entry?.path();
                // A thread may end while it is looked at.
                let Some((id, name, now)) = read_thread(&path) else { continue };
                let thread = self.threads.entry(id).or_default();
                // Threads are born with their parent's name: the latest is theirs.
                (thread.name, thread.now) = (name, now);
            }
        }
        Ok(())
    }

    /// Nanoseconds spent by the threads whose name `counts`.
    pub fn nanos(&self, counts: impl Fn(&str) -> bool) -> u64 {
        let counted = self.threads.values().filter(|thread| counts(&thread.name));
        counted.map(|thread| thread.now.saturating_sub(thread.before)).sum()
    }
}

fn read_thread(path: &std::path::Path) -> Option<(u32, String, u64)> {
    let id = path.file_name()?.to_str()?.parse().ok()?;
    let name = fs::read_to_string(path.join("comm")).ok()?.trim_end().to_owned();
    let account = fs::read_to_string(path.join("schedstat")).ok()?;
    Some((id, name, account.split(' ').next()?.parse().ok()?))
}

/// The processes that `parent` started.
pub fn children(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let processes = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    processes.filter(|process| parent_of(*process) == Some(parent)).collect()
}

/// The fourth field, after a name that may hold anything, parentheses included.
fn parent_of(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    status.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_of_this_thread_is_seen() {
        let mut meter = Meter::start(&[std::process::id()]).unwrap();
        let until = std::time::Instant::now() + std::time::Duration::from_millis(30);
        while std::time::Instant::now() < until {
            std::hint::black_box(children(0));
        }
        meter.read().unwrap();
        assert!(meter.nanos(|_| true) > 1_000_000);
        assert_eq!(meter.nanos(|name| name == "nobody has this name"), 0);
    }

    #[test]
    fn this_process_is_a_child_of_its_parent() {
        let parent = parent_of(std::process::id()).unwrap();
        assert!(children(parent).contains(&std::process::id()));
    }
}
