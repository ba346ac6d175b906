//! The load generator: wrk with a script.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::commands::bench::visitors;

/// Requests built beforehand, at most: 200,000 take wrk some 100 MB.
const REQUESTS: u32 = 200_000;
/// What wrk may take longer than the load it makes: it builds its requests first.
const SLACK: Duration = Duration::from_secs(30);

/// The generator, ready to be aimed.
pub struct Wrk {
    program: PathBuf,
    script: PathBuf,
    requests: PathBuf,
}

/// What a load came to.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Load {
    /// Answers.
    pub requests: u64,
    /// How long it took.
    pub micros: u64,
    /// Half of the answers took at most this long.
    pub p50_micros: u64,
    /// 99 of 100 answers took at most this long.
    pub p99_micros: u64,
    /// Answers with a status from 400.
    refused: u64,
    /// Connections that failed and answers that did not come.
    broken: u64,
}

impl Load {
    /// Answers per second.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub fn per_second(&self) -> f64 {
        self.requests as f64 * 1e6 / self.micros.max(1) as f64
    }
}

impl Wrk {
    /// Writes its files into `directory`: each of `links` is asked for, by visitors from several countries.
    pub fn prepare(program: PathBuf, directory: &Path, links: u32) -> anyhow::Result<Self> {
        let (script, requests) = (directory.join("load.lua"), directory.join("requests.txt"));
        fs::write(&script, include_str!("load.lua"))?;
        let count = links.min(REQUESTS);
        let mut lines = String::new();
        for number in 0..count {
            let link = u32::try_from(u64::from(number) * u64::from(links) / u64::from(count))?;
            let (address, browser) = (visitors::address(number), visitors::browser(number));
            writeln!(lines, "{}\t{address}\t{browser}", visitors::slug(link))?;
        }
        fs::write(&requests, lines)?;
        Ok(Self { program, script, requests })
    }

    /// Asks for as long as `load` over so many connections. An error if anything but redirects came back.
    pub async fn run(&self, address: SocketAddr, connections: u32, load: Duration) -> anyhow::Result<Load> {
        let mut command = tokio::process::Command::new(&self.program);
        command.args(["-t1", "--latency", "-s"]).arg(&self.script);
        command.arg(format!("-c{connections}")).arg(format!("-d{}s", load.as_secs()));
        command.arg(format!("http://{address}/")).arg("--").arg(&self.requests);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(load + SLACK, command.output()).await.context("wrk does not end")??;
        let text = String::from_utf8_lossy(&output.stdout);
        let Some(result) = text.lines().find_map(|line| line.strip_prefix("result ")) else {
            bail!("wrk gave no result: {text}{}", String::from_utf8_lossy(&output.stderr));
        };
        let load: Load = serde_json::from_str(result).context("wrk's result cannot be read")?;
        if load.requests == 0 || load.refused > 0 || load.broken > 0 {
            let Load { requests, refused, broken, .. } = load;
            bail!("of {requests} answers {refused} were no redirects; {broken} requests failed");
        }
        Ok(load)
    }
}
