//! A private NATS server for tests: on a free port, with JetStream in a temporary directory of its own, ended when the value is
//! dropped.
//!
//! A machine without NATS is an error with a message that says what to install, never a test skipped in silence.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where the server is looked for after `PATH`: an ordinary user's does not have the directories for servers.
const SERVERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

/// Why there is no test server.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// NATS is not installed, or not where it is looked for.
    #[error(
        "nats-server was not found in PATH or /usr/sbin. These tests need it: install it with \
         `apt-get install nats-server` (Debian, Ubuntu) or `brew install nats-server` (macOS)"
    )]
    NotInstalled,
    /// The server ended, or does not answer.
    #[error("the NATS server for tests does not answer; its log:\n{log}")]
    Silent {
        /// What it wrote.
        log: String,
    },
    /// The operating system refused something.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What it said.
        source: io::Error,
    },
}

/// A running server.
#[derive(Debug)]
pub struct TestNats {
    program: PathBuf,
    directory: TempDir,
    port: u16,
    server: Child,
}

impl TestNats {
    /// Starts a server; it answers when this returns.
    ///
    /// # Errors
    /// When NATS is not installed or does not start.
    pub fn start() -> Result<Self, Error> {
        let program = find().ok_or(Error::NotInstalled)?;
        let directory = TempDir::new().map_err(cannot("make a temporary directory"))?;
        let mut server = spawn(&program, directory.path(), None)?;
        let port = wait_until_it_listens(&mut server, directory.path())?;
        Ok(Self { program, directory, port, server })
    }

    /// Where it listens, in the form the product's configuration takes.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Where JetStream keeps its files. Change them only while the server is dead.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        store_of(self.directory.path())
    }

    /// Kills the server, as a crash would.
    pub fn kill(&mut self) {
        end(&mut self.server);
    }

    /// Starts the server again where it was.
    ///
    /// # Errors
    /// When it does not start: another program may have taken the port.
    pub fn start_again(&mut self) -> Result<(), Error> {
        self.kill();
        self.server = spawn(&self.program, self.directory.path(), Some(self.port))?;
        wait_until_it_listens(&mut self.server, self.directory.path()).map(drop)
    }
}

impl Drop for TestNats {
    fn drop(&mut self) {
        end(&mut self.server);
    }
}

fn end(server: &mut Child) {
    // Both fail only where it has ended already.
    server.kill().ok();
    server.wait().ok();
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::env::split_paths(&path).chain(SERVERS.map(PathBuf::from));
    directories.map(|directory| directory.join("nats-server")).find(|program| program.is_file())
}

fn spawn(program: &Path, directory: &Path, port: Option<u16>) -> Result<Child, Error> {
    let log = File::create(log_of(directory)).map_err(cannot("write the server's log"))?;
    let port = port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
    Command::new(program)
        .args(["--addr", "127.0.0.1", "--port", &port, "--ports_file_dir"])
        .arg(directory)
        .args(["--jetstream", "--store_dir"])
        .arg(store_of(directory))
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(cannot("start nats-server"))
}

fn log_of(directory: &Path) -> PathBuf {
    directory.join("server.log")
}

fn store_of(directory: &Path) -> PathBuf {
    directory.join("store")
}

/// The server chooses its port and writes it down once it listens.
fn wait_until_it_listens(server: &mut Child, directory: &Path) -> Result<u16, Error> {
    let ports = directory.join(format!("nats-server_{}.ports", server.id()));
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline && matches!(server.try_wait(), Ok(None)) {
        if let Some(port) = fs::read(&ports).ok().and_then(|written| port_in(&written)) {
            return Ok(port);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    end(server);
    Err(Error::Silent { log: fs::read_to_string(log_of(directory)).unwrap_or_default() })
}

/// `{"nats":["nats://127.0.0.1:41169"]}`
fn port_in(ports: &[u8]) -> Option<u16> {
    let ports: serde_json::Value = serde_json::from_slice(ports).ok()?;
    ports["nats"][0].as_str()?.rsplit_once(':')?.1.parse().ok()
}

/// For `map_err`.
fn cannot(what: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { what, source }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    fn answers(server: &TestNats) -> bool {
        TcpStream::connect(("127.0.0.1", server.port)).is_ok()
    }

    #[test]
    fn each_server_is_its_own_comes_back_and_ends_with_its_value() {
        let mut first = TestNats::start().unwrap();
        let second = TestNats::start().unwrap();
        assert_ne!(first.url(), second.url());
        first.kill();
        assert!(!answers(&first) && answers(&second));
        first.start_again().unwrap();
        assert!(answers(&first));
        let (port, directory) = (first.port, first.directory.path().to_owned());
        drop(first);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
        assert!(!directory.exists());
    }

    #[test]
    fn a_half_written_file_names_no_port() {
        assert_eq!(port_in(br#"{"nats":["nats://127.0.0.1:41169"]}"#), Some(41169));
        assert_eq!(port_in(br#"{"nats":["nats://127.0"#), None);
        assert_eq!(port_in(b"{}"), None);
    }
}
