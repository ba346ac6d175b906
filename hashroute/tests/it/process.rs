//! Starts the binary and talks to it.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

pub const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The binary with a clean environment of its own.
pub fn hashroute(directory: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hashroute"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("HASHROUTE_")) {
        command.env_remove(name);
    }
    command
        .current_dir(directory)
        .env("HASHROUTE_DATA_DIR", directory.join("data"))
        .env("HASHROUTE_LISTEN", "127.0.0.1:0")
        .env("HASHROUTE_TRUSTED_PROXIES", "127.0.0.1/32")
        // Nobody looks at the destinations of tests, unless they ask for it.
        .env("HASHROUTE_EVALUATION_ENABLED", "false")
        .envs(settings.iter().copied());
    command
}

/// Runs a command to its end.
pub fn run(directory: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    hashroute(directory, settings).args(arguments).output().unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// An owner with a workspace and a key.
pub fn bootstrap(directory: &Path, settings: &[(&str, &str)], email: &str, workspace: &str) -> Value {
    let arguments = [
        "admin",
        "bootstrap",
        "--email",
        email,
        "--password",
        "correct horse battery staple",
        "--workspace",
        workspace,
        "--json",
    ];
    let output = run(directory, settings, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A running service; killed when dropped.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
}

impl Service {
    pub fn start(directory: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child =
            hashroute(directory, settings).arg("serve").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let Some(address) = line.split("listening on ").nth(1).and_then(|rest| rest.trim_end().strip_suffix(')'))
        else {
            let mut errors = String::new();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            panic!("the service did not start: {line}{errors}");
        };
        let address = address.parse().unwrap();
        // Keeps the pipes empty, so that the service never waits for its reader.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let mut errors = child.stderr.take().unwrap();
        std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::stderr()));
        Self { child, address }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn api<'a>(&'a self, key: &'a Value) -> Api<'a> {
        Api { service: self, key: key["apiKey"].as_str().unwrap() }
    }

    /// Follows a short link once, as a browser from `address` would; answers the destination.
    pub fn visit(&self, path: &str, address: &str) -> Option<String> {
        let request = agent().get(self.url(path)).header("x-forwarded-for", address).header("user-agent", CHROME);
        let answer = request.call().unwrap();
        answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned())
    }

    /// A figure of `/metrics`; 0 for one that has not been counted yet.
    pub fn metric(&self, series: &str) -> f64 {
        let text = agent().get(self.url("/metrics")).call().unwrap().body_mut().read_to_string().unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or_default()
    }

    pub fn terminate(&mut self) -> std::process::ExitStatus {
        self.signal("TERM");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the service did not stop");
            std::thread::yield_now();
        }
    }

    /// Kills it with SIGKILL; to be dropped, or started again elsewhere.
    pub fn kill(&self) {
        self.signal("KILL");
    }

    /// Stops it where it stands, with everything it holds.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _it_may_have_ended = self.child.kill();
        let _it_may_have_ended = self.child.wait();
    }
}

/// The API with a workspace's key.
pub struct Api<'a> {
    service: &'a Service,
    key: &'a str,
}

impl Api<'_> {
    pub fn get(&self, path: &str) -> Value {
        let request = agent().get(self.service.url(path)).header("authorization", format!("Bearer {}", self.key));
        request.call().unwrap().body_mut().read_json().unwrap()
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        let request = agent().post(self.service.url(path)).header("authorization", format!("Bearer {}", self.key));
        request.send_json(body).unwrap().body_mut().read_json().unwrap()
    }

    pub fn patch(&self, path: &str, body: &Value) -> Value {
        let request = agent().patch(self.service.url(path)).header("authorization", format!("Bearer {}", self.key));
        request.send_json(body).unwrap().body_mut().read_json().unwrap()
    }

    pub fn delete(&self, path: &str) -> Value {
        let request = agent().delete(self.service.url(path)).header("authorization", format!("Bearer {}", self.key));
        request.call().unwrap().body_mut().read_json().unwrap()
    }

    /// Asks until the answer is the expected one: clicks are counted a moment after they happen.
    pub fn wait_for(&self, path: &str, expected: &Value) {
        wait_until(|| {
            let answer = self.get(path);
            (answer == *expected).then_some(()).ok_or(answer)
        });
    }
}

/// Tries until it works.
pub fn wait_until<T, E: std::fmt::Debug>(mut attempt: impl FnMut() -> Result<T, E>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Ok(value) => return value,
            Err(error) => assert!(Instant::now() < deadline, "still not as expected: {error:?}"),
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Follows no redirect and takes every status as an answer.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into()
}
