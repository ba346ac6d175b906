//! `hashroute admin dead-letters …`

use anyhow::Context as _;
use clap::{Args, Subcommand};
use data_ops::{
    clicks::{
        DeadLetterKey, StoredDeadLetter, delete_dead_letter, delete_dead_letters, find_dead_letter,
        list_dead_letters_before,
    },
    types::{JobId, Timestamp},
};
use durable::jobs::DeadJob;
use serde_json::{Value, json};

use super::{Office, json as stored_json, pretty, print_json, table::table};
use crate::commands::print_line;

/// The queue under which clicks are listed.
const CLICKS: &str = "clicks";
/// Clicks deleted in one transaction.
const TOGETHER: u32 = 500;

/// What to do about dead letters.
#[derive(Subcommand)]
pub enum DeadLettersCommand {
    /// List them, the latest first.
    List {
        /// Only those of this queue: of jobs, or "clicks".
        #[arg(long)]
        queue: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Show one with what it carries.
    Show {
        /// Its id, as listed.
        id: Id,
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Put jobs back into their queues, and count clicks.
    Replay(Which),
    /// Give them up for good.
    Delete(Which),
}

/// One, or all of a queue.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// The id of one.
    id: Option<Id>,
    /// All of this queue.
    #[arg(long)]
    queue: Option<String>,
}

/// What a dead letter is addressed by.
#[derive(Clone, Debug)]
pub enum Id {
    /// A job.
    Job(JobId),
    /// A captured click.
    Click(DeadLetterKey),
}

impl std::str::FromStr for Id {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let job = || JobId::parse(text).ok().map(Self::Job);
        text.parse().ok().map(Self::Click).or_else(job).ok_or("take the id from `dead-letters list`")
    }
}

enum Letter {
    Job(DeadJob),
    Click(StoredDeadLetter),
}

impl Letter {
    fn id(&self) -> String {
        match self {
            Self::Job(job) => job.id.to_string(),
            Self::Click(letter) => letter.key().to_string(),
        }
    }

    fn queue(&self) -> &str {
        match self {
            Self::Job(job) => &job.queue,
            Self::Click(_) => CLICKS,
        }
    }

    fn failed_at(&self) -> Timestamp {
        match self {
            Self::Job(job) => job.failed_at,
            Self::Click(letter) => letter.created_at,
        }
    }

    fn error(&self) -> &str {
        match self {
            Self::Job(job) => &job.error,
            Self::Click(letter) => &letter.letter.error,
        }
    }

    fn attempts(&self) -> Option<i64> {
        match self {
            Self::Job(job) => Some(job.attempts),
            Self::Click(_) => None,
        }
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id(), "queue": self.queue(), "error": self.error(), "attempts": self.attempts(),
            "failedAt": self.failed_at(),
        })
    }

    /// What it carries; bytes nobody can read in hexadecimal.
    fn payload(&self, office: &Office) -> Value {
        match self {
            Self::Job(job) => stored_json(&job.payload),
            Self::Click(letter) => {
                let bytes = &letter.letter.payload;
                let hex = || bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
                office.background.clicks.describe(bytes).unwrap_or_else(hex)
            }
        }
    }
}

pub async fn run(office: &Office, command: DeadLettersCommand) -> anyhow::Result<()> {
    match command {
        DeadLettersCommand::List { queue, limit, json } => list(office, queue.as_deref(), limit, json).await,
        DeadLettersCommand::Show { id, json } => show(office, &id, json).await,
        DeadLettersCommand::Replay(which) => replay(office, which).await,
        DeadLettersCommand::Delete(which) => delete(office, which).await,
    }
}

async fn list(office: &Office, queue: Option<&str>, limit: u32, as_json: bool) -> anyhow::Result<()> {
    let mut letters = Vec::new();
    if queue != Some(CLICKS) {
        letters.extend(office.background.jobs.dead(queue, None, limit).await?.into_iter().map(Letter::Job));
    }
    if queue.is_none_or(|queue| queue == CLICKS) {
        let clicks = list_dead_letters_before(&office.databases.clicks, Timestamp::MAX, None, limit).await?;
        letters.extend(clicks.into_iter().map(Letter::Click));
    }
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.failed_at()));
    letters.truncate(usize::try_from(limit)?);
    if as_json {
        return print_json(&letters.iter().map(Letter::json).collect());
    }
    let rows = letters.iter().map(|letter| {
        let attempts = letter.attempts().map_or_else(|| "-".to_owned(), |attempts| attempts.to_string());
        [letter.failed_at().to_string(), letter.queue().to_owned(), attempts, letter.id(), letter.error().to_owned()]
    });
    print_line(&table(["SET ASIDE", "QUEUE", "ATTEMPTS", "ID", "ERROR"], rows.collect(), "There are no dead letters."))
}

async fn show(office: &Office, id: &Id, as_json: bool) -> anyhow::Result<()> {
    let letter = match id {
        Id::Job(id) => office.background.jobs.find_dead(*id).await?.map(Letter::Job),
        Id::Click(key) => find_dead_letter(&office.databases.clicks, key).await?.map(Letter::Click),
    };
    let letter = letter.context("there is no such dead letter, or not any more")?;
    let payload = letter.payload(office);
    if as_json {
        let mut shown = letter.json();
        shown["payload"] = payload;
        return print_json(&shown);
    }
    let attempts = letter.attempts().map_or_else(String::new, |attempts| format!("\nAttempts   {attempts}"));
    print_line(&format!(
        "Queue      {}\nSet aside  {}{attempts}\nError      {}\n\n{}",
        letter.queue(),
        letter.failed_at(),
        letter.error(),
        pretty(&payload.to_string())
    ))
}

async fn replay(office: &Office, which: Which) -> anyhow::Result<()> {
    let background = &office.background;
    match (which.id, which.queue) {
        (Some(Id::Job(id)), _) => {
            let queue = background.jobs.replay(id).await?.context("there is no such dead letter, or not any more")?;
            print_line(&format!("It is in its queue again: {queue}."))
        }
        (Some(Id::Click(key)), _) => {
            background.clicks.replay(&key).await?;
            print_line("The click is counted.")
        }
        (None, Some(queue)) if queue == CLICKS => {
            let done = background.clicks.replay_all().await?;
            print_line(&format!("{} replayed, {} still cannot be counted.", done.replayed, done.refused))
        }
        (None, Some(queue)) => print_line(&format!("{} replayed.", background.jobs.replay_all(&queue).await?)),
        (None, None) => anyhow::bail!("name an id, or a queue with --queue"),
    }
}

async fn delete(office: &Office, which: Which) -> anyhow::Result<()> {
    let (jobs, clicks) = (&office.background.jobs, &office.databases.clicks);
    let deleted = match (which.id, which.queue) {
        (Some(Id::Job(id)), _) => u64::from(jobs.delete_dead(id).await?),
        (Some(Id::Click(key)), _) => u64::from(delete_dead_letter(clicks, &key).await?),
        (None, Some(queue)) if queue == CLICKS => {
            let mut deleted = 0;
            loop {
                let some = delete_dead_letters(clicks, office.now, TOGETHER).await?;
                deleted += some;
                if some == 0 {
                    break deleted;
                }
            }
        }
        (None, Some(queue)) => jobs.delete_all_dead(&queue).await?,
        (None, None) => anyhow::bail!("name an id, or a queue with --queue"),
    };
    print_line(&format!("{deleted} deleted."))
}
