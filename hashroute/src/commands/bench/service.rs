//! Hashroute as a child process, asked from outside as anybody would.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::time::sleep;

use super::{
    arguments::Durability,
    client::get,
    installation::Installation,
    processes::{Process, free_address},
};

/// How long a start may take.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long an orderly end may take.
const STOPPED_WITHIN: Duration = Duration::from_secs(60);
/// Between two looks at the number of clicks; the API allows ten a second in the long run.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// Clicks that do not get more for so long are all there: ingestion collects for half a second.
const SETTLED_AFTER: Duration = Duration::from_millis(1_200);

/// The running service.
pub struct Service {
    /// Its process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
    /// From starting the process to the first answer "ready".
    pub ready_after: Duration,
    api_key: String,
}

impl Service {
    /// Starts it with `log_level` (in JSON), and waits until it is ready.
    pub async fn start(installation: &Installation, durability: Durability, log_level: &str) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = installation.command(address)?;
        command.arg("serve").env("HASHROUTE_DURABILITY", durability.to_string());
        command.env("HASHROUTE_LOG_LEVEL", log_level).env("HASHROUTE_LOG_FORMAT", "json");
        let began = Instant::now();
        let mut process = Process::start("hashroute", command, &installation.logs)?;
        loop {
            process.check()?;
            if get(address, "/readyz", "").await.is_ok_and(|answer| answer.status == 200) {
                let ready_after = began.elapsed();
                return Ok(Self { process, address, ready_after, api_key: installation.api_key.clone() });
            }
            if began.elapsed() > READY_WITHIN {
                bail!("Hashroute is not ready after {} s", READY_WITHIN.as_secs());
            }
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// Ends it in order.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.process.stop(STOPPED_WITHIN).await
    }

    /// All clicks that the analytics know.
    pub async fn clicks(&self) -> anyhow::Result<u64> {
        let key = format!("Authorization: Bearer {}\r\n", self.api_key);
        loop {
            let answer = get(self.address, "/api/analytics?groupBy=count&interval=all", &key).await?;
            match answer.status {
                200 => {
                    let body: Value = serde_json::from_str(&answer.body).context("the analytics are not JSON")?;
                    return body["clicks"].as_u64().context("the analytics name no number of clicks");
                }
                429 => sleep(Duration::from_millis(500)).await,
                status => bail!("the analytics answer {status}: {}", answer.body),
            }
        }
    }

    /// Waits until there are so many clicks, at most until `patience` is over. Answers how many there are then.
    pub async fn wait_for_clicks(&self, count: u64, patience: Duration) -> anyhow::Result<u64> {
        let until = Instant::now() + patience;
        loop {
            let clicks = self.clicks().await?;
            if clicks >= count || Instant::now() > until {
                return Ok(clicks);
            }
            sleep(LOOK_INTERVAL).await;
        }
    }

    /// Waits until clicks do not get more, at most until `patience` is over. Answers how many there are then.
    pub async fn settled_clicks(&self, patience: Duration) -> anyhow::Result<u64> {
        let until = Instant::now() + patience;
        let mut clicks = self.clicks().await?;
        let mut since = Instant::now();
        while since.elapsed() < SETTLED_AFTER && Instant::now() < until {
            sleep(SETTLED_AFTER / 4).await;
            let now = self.clicks().await?;
            if now != clicks {
                (clicks, since) = (now, Instant::now());
            }
        }
        Ok(clicks)
    }

    /// The sum of a counter over its labels, from `/metrics`.
    pub async fn counter(&self, name: &str) -> anyhow::Result<f64> {
        let answer = get(self.address, "/metrics", "").await?;
        if answer.status != 200 {
            bail!("the metrics answer {}", answer.status);
        }
        Ok(sum_of_counter(&answer.body, name))
    }
}

fn sum_of_counter(metrics: &str, name: &str) -> f64 {
    let values = metrics.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let value = rest.rsplit_once(' ').filter(|(labels, _)| labels.is_empty() || labels.starts_with('{'))?.1;
        value.parse::<f64>().ok()
    });
    values.sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_counter_is_summed_over_its_labels() {
        let metrics = "# TYPE a_total counter\na_total{x=\"1\"} 2\na_total{x=\"2\"} 3\na_total_other 9\nb 1\n";
        assert!((super::sum_of_counter(metrics, "a_total") - 5.0).abs() < 1e-9);
        assert!((super::sum_of_counter(metrics, "b") - 1.0).abs() < 1e-9);
    }
}
