//! Keeps pages from taking the machine's memory, and replaces a browser that does not answer.
//!
//! A page can take gigabytes within seconds, past every limit that the browser has itself; nothing but looking at its processes helps.
//! Where the operator gives the whole service a memory cgroup, that is the second line.

use std::{sync::Weak, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{instance::Instance, processes};

/// Between two looks at the processes: at half a gigabyte a second, the fastest seen, a page is caught 130 MB late.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Between two questions whether the browser answers.
const ASK_EVERY: Duration = Duration::from_secs(15);
/// How long its answer may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// How many times as much the browser itself may take as a page.
const BROWSER_LIMIT_FACTOR: u64 = 2;

/// Watches `instance` until it is gone. No page's process may take more than `limit` bytes, nor the browser's own more than twice that.
pub async fn watch(instance: Weak<Instance>, limit: u64) {
    let mut since_asked = Duration::ZERO;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(watched) = instance.upgrade() else { return };
        if watched.connection.is_closed() {
            return;
        }
        check_memory(&watched, limit);
        since_asked += LOOK_EVERY;
        if since_asked >= ASK_EVERY {
            since_asked = Duration::ZERO;
            if !watched.answers(ANSWERS_WITHIN).await {
                tracing::warn!(process = watched.jail.id(), "the browser does not answer and is replaced");
                watched.retire();
                watched.jail.kill();
                watched.connection.close();
                return;
            }
        }
    }
}

fn check_memory(instance: &Instance, limit: u64) {
    if instance.is_idle() {
        return;
    }
    for process in processes::tree(instance.jail.id()) {
        if process.is_renderer && process.resident > limit {
            tracing::warn!(process = process.id, resident = process.resident, "a page took too much memory");
            instance.count_kill();
            if let Ok(id) = i32::try_from(process.id) {
                let _already_gone = kill(Pid::from_raw(id), Signal::SIGKILL);
            }
        } else if process.resident > limit.saturating_mul(BROWSER_LIMIT_FACTOR) {
            tracing::warn!(process = process.id, resident = process.resident, "the browser took too much memory");
            instance.retire();
            instance.jail.kill();
            return;
        }
    }
}
