//! A running browser.

use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::{
    devtools::{CallError, Connection},
    directory::{self, Directory},
    jail::{Jail, JailError, Sandbox},
    program::Program,
};

/// How long a browser may take until it says its version.
const START_WITHIN: Duration = Duration::from_secs(20);
/// How long the jail's processes may take to be gone once they are killed.
const GONE_WITHIN: Duration = Duration::from_secs(3);

/// Why there is no browser.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// None is installed.
    #[error("no browser is installed; on Debian: apt-get install chromium-headless-shell")]
    NotInstalled,
    /// Its directory could not be made.
    #[error("the browser's directory cannot be made below {path}")]
    Directory {
        /// Below which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It could not be put into a jail.
    #[error("the browser's jail cannot be made")]
    Jail(#[from] JailError),
    /// It started and did not answer.
    #[error("the browser does not answer{}{words}", if words.is_empty() { "" } else { ": " })]
    Silent {
        /// What it said before.
        words: String,
    },
}

/// How browsers are started.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub program: Option<PathBuf>,
    pub jailer: Vec<OsString>,
    pub sandbox: Sandbox,
    pub directory: PathBuf,
}

/// A browser. Dropped, it is killed, and its directory removed.
pub(crate) struct Instance {
    pub connection: Connection,
    pub version: String,
    pub user_agent: String,
    pub jail: Jail,
    pub directory: Arc<Directory>,
    looks: AtomicU32,
    under_way: AtomicU32,
    next_socket: AtomicU64,
    killed: AtomicU32,
    worn_out: AtomicBool,
    tracker: TaskTracker,
}

impl Instance {
    pub async fn start(launch: &Launch, tracker: &TaskTracker) -> Result<Self, StartError> {
        let program = Program::find(launch.program.as_deref()).ok_or(StartError::NotInstalled)?;
        let in_directory = |source| StartError::Directory { path: launch.directory.clone(), source };
        std::fs::create_dir_all(&launch.directory).map_err(in_directory)?;
        let directory = Directory::create(&launch.directory).map_err(in_directory)?;
        let profile = directory.profile();
        let command = program.command(&profile, launch.sandbox, directory::shared_memory_is_small());

        let (browser_reads, we_write) = io::pipe().map_err(in_directory)?;
        let (we_read, browser_writes) = io::pipe().map_err(in_directory)?;
        let pipes = (browser_reads.into(), browser_writes.into());
        let jail = Jail::start(&launch.jailer, launch.sandbox, &profile, &command, Some(pipes), tracker).await?;
        let connection = Connection::open(we_read.into(), we_write.into(), tracker).map_err(in_directory)?;

        let version = timeout(START_WITHIN, connection.call(None, "Browser.getVersion", json!({}))).await;
        let Ok(Ok(version)) = version else {
            // What it has to say about that may still be on its way.
            let _ended_or_not = timeout(Duration::from_millis(200), connection.closed()).await;
            return Err(StartError::Silent { words: jail.last_words() });
        };
        let told = |key: &str| version[key].as_str().unwrap_or_default().to_owned();
        let instance = Self {
            version: told("product").replace("HeadlessChrome/", "Chrome/"),
            user_agent: told("userAgent").replace("HeadlessChrome/", "Chrome/"),
            connection,
            jail,
            directory: Arc::new(directory),
            looks: AtomicU32::new(0),
            under_way: AtomicU32::new(0),
            next_socket: AtomicU64::new(1),
            killed: AtomicU32::new(0),
            worn_out: AtomicBool::new(false),
            tracker: tracker.clone(),
        };
        tracing::info!(version = instance.version, process = instance.jail.id(), "a browser was started");
        Ok(instance)
    }

    /// Counts a look; tells how many there were with this one.
    pub fn count_look(&self) -> u32 {
        self.looks.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Counts a look as under way until what this gives is dropped.
    pub fn begin(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// Whether no look is under way.
    pub fn is_idle(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 0
    }

    /// Notes that a page's process was killed for its memory.
    pub fn count_kill(&self) {
        self.killed.fetch_add(1, Ordering::Relaxed);
    }

    /// How many pages' processes were killed.
    pub fn killed(&self) -> u32 {
        self.killed.load(Ordering::Relaxed)
    }

    /// A path for a socket, different each time.
    pub fn socket(&self) -> PathBuf {
        let number = self.next_socket.fetch_add(1, Ordering::Relaxed);
        self.directory.sockets().join(number.to_string())
    }

    /// Has no further page looked at with it.
    pub fn retire(&self) {
        self.worn_out.store(true, Ordering::Relaxed);
    }

    /// Whether further pages can be looked at with it.
    pub fn is_usable(&self) -> bool {
        !self.worn_out.load(Ordering::Relaxed) && !self.connection.is_closed() && self.jail.is_running()
    }

    /// Whether it answers.
    pub async fn answers(&self, within: Duration) -> bool {
        let answer = timeout(within, self.connection.call(None, "Browser.getVersion", json!({}))).await;
        !matches!(answer, Err(_) | Ok(Err(CallError::Closed)))
    }
}

/// A look under way.
pub(crate) struct UnderWay<'a>(&'a Instance);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.connection.close();
        self.jail.kill();
        // The directory can be removed for good only once nothing writes into it any more.
        let directory = Arc::clone(&self.directory);
        let root = self.jail.id();
        if tokio::runtime::Handle::try_current().is_ok() {
            self.tracker.spawn(async move {
                let gone = async {
                    while !crate::processes::tree(root).iter().all(|process| process.id == root) {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                };
                let _removed_all_the_same = timeout(GONE_WITHIN, gone).await;
                drop(directory);
            });
        }
    }
}
