//! Programs started for a measurement, each alone in its process group so that it ends with everything it has started.

use std::{
    fs::File,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tokio::process::Child;

/// Ports below those that the kernel gives to outgoing connections: nobody takes one between choosing and listening.
const PORTS: std::ops::Range<u16> = 15_000..32_000;
/// How long a killed program may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(2);
/// How much of what a program said goes into an error.
const LAST_WORDS: usize = 2_000;

/// A running program. Dropped, it is killed.
pub struct Process {
    name: &'static str,
    child: Child,
    id: u32,
    log: PathBuf,
}

impl Process {
    /// Starts it; what it says goes to a file in `directory`.
    pub fn start(name: &'static str, mut command: Command, directory: &Path) -> anyhow::Result<Self> {
        use std::os::unix::process::CommandExt as _;

        let log = directory.join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log)?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).process_group(0);
        let started = tokio::process::Command::from(command).kill_on_drop(true).spawn();
        let child = started.with_context(|| format!("{name} could not be started"))?;
        let id = child.id().with_context(|| format!("{name} ended at once"))?;
        Ok(Self { name, child, id, log })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it has said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Fails if it is not running any more.
    pub fn check(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}): {}", self.name, self.last_words()),
        }
    }

    /// Kills it on the spot, as `kill -9` does.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.start_kill()?)
    }

    /// Waits for the end of a killed program.
    pub async fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        let ended = tokio::time::timeout(GONE_WITHIN, self.child.wait()).await;
        Ok(ended.with_context(|| format!("{} does not end although it was killed", self.name))??)
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(&mut self, patience: Duration) -> anyhow::Result<()> {
        signal_group("TERM", self.id)?;
        let ended = tokio::time::timeout(patience, self.child.wait()).await;
        let status = ended.with_context(|| format!("{} was asked to end and did not", self.name))??;
        if !status.success() {
            bail!("{} ended with {status}: {}", self.name, self.last_words());
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let log = self.log();
        let from = log.ceil_char_boundary(log.len().saturating_sub(LAST_WORDS));
        log[from..].trim().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A program that is waited for has no process group any more, and its number may be another's.
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let killed = signal_group("KILL", self.id).is_ok() || self.child.start_kill().is_ok();
        let until = Instant::now() + GONE_WITHIN;
        while killed && matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The standard library sends no signals to groups, and the shell is everywhere.
fn signal_group(signal: &str, group: u32) -> anyhow::Result<()> {
    let script = format!("kill -s {signal} -- -{group}");
    let status = Command::new("sh").arg("-c").arg(script).stderr(Stdio::null()).status()?;
    if !status.success() {
        bail!("the signal {signal} could not be sent");
    }
    Ok(())
}

/// The program's place; Debian keeps servers outside of the search path of ordinary users.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories =
        std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")]);
    directories.map(|directory| directory.join(name)).find(|candidate| candidate.is_file())
}

/// An address on which nothing listens.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    for _ in 0..200 {
        let span = u64::from(PORTS.end - PORTS.start);
        let port = PORTS.start + u16::try_from(random() % span)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no free port was found between {} and {}", PORTS.start, PORTS.end)
}

/// A number that is different each time: every hasher of the standard library has fresh keys.
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
