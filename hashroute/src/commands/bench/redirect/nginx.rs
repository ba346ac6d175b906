//! The yardstick: nginx that answers every request with the same redirect and writes no log.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::bail;

use super::processor_time::children;
use crate::commands::bench::{
    client::get,
    processes::{Process, free_address},
};

const WORKERS: usize = 2;
const READY_WITHIN: Duration = Duration::from_secs(10);

/// A running nginx.
pub struct Nginx {
    _process: Process,
    /// Where it listens.
    pub address: SocketAddr,
    /// The processes that do the work.
    pub workers: Vec<u32>,
}

impl Nginx {
    /// Starts it with a configuration of its own and everything it writes in `directory`.
    pub async fn start(program: &Path, directory: &Path) -> anyhow::Result<Self> {
        let prefix = directory.join("nginx");
        fs::create_dir(&prefix)?;
        let address = free_address()?;
        fs::write(prefix.join("nginx.conf"), configuration(address))?;
        let mut command = Command::new(program);
        command.arg("-p").arg(&prefix).args(["-c", "nginx.conf", "-e", "error.log"]);
        let mut process = Process::start("nginx", command, directory)?;
        let began = Instant::now();
        loop {
            process.check()?;
            let workers = children(process.id());
            let answers = get(address, "/abc", "").await.is_ok_and(|answer| answer.status == 302);
            if answers && workers.len() == WORKERS {
                return Ok(Self { _process: process, address, workers });
            }
            if began.elapsed() > READY_WITHIN {
                bail!("nginx does not answer: {}", fs::read_to_string(prefix.join("error.log")).unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// As fast as nginx gets for this: no log, connections that live as long as the load, each worker with its own queue of
/// connections as Hashroute's lanes have.
fn configuration(address: SocketAddr) -> String {
    format!(
        "daemon off;
worker_processes {WORKERS};
worker_rlimit_nofile 4096;
pid nginx.pid;
error_log error.log warn;
events {{
    worker_connections 2048;
}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
    server {{
        listen {address} reuseport backlog=4096;
        location / {{
            return 302 https://shop.example.com/world/products/1;
        }}
    }}
}}
"
    )
}

/// Where nginx is, and where wrk is.
pub struct Programs {
    /// nginx.
    pub nginx: PathBuf,
    /// wrk.
    pub wrk: PathBuf,
}

impl Programs {
    /// Finds them, or says how to install them.
    pub fn find() -> anyhow::Result<Self> {
        use crate::commands::bench::processes::find_program;
        match (find_program("nginx"), find_program("wrk")) {
            (Some(nginx), Some(wrk)) => Ok(Self { nginx, wrk }),
            (nginx, wrk) => {
                let missing = [("nginx-light", nginx.is_none()), ("wrk", wrk.is_none())];
                let packages: Vec<&str> =
                    missing.iter().filter(|(_, missing)| *missing).map(|(package, _)| *package).collect();
                let packages = packages.join(" ");
                bail!("the comparison needs nginx and wrk; install what is missing with `apt-get install {packages}`")
            }
        }
    }
}
