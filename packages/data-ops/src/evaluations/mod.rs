//! Evaluations: checks of destinations, what they found and what shows it.

mod ai_judgements;
mod budgets;
mod entity;
mod find;
mod insert;
mod overriding;
mod retention;

pub use ai_judgements::{delete_ai_judgements, find_ai_judgement, keep_ai_judgement};
pub use budgets::{Budget, Spending, budget_of, delete_budgets, spend};
pub use find::{EvaluationFilter, find_evaluation, find_evaluations, last_good_evaluation, list_evaluations};
pub use insert::insert_evaluation;
pub use overriding::{correct_evaluation, override_evaluation};
pub use retention::{StoredArtifacts, clear_artifacts, delete_evaluations, evaluations_with_artifacts};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::database::DatabaseError;
use crate::types::{
    DestinationId, EvaluationId, EvaluationTrigger, FailureKind, LinkId, Timestamp, UserId, Verdict, VerdictSource,
    WorkspaceId,
};

/// A piece of a page that led to a verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The number of the block in the page's snapshot; `None` where it is no block, such as a status.
    #[serde(default)]
    pub block: Option<u32>,
    /// In which part of the page it is: `main`, `nav`, `footer`, `related`, `review`, `overlay` …
    #[serde(default)]
    pub zone: Option<String>,
    /// Its text, at most 160 characters.
    pub text: String,
    /// Where it is on the screenshot, in CSS pixels: left, top, width, height.
    #[serde(default)]
    pub rect: Option<[f32; 4]>,
}

/// A redirect on the way to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedirectStep {
    /// Where from.
    pub url: String,
    /// Its status; `None` where the page redirected by itself.
    #[serde(default)]
    pub status: Option<u16>,
}

/// Something kept of a check, beside the row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// `screenshot`, `html` or `snapshot`.
    pub kind: String,
    /// Where it is in the store.
    pub key: String,
    /// The SHA-256 of what is stored, in hexadecimal.
    pub sha256: String,
    /// How many bytes are stored.
    pub bytes: u64,
    /// Its type, such as `image/webp`.
    pub content_type: String,
}

/// What asking a language model took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AiUse {
    /// The model asked.
    pub model: String,
    /// How the answer was asked for: `json_schema`, `object_schema`, `bare`, `json_object`, `plain`.
    pub mode: Option<String>,
    /// The version of the question.
    pub prompt_version: Option<String>,
    /// Tokens of the question.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer.
    pub completion_tokens: Option<u64>,
    /// What it cost, in millionths of a US dollar.
    pub cost_micros: Option<u64>,
    /// Whether the answer was one given before.
    pub cached: bool,
    /// Why there was no answer, or none that counts.
    pub error: Option<String>,
}

/// What was said before somebody overrode it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The code of why.
    pub reason: String,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// Who came to it.
    pub decided_by: VerdictSource,
    /// Of what kind the failure was.
    #[serde(default)]
    pub failure: Option<FailureKind>,
}

