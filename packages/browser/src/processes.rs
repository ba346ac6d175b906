//! Processes of a browser as `/proc` shows them: how much memory and time they take.

use std::{collections::HashMap, fs, time::Duration};

use nix::unistd::{SysconfVar, sysconf};

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Its number.
    pub id: u32,
    /// Its parent's number.
    pub parent: u32,
    /// Memory that is its own or shared and in use, in bytes.
    pub resident: u64,
    /// Processor time of it and of the children it waited for.
    pub processor_time: Duration,
    /// It runs a page.
    pub is_renderer: bool,
}

/// `root` and everything below it. Empty where there is no `/proc`, or no such process.
#[must_use]
pub fn tree(root: u32) -> Vec<ProcessInfo> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let found: HashMap<u32, ProcessInfo> = ids.filter_map(read).map(|process| (process.id, process)).collect();
    let below = |mut id: u32| {
        for _ in 0..64 {
            if id == root {
                return true;
            }
            match found.get(&id) {
                Some(process) if process.parent != 0 => id = process.parent,
                _ => return false,
            }
        }
        false
    };
    let mut tree: Vec<ProcessInfo> = found.values().filter(|process| below(process.id)).cloned().collect();
    for process in &mut tree {
        let arguments = fs::read(format!("/proc/{}/cmdline", process.id)).unwrap_or_default();
        // Processes that were forked have written their arguments anew, with spaces between them.
        process.is_renderer =
            arguments.split(|byte| matches!(byte, 0 | b' ')).any(|argument| argument == b"--type=renderer");
    }
    tree.sort_by_key(|process| process.id);
    tree
}

/// How much memory `root` and everything below it takes, in bytes, with what they share counted once; `None` where that is not told.
#[must_use]
pub fn proportional_memory(root: u32) -> Option<u64> {
    let mut total = 0;
    for process in tree(root) {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.id)).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        total += line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024;
    }
    Some(total)
}

/// Processor time of `root` and everything below it so far, with what those took that have ended and were waited for.
#[must_use]
pub fn processor_time(root: u32) -> Duration {
    tree(root).iter().map(|process| process.processor_time).sum()
}

fn read(id: u32) -> Option<ProcessInfo> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name is in parentheses, and may contain anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some(ProcessInfo {
        id,
        parent: u32::try_from(number(1)?).ok()?,
        resident: number(21)? * page_size(),
        processor_time: Duration::from_millis(ticks * 1000 / ticks_per_second()),
        is_renderer: false,
    })
}

fn page_size() -> u64 {
    setting(SysconfVar::PAGE_SIZE, 4096)
}

fn ticks_per_second() -> u64 {
    setting(SysconfVar::CLK_TCK, 100)
}

fn setting(name: SysconfVar, otherwise: u64) -> u64 {
    sysconf(name)
        .ok()
        .flatten()
        .and_then(|value| u64::try_from(value).ok())
        .filter(|value| *value > 0)
        .unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_and_its_children_are_seen() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        let seen = tree(std::process::id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(seen.iter().any(|process| process.id == child.id() && process.parent == std::process::id()));
        let own = seen.iter().find(|process| process.id == std::process::id()).unwrap();
        assert!(own.resident > 1 << 20, "{own:?}");
        assert!(!own.is_renderer);
    }
}
