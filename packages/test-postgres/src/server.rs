//! The server: started by whoever needs it first, found by everyone else.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::binaries::{self, User};
use crate::{Error, io};

/// How long a server may take to start, or to stop. Generous: the machine may be busy building.
const PATIENCE: Duration = Duration::from_secs(60);

const WATCH: &str = include_str!("watch.sh");

/// Whether what is committed survives a power cut: for measurements, since no test needs it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syncing {
    On,
    Off,
}

/// The URL of the server, without a database.
pub(crate) struct Server {
    pub(crate) url: String,
}

impl Server {
    /// The URL of one of its databases.
    pub(crate) fn database_url(&self, database: &str) -> String {
        match self.url.split_once('?') {
            None => format!("{}/{database}", self.url.trim_end_matches('/')),
            Some((base, query)) => format!("{}/{database}?{query}", base.trim_end_matches('/')),
        }
    }
}

/// Finds the server, or starts it.
pub(crate) fn find_or_start(syncing: Syncing) -> Result<Server, Error> {
    if let Ok(url) = std::env::var("HASHROUTE_TEST_POSTGRES_URL") {
        return Ok(Server { url: without_database(&url) });
    }
    static FOUND: [OnceLock<PathBuf>; 2] = [OnceLock::new(), OnceLock::new()];
    let found = &FOUND[usize::from(syncing == Syncing::On)];
    if let Some(home) = found.get() {
        return Ok(at(home));
    }
    let home = home(syncing)?;
    if !is_usable(&home) {
        let lock = File::create(home.with_extension("lock")).map_err(io("create the server's lock file"))?;
        lock.lock().map_err(io("lock the server's lock file"))?;
        // Whoever held the lock before may have started it.
        if !is_usable(&home) {
            start(&home, syncing)?;
        }
    }
    Ok(at(found.get_or_init(|| home)))
}

fn at(home: &Path) -> Server {
    Server { url: format!("postgres://postgres@localhost?host={}", home.display()) }
}

/// A URL may name a database; tests make their own.
fn without_database(url: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let authority = base.find("://").map_or(0, |at| at + 3);
    let base = base[authority..].find('/').map_or(base, |slash| &base[..authority + slash]);
    query.map_or_else(|| base.to_owned(), |query| format!("{base}?{query}"))
}

/// One server of each kind per user of the machine. The path is short: the socket's has to fit into 107 bytes.
fn home(syncing: Syncing) -> Result<PathBuf, Error> {
    // The owner of a file made by this process is the user it runs as.
    let temporary = std::env::temp_dir();
    let probe = temporary.join(format!("hashroute-test-{}", std::process::id()));
    File::create(&probe).map_err(io("write to the temporary directory"))?;
    let uid = fs::metadata(&probe).map_err(io("look at the temporary directory"))?.uid();
    fs::remove_file(&probe).map_err(io("write to the temporary directory"))?;
    let kind = match syncing {
        Syncing::On => "-sync",
        Syncing::Off => "",
    };
    Ok(temporary.join(format!("hashroute-test-postgres{kind}-{uid}")))
}

/// Whether a server is there and will stay: says so with a lease first, then looks.
fn is_usable(home: &Path) -> bool {
    let lease = home.join("leases").join(std::process::id().to_string());
    File::create(lease).is_ok() && home.join("ready").exists() && answers(home)
}

fn answers(home: &Path) -> bool {
    UnixStream::connect(home.join(".s.PGSQL.5432")).is_ok()
}

fn start(home: &Path, syncing: Syncing) -> Result<(), Error> {
    let bin = binaries::find()?;
    clear(home)?;
    fs::create_dir(home).map_err(io("create the server's directory"))?;
    fs::create_dir(home.join("leases")).map_err(io("create the server's directory"))?;
    let user = run_as(home)?;
    initialise(&bin, home, user)?;
    watch(&bin, home, user, syncing)?;
    wait_until_it_answers(home)?;
    // Before it is found: this process uses it as well.
    let lease = home.join("leases").join(std::process::id().to_string());
    File::create(lease).map_err(io("write to the server's directory"))?;
    File::create(home.join("ready")).map_err(io("write to the server's directory"))?;
    Ok(())
}

/// Waits for a server that is stopping, and removes what one that was killed left behind.
fn clear(home: &Path) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    while home.exists() && answers(home) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(100));
    }
    // The watcher may be removing it at this moment.
    for _ in 0..50 {
        match fs::remove_dir_all(home) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
    fs::remove_dir_all(home).map_err(io("remove the directory of an earlier server"))
}

/// The user to run the server as, who then owns its directory; `None` is the user of this process.
fn run_as(home: &Path) -> Result<Option<User>, Error> {
    let metadata = fs::metadata(home).map_err(io("look at the server's directory"))?;
    if metadata.uid() != 0 {
        return Ok(None);
    }
    let (uid, gid) = binaries::unprivileged()?;
    for directory in [home, &home.join("leases")] {
        chown(directory, Some(uid), Some(gid)).map_err(io("hand the server's directory over"))?;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o755))
            .map_err(io("hand the server's directory over"))?;
    }
    Ok(Some((uid, gid)))
}

fn command(program: &Path, home: &Path, user: Option<User>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(home).stdin(Stdio::null()).env("LC_ALL", "C");
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn initialise(bin: &Path, home: &Path, user: Option<User>) -> Result<(), Error> {
    let output = command(&bin.join("initdb"), home, user)
        .args(["--pgdata", "data", "--username", "postgres", "--auth", "trust"])
        .args(["--encoding", "UTF8", "--no-locale", "--no-sync"])
        .output()
        .map_err(io("run initdb"))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(Error::Program { program: "initdb", output: String::from_utf8_lossy(&printed).into_owned() })
}

/// Starts the server below its watcher, in a process group of its own: a test runner that ends a test ends the group.
fn watch(bin: &Path, home: &Path, user: Option<User>, syncing: Syncing) -> Result<(), Error> {
    let sync = match syncing {
        Syncing::On => "on",
        Syncing::Off => "off",
    };
    command(Path::new("/bin/sh"), home, user)
        .args(["-c", WATCH, "watch-test-postgres"])
        .args([bin, home])
        .arg(sync)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(io("start the server"))?;
    Ok(())
}

fn wait_until_it_answers(home: &Path) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        // The socket opens before the server lets anyone in; this file says that it does.
        let status = fs::read_to_string(home.join("data/postmaster.pid")).unwrap_or_default();
        if status.lines().nth(7).is_some_and(|line| line.trim() == "ready") && answers(home) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let log = fs::read_to_string(home.join("server.log")).unwrap_or_default();
    let tail: Vec<&str> = log.lines().rev().take(20).collect();
    Err(Error::Silent { log: tail.into_iter().rev().collect::<Vec<_>>().join("\n") })
}

#[cfg(test)]
mod tests {
    use super::{Server, without_database};

    #[test]
    fn a_database_is_put_into_the_url() {
        let server = |url: &str| Server { url: without_database(url) };
        assert_eq!(server("postgres://u:p@h:1/x").database_url("t"), "postgres://u:p@h:1/t");
        assert_eq!(server("postgres://u@h").database_url("t"), "postgres://u@h/t");
        let socket = server("postgres://u@localhost/x?host=/tmp/s");
        assert_eq!(socket.database_url("t"), "postgres://u@localhost/t?host=/tmp/s");
    }
}
