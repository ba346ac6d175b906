//! What the commands are told.

use std::{fmt, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use serde::Serialize;

/// The last of 100,000 links is as likely as the first: look-ups miss the processor's caches as they do in service.
const LINKS: u32 = 100_000;
const QUICK_LINKS: u32 = 10_000;
const CRASH_LINKS: u32 = 20_000;
const QUICK_CRASH_LINKS: u32 = 2_000;

/// When a redirect is answered: `HASHROUTE_DURABILITY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// Once its click is on the disk.
    Disk,
    /// Once its click is with the operating system.
    Process,
}

impl fmt::Display for Durability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Disk => "disk",
            Self::Process => "process",
        })
    }
}

/// `hashroute bench redirect`.
#[derive(Args)]
pub struct RedirectArguments {
    /// How often each server is measured; medians of fewer than 5 rounds are not for publication.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Seconds of load in each measurement.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Connections kept open; the last measurement of a round always has 256.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    connections: u32,
    /// Links in memory [default: 100000].
    #[arg(long, value_parser = clap::value_parser!(u32).range(100..=5_000_000))]
    links: Option<u32>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Only see that everything works: 2 rounds of 1 second, 10,000 links.
    #[arg(long)]
    quick: bool,
}

/// What [`RedirectArguments`] come to.
pub struct RedirectPlan {
    pub rounds: u32,
    pub load: Duration,
    pub connections: u32,
    pub links: u32,
    pub crash_links: u32,
    pub json: bool,
}

impl RedirectArguments {
    /// Settles the defaults.
    pub fn plan(&self) -> RedirectPlan {
        let (rounds, seconds, links, crash_links) = match self.quick {
            true => (2, 1, QUICK_LINKS, QUICK_CRASH_LINKS),
            false => (self.rounds, self.seconds, LINKS, CRASH_LINKS),
        };
        RedirectPlan {
            rounds,
            load: Duration::from_secs(seconds.into()),
            connections: self.connections,
            links: self.links.unwrap_or(links),
            crash_links,
            json: self.json,
        }
    }
}

/// `hashroute bench crash`.
#[derive(Args)]
pub struct CrashArguments {
    /// How often the service is killed, each time with the data of the rounds before.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub rounds: u32,
    /// Links in each round; each is asked for at most once.
    #[arg(long, default_value_t = CRASH_LINKS, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub links: u32,
    /// When a redirect is answered.
    #[arg(long, value_enum, default_value_t = Durability::Disk)]
    pub durability: Durability,
    /// Print JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `hashroute bench evaluate`.
#[derive(Args)]
pub struct EvaluateArguments {
    /// How often each page is looked at.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub rounds: u32,
    /// Where the test kits are.
    #[arg(long, value_name = "DIRECTORY", env = "HASHROUTE_KITS", default_value = "../shared/kits")]
    pub kits: PathBuf,
    /// The browser; the best that is installed otherwise.
    #[arg(long, value_name = "FILE")]
    pub browser: Option<PathBuf>,
    /// Print JSON instead of text.
    #[arg(long)]
    pub json: bool,
}
