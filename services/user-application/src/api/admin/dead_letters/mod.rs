//! Dead letters: jobs and captured clicks that were set aside because they could not be dealt with.

pub(crate) mod delete;
pub(crate) mod delete_all;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod replay;
pub(crate) mod replay_all;

use data_ops::{
    clicks::{DeadLetterKey, StoredDeadLetter},
    types::{JobId, Timestamp},
};
use durable::jobs::DeadJob;
use serde::Serialize;
use utoipa::ToSchema;

use super::{queues::CLICKS, stored::StoredValue};
use crate::{
    api::{
        failure::{ApiError, ErrorCode},
        schema::count_or_null,
    },
    services::Services,
};

/// Something set aside.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeadLetter)]
pub(crate) struct DeadLetterView {
    /// What it is addressed by.
    id: String,
    /// The queue it was in.
    queue: String,
    /// What is wrong with it, with all causes.
    error: String,
    /// How often it was tried; null for a click, which is tried until it is certain that it cannot be counted.
    #[schema(schema_with = count_or_null, required)]
    attempts: Option<u64>,
    /// When the job was put down; null for a click.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    created_at: Option<Timestamp>,
    /// When it was set aside.
    #[schema(value_type = String, format = DateTime)]
    failed_at: Timestamp,
}

/// Something set aside, with what it carries.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeadLetterDetail)]
pub(crate) struct DeadLetterDetailView {
    #[serde(flatten)]
    letter: DeadLetterView,
    /// The version of the job's payload; null for a click.
    #[schema(schema_with = count_or_null, required)]
    payload_version: Option<u64>,
    payload: StoredValue,
}

/// One dead letter, of either kind.
enum Letter {
    Job(DeadJob),
    Click(StoredDeadLetter),
}

/// What a dead letter is addressed by.
enum Id {
    Job(JobId),
    Click(DeadLetterKey),
}

impl Id {
    fn parse(text: &str) -> Option<Self> {
        let job = || JobId::parse(text).ok().map(Self::Job);
        text.parse().ok().map(Self::Click).or_else(job)
    }
}

impl Letter {
    async fn find(services: &Services, id: &Id) -> Result<Option<Self>, ApiError> {
        Ok(match id {
            Id::Job(id) => services.background.jobs.find_dead(*id).await?.map(Self::Job),
            Id::Click(key) => {
                let found = data_ops::clicks::find_dead_letter(&services.databases.clicks, key).await?;
                found.map(Self::Click)
            }
        })
    }

    fn failed_at(&self) -> Timestamp {
        match self {
            Self::Job(job) => job.failed_at,
            Self::Click(letter) => letter.created_at,
        }
    }

    fn detail(self, services: &Services) -> DeadLetterDetailView {
        let (payload_version, payload) = match &self {
            Self::Job(job) => (Some(job.version.unsigned_abs()), StoredValue::text(&job.payload)),
            Self::Click(stored) => {
                let payload = &stored.letter.payload;
                let meaning = services.background.clicks.describe(payload);
                (None, StoredValue::bytes(payload, meaning.as_ref()))
            }
        };
        DeadLetterDetailView { letter: self.into(), payload_version, payload }
    }
}

impl From<Letter> for DeadLetterView {
    fn from(letter: Letter) -> Self {
        match letter {
            Letter::Job(job) => Self {
                id: job.id.to_string(),
                queue: job.queue,
                error: job.error,
                attempts: Some(job.attempts.unsigned_abs()),
                created_at: Some(job.created_at),
                failed_at: job.failed_at,
            },
            Letter::Click(stored) => Self {
                id: stored.key().to_string(),
                queue: CLICKS.to_owned(),
                failed_at: stored.created_at,
                error: stored.letter.error,
                attempts: None,
                created_at: None,
            },
        }
    }
}

fn absent() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is no such dead letter, or not any more.")
}
