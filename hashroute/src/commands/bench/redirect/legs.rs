//! The servers, and one measurement of one of them.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::bail;
use serde::Serialize;

use super::{
    nginx::{Nginx, Programs},
    processor_time::Meter,
    wrk::{Load, Wrk},
};
use crate::commands::bench::{
    arguments::{Durability, RedirectPlan},
    installation::Installation,
    scratch::Scratch,
    service::Service,
};

pub const MANY_CONNECTIONS: u32 = 256;
/// How often threads are looked at during the load.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// How long clicks may take to be counted.
const VISIBLE_WITHIN: Duration = Duration::from_secs(60);

/// What is measured in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Leg {
    /// nginx.
    Nginx,
    /// Hashroute, answering once clicks are with the operating system.
    Process,
    /// nginx once more: the control.
    NginxAgain,
    /// Hashroute, answering once clicks are on the disk.
    Disk,
    /// The same over more connections, which share each sync.
    DiskMany,
}

/// One round.
pub const LEGS: [Leg; 5] = [Leg::Nginx, Leg::Process, Leg::NginxAgain, Leg::Disk, Leg::DiskMany];

/// One measurement.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub load: Load,
    /// Nanoseconds of the threads that answer.
    pub redirect: u64,
    /// Nanoseconds of the thread that syncs clicks.
    pub sync: u64,
    /// Nanoseconds of everything else: ingestion, above all.
    pub rest: u64,
    /// From the end of the load until the analytics show every click.
    pub visible_after: Option<Duration>,
    /// Redirects answered before their click was as safe as promised.
    pub unsafe_clicks: f64,
}

impl Measured {
    /// Processor time a request, in microseconds.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub fn micros_a_request(&self, nanos: u64) -> f64 {
        nanos as f64 / 1e3 / self.load.requests.max(1) as f64
    }

    /// For the progress line.
    pub fn describe(&self, leg: Leg) -> String {
        format!(
            "{leg:?}: {:.0} requests/s, {:.2} + {:.2} + {:.2} µs a request",
            self.load.per_second(),
            self.micros_a_request(self.redirect),
            self.micros_a_request(self.sync),
            self.micros_a_request(self.rest)
        )
    }
}

/// Everything that runs during the measurement.
pub struct Field {
    nginx: Nginx,
    /// Hashroute with `process` durability.
    pub process: Service,
    /// Hashroute with `disk` durability.
    pub disk: Service,
    wrk: Wrk,
}

impl Field {
    /// Starts the servers.
    pub async fn open(
        programs: &Programs,
        scratch: &Scratch,
        [process, disk]: &[Installation; 2],
        plan: &RedirectPlan,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            nginx: Nginx::start(&programs.nginx, scratch.path()).await?,
            process: Service::start(process, Durability::Process, "warn").await?,
            disk: Service::start(disk, Durability::Disk, "warn").await?,
            wrk: Wrk::prepare(programs.wrk.clone(), scratch.path(), plan.links)?,
        })
    }

    /// Ends the services in order.
    pub async fn close(mut self) -> anyhow::Result<()> {
        self.process.stop().await?;
        self.disk.stop().await
    }

    fn service(&self, leg: Leg) -> Option<&Service> {
        match leg {
            Leg::Nginx | Leg::NginxAgain => None,
            Leg::Process => Some(&self.process),
            Leg::Disk | Leg::DiskMany => Some(&self.disk),
        }
    }

    fn address(&self, leg: Leg) -> SocketAddr {
        self.service(leg).map_or(self.nginx.address, |service| service.address)
    }

    /// Only makes load.
    pub async fn load(&self, leg: Leg, plan: &RedirectPlan, load: Duration) -> anyhow::Result<Load> {
        let connections = if leg == Leg::DiskMany { MANY_CONNECTIONS } else { plan.connections };
        self.wrk.run(self.address(leg), connections, load).await
    }

    /// Measures a server once.
    pub async fn measure(&self, leg: Leg, plan: &RedirectPlan) -> anyhow::Result<Measured> {
        match self.service(leg) {
            None => self.measure_nginx(leg, plan).await,
            Some(service) => self.measure_service(service, leg, plan).await,
        }
    }

    async fn measure_nginx(&self, leg: Leg, plan: &RedirectPlan) -> anyhow::Result<Measured> {
        let mut meter = Meter::start(&self.nginx.workers)?;
        let load = self.load(leg, plan, plan.load).await?;
        meter.read()?;
        let redirect = meter.nanos(|_| true);
        Ok(Measured { load, redirect, sync: 0, rest: 0, visible_after: None, unsafe_clicks: 0.0 })
    }

    async fn measure_service(&self, service: &Service, leg: Leg, plan: &RedirectPlan) -> anyhow::Result<Measured> {
        let clicks = service.settled_clicks(VISIBLE_WITHIN).await?;
        let unsafe_before = unsafe_clicks(service).await?;
        let mut meter = Meter::start(&[service.process.id()])?;
        let load = {
            let mut load = std::pin::pin!(self.load(leg, plan, plan.load));
            loop {
                match tokio::time::timeout(LOOK_INTERVAL, &mut load).await {
                    Ok(load) => break load?,
                    Err(_) => meter.read()?,
                }
            }
        };
        meter.read()?;
        let ended = Instant::now();
        let redirect = meter.nanos(is_redirect);
        let expected = clicks + load.requests;
        let counted = service.wait_for_clicks(expected, VISIBLE_WITHIN).await?;
        let visible_after = ended.elapsed();
        if counted < expected {
            bail!(
                "{} of {} clicks are not in the analytics after {} s",
                expected - counted,
                load.requests,
                VISIBLE_WITHIN.as_secs()
            );
        }
        meter.read()?;
        Ok(Measured {
            load,
            redirect,
            sync: meter.nanos(is_sync),
            rest: meter.nanos(|name| !is_redirect(name) && !is_sync(name)),
            visible_after: Some(visible_after),
            unsafe_clicks: unsafe_clicks(service).await? - unsafe_before,
        })
    }
}

fn is_redirect(thread: &str) -> bool {
    thread.starts_with("redirect")
}

fn is_sync(thread: &str) -> bool {
    thread == "log-sync"
}

async fn unsafe_clicks(service: &Service) -> anyhow::Result<f64> {
    Ok(service.counter("hashroute_clicks_undurable_total").await?
        + service.counter("hashroute_clicks_lost_total").await?)
}