/// One check of a destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Its id, made once for the run: storing it again is harmless.
    pub id: EvaluationId,
    /// Whose destination.
    pub workspace_id: WorkspaceId,
    /// Which.
    pub destination_id: DestinationId,
    /// The link it was checked for, one of those that lead there.
    pub link_id: Option<LinkId>,
    /// The URL as it was then.
    pub url: String,
    /// Why it was checked.
    pub trigger: EvaluationTrigger,
    /// The how manyeth try, from 1.
    pub attempt: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// What it found.
    pub verdict: Verdict,
    /// Of what kind the failure is, of [`Verdict::Broken`].
    pub failure: Option<FailureKind>,
    /// The code of why, such as `out_of_stock`.
    pub reason: String,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// Who came to it.
    pub decided_by: VerdictSource,
    /// What on the page led to it.
    pub evidence: Vec<Evidence>,
    /// The page's status.
    pub http_status: Option<u16>,
    /// Where the redirects ended.
    pub final_url: Option<String>,
    /// The redirects.
    pub redirects: Vec<RedirectStep>,
    /// Why there was no page, as a code.
    pub nav_error: Option<String>,
    /// Why the guard refused it, as a code.
    pub guard_denied: Option<String>,
    /// The page's title.
    pub title: Option<String>,
    /// The page's language.
    pub lang: Option<String>,
    /// A hash of what was visible, in hexadecimal: equal where nothing changed.
    pub content_hash: Option<String>,
    /// Requests made.
    pub requests: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Milliseconds by what they were spent on.
    pub timings: Map<String, Value>,
    /// The browser; `None` where the page was fetched without one.
    pub browser_version: Option<String>,
    /// The rules.
    pub rules_version: Option<String>,
    /// The language model, where one was asked.
    pub ai: Option<AiUse>,
    /// What is kept beside.
    pub artifacts: Vec<Artifact>,
    /// What was said before somebody overrode it.
    pub judged: Option<Judged>,
    /// Who did.
    pub overridden_by: Option<UserId>,
    /// When they did.
    pub overridden_at: Option<Timestamp>,
}

impl TryFrom<entity::Model> for Evaluation {
    type Error = DatabaseError;

    fn try_from(row: entity::Model) -> Result<Self, DatabaseError> {
        fn word<T, E: std::fmt::Display>(what: &'static str, parsed: Result<T, E>) -> Result<T, DatabaseError> {
            parsed.map_err(|error| DatabaseError::stored(what, error))
        }
        Ok(Self {
            id: EvaluationId::from_uuid(row.id),
            workspace_id: WorkspaceId::from_uuid(row.workspace_id),
            destination_id: DestinationId::from_uuid(row.destination_id),
            link_id: row.link_id.map(LinkId::from_uuid),
            url: row.url,
            trigger: word("trigger", EvaluationTrigger::parse(&row.trigger))?,
            attempt: u32::try_from(row.attempt).unwrap_or(u32::MAX),
            started_at: Timestamp::from_millis(row.started_at),
            finished_at: Timestamp::from_millis(row.finished_at),
            verdict: word("verdict", Verdict::parse(&row.verdict))?,
            failure: word("failure", row.failure.as_deref().map(FailureKind::parse).transpose())?,
            reason: row.reason,
            confidence: row.confidence,
            decided_by: word("source of a verdict", VerdictSource::parse(&row.decided_by))?,
            evidence: read_json("evidence", &row.evidence)?,
            http_status: row.http_status.and_then(|status| u16::try_from(status).ok()),
            final_url: row.final_url,
            redirects: read_json("redirects", &row.redirects)?,
            nav_error: row.nav_error,
            guard_denied: row.guard_denied,
            title: row.title,
            lang: row.lang,
            content_hash: row.content_hash,
            requests: u64::try_from(row.requests).unwrap_or(0),
            bytes: u64::try_from(row.bytes).unwrap_or(0),
            timings: read_json("timings", &row.timings)?,
            browser_version: row.browser_version,
            rules_version: row.rules_version,
            ai: row.ai.as_deref().map(|json| read_json("use of a model", json)).transpose()?,
            artifacts: read_json("artefacts", &row.artifacts)?,
            judged: row.judged.as_deref().map(|json| read_json("verdict before", json)).transpose()?,
            overridden_by: row.overridden_by.map(UserId::from_uuid),
            overridden_at: row.overridden_at.map(Timestamp::from_millis),
        })
    }
}

fn read_json<T: serde::de::DeserializeOwned>(what: &'static str, json: &str) -> Result<T, DatabaseError> {
    serde_json::from_str(json).map_err(|error| DatabaseError::stored(what, error))
}

fn write_json<T: Serialize>(what: &'static str, value: &T) -> Result<String, DatabaseError> {
    serde_json::to_string(value).map_err(|error| DatabaseError::stored(what, error))
}
