//! The jail of the browser: a network namespace of its own with nothing in it but the loopback, a user that owns nothing, and the
//! browser's own sandbox inside. The way out is a relay that listens on the jail's loopback and forwards to Unix sockets, behind
//! which the guard decides.
//!
//! The jail is a process of this same program ([`inside`]), between the service and the browser:
//!
//! ```text
//! service ── stdin, stdout: which ports lead to which sockets ──► jail (relay) ──► browser ──► its processes
//!    └────── pipes 3 and 4: DevTools ──────────────────────────────────────────────────┘
//! ```
//!
//! Whichever of them dies takes the rest along: the browser ends when its pipe does, the jail when its standard input ends or the browser
//! does, and the service kills the whole process group once it notices either. None of this needs the service to be
//! alive: the kernel closes its pipes, whatever killed it.

pub mod inside;
mod loopback;
mod relay;

use std::{
    ffi::OsString,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use command_fds::{CommandFdExt as _, FdMapping};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex as AsyncMutex,
    time::timeout,
};
use tokio_util::task::TaskTracker;

/// The user the browser runs as where this program runs as root: one that exists nowhere and owns nothing.
pub const JAILED_USER: u32 = 65_533;
/// How long the jail may take to be there.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// How long it may take to open a port.
const OPEN_WITHIN: Duration = Duration::from_secs(2);
/// How much of what the browser says is kept for an explanation of its end.
const LAST_WORDS: usize = 4_000;

/// Whether a browser may run without a jail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sandbox {
    /// No jail, no browser.
    #[default]
    Required,
    /// Neither namespaces nor the browser's own sandbox: a page that breaks the browser has what this program has. For containers that
    /// are a jail themselves.
    Off,
}

impl Sandbox {
    fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Off => "off",
        }
    }
}

/// Why there is no jail.
#[derive(Debug, thiserror::Error)]
pub enum JailError {
    /// The program that makes it could not be started.
    #[error("the jail could not be started")]
    Start(#[source] std::io::Error),
    /// It could not be made, or the browser in it did not start.
    #[error("{0}")]
    Refused(String),
    /// It did not answer in time.
    #[error("the jail did not answer in time")]
    Slow,
}

/// A jail with a program in it. Dropped, everything in it is killed.
pub struct Jail {
    child: Mutex<Child>,
    id: u32,
    control: AsyncMutex<Control>,
    said: Arc<Mutex<Vec<u8>>>,
}

struct Control {
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Jail {
    /// Starts `program` in a jail. `jailer` is the command that runs [`inside::run`]; the program gets `pipes` as its file descriptors 3
    /// (to read) and 4 (to write).
    ///
    /// # Errors
    /// When the jail cannot be made; the message says what is missing.
    pub async fn start(
        jailer: &[OsString],
        sandbox: Sandbox,
        home: &Path,
        program: &[OsString],
        pipes: Option<(OwnedFd, OwnedFd)>,
        tracker: &TaskTracker,
    ) -> Result<Self, JailError> {
        let (name, arguments) =
            jailer.split_first().ok_or_else(|| JailError::Refused("there is no jailer".to_owned()))?;
        let mut command = Command::new(name);
        command.args(arguments).arg(sandbox.word()).arg(home).args(program);
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        if let Some((read, write)) = pipes {
            let mappings =
                vec![FdMapping { parent_fd: read, child_fd: 3 }, FdMapping { parent_fd: write, child_fd: 4 }];
            command.fd_mappings(mappings).map_err(|error| JailError::Start(std::io::Error::other(error)))?;
        }
        let mut child = command.spawn().map_err(JailError::Start)?;
        // The command keeps its copies of the pipes; the browser's end of them must be the browser's alone.
        drop(command);
        let ended = || JailError::Refused("the jail ended at once".to_owned());
        let id = child.id().ok_or_else(ended)?;
        let (orders, answers, errors) = match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(orders), Some(answers), Some(errors)) => (orders, answers, errors),
            _ => return Err(ended()),
        };
        let said = Arc::new(Mutex::new(Vec::new()));
        tracker.spawn(keep_last_words(errors, Arc::clone(&said)));
        let control = Control { orders, answers: BufReader::new(answers).lines() };
        let jail = Self { child: Mutex::new(child), id, control: AsyncMutex::new(control), said };
        let answer = timeout(READY_WITHIN, jail.answer()).await.map_err(|_| JailError::Slow)??;
        if answer == "ready" { Ok(jail) } else { Err(JailError::Refused(answer)) }
    }

    /// The process whose descendants are all that runs in the jail.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Opens a port on the jail's loopback that leads to the Unix socket at `socket`.
    ///
    /// # Errors
    /// When the jail has ended or does not answer.
    pub async fn open(&self, socket: &Path) -> Result<u16, JailError> {
        let answer = self.order(&format!("open {}", socket.display())).await?;
        answer.parse().map_err(|_| JailError::Refused(answer))
    }

    /// Closes a port with its connections.
    ///
    /// # Errors
    /// When the jail has ended or does not answer.
    pub async fn close(&self, port: u16) -> Result<(), JailError> {
        self.order(&format!("close {port}")).await.map(|_| ())
    }

    /// What the browser said last, for an explanation.
    #[must_use]
    pub fn last_words(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&said).trim().to_owned()
    }

    /// Kills everything in it.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // Only as long as the child was not waited for does its number belong to it.
        if matches!(child.try_wait(), Ok(None)) {
            if let Ok(group) = i32::try_from(self.id) {
                let _already_gone = killpg(Pid::from_raw(group), Signal::SIGKILL);
            }
            let _already_gone = child.start_kill();
        }
    }

    /// Whether it still runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait(), Ok(None))
    }

    async fn order(&self, order: &str) -> Result<String, JailError> {
        timeout(OPEN_WITHIN, async {
            let mut control = self.control.lock().await;
            control.orders.write_all(format!("{order}\n").as_bytes()).await.map_err(JailError::Start)?;
            read_answer(&mut control.answers).await
        })
        .await
        .map_err(|_| {
            // An answer that comes too late would be taken for that of the next order.
            self.kill();
            JailError::Slow
        })?
        .map_err(|error| self.explain(error))
    }

    async fn answer(&self) -> Result<String, JailError> {
        let answer = read_answer(&mut self.control.lock().await.answers).await;
        answer.map_err(|error| self.explain(error))
    }

    fn explain(&self, error: JailError) -> JailError {
        let words = self.last_words();
        match error {
            JailError::Refused(message) if !words.is_empty() => JailError::Refused(format!("{message}: {words}")),
            error => error,
        }
    }
}

impl Drop for Jail {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn read_answer(answers: &mut Lines<BufReader<ChildStdout>>) -> Result<String, JailError> {
    let line = answers.next_line().await.map_err(JailError::Start)?;
    line.ok_or_else(|| JailError::Refused("the jail has ended".to_owned()))
}

async fn keep_last_words(mut errors: tokio::process::ChildStderr, said: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; 2048];
    while let Ok(length @ 1..) = errors.read(&mut buffer).await {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend_from_slice(&buffer[..length]);
        let surplus = said.len().saturating_sub(LAST_WORDS);
        said.drain(..surplus);
    }
}

/// Whether a jail can be made here: makes one with nothing in it.
///
/// # Errors
/// When it cannot; the message says what is missing.
pub async fn probe(jailer: &[OsString], home: &Path, tracker: &TaskTracker) -> Result<(), JailError> {
    let program = [PathBuf::from("/bin/sh").into_os_string(), "-c".into(), "read -r _".into()];
    let jail = Jail::start(jailer, Sandbox::Required, home, &program, None, tracker).await?;
    jail.kill();
    Ok(())
}

/// Whether this process is root, and the browser is another user.
#[must_use]
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}
