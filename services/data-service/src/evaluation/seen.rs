//! What the steps of an evaluation hand to each other. The page itself stays among the artefacts.

use std::time::Duration;

use data_ops::{
    evaluations::{AiUse, Artifact, Evidence, RedirectStep},
    types::{EvaluationId, FailureKind, LinkId, MonitorPhrases, Timestamp, Verdict, VerdictSource},
};
use judge::{
    Judgement,
    snapshot::{NetworkFailure, Outcome, PageSnapshot},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::health::{Finding, Sign};

/// A verdict that something is not to be had counts from this confidence on.
const SURE: f64 = 0.8;
/// Redirects that are kept.
const REDIRECTS: usize = 20;
/// The longest text that is kept of a page, in characters.
const TEXT: usize = 500;
/// The longest URL that is kept, in characters.
const URL: usize = 4_000;

/// Whether there is something to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Admission {
    /// No link leads there any more, or nobody wants it looked at.
    Gone,
    /// There is.
    Admitted(Box<Admitted>),
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Admitted {
    /// The id of the evaluation, made once.
    pub evaluation: EvaluationId,
    /// The URL.
    pub url: String,
    /// One of the links that lead there.
    pub link: Option<LinkId>,
    /// Words that decide.
    pub phrases: MonitorPhrases,
    /// Between two looks.
    pub interval: Duration,
    /// Whether it is looked at by itself.
    pub watched: bool,
    /// Why the guard refuses it.
    pub refused: Option<String>,
    /// When the evaluation began.
    pub started_at: Timestamp,
}

/// What came of looking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Seen {
    /// What is kept.
    pub artifacts: Vec<Artifact>,
    /// What the row tells.
    pub facts: Facts,
}

/// What an evaluation's row tells of the page, beside the verdict.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    pub http_status: Option<u16>,
    pub final_url: Option<String>,
    pub redirects: Vec<RedirectStep>,
    pub nav_error: Option<String>,
    pub guard_denied: Option<String>,
    pub title: Option<String>,
    pub lang: Option<String>,
    pub requests: u64,
    pub bytes: u64,
    pub timings: Map<String, Value>,
    pub browser_version: Option<String>,
}

impl Facts {
    pub fn of(page: &PageSnapshot) -> Self {
        let (nav_error, guard_denied) = match &page.outcome {
            Outcome::Loaded => (None, None),
            Outcome::Refused { reason } => (None, Some(cut(reason, TEXT))),
            Outcome::Unreachable { failure, detail } => {
                (Some(cut(&format!("{}: {detail}", failure_code(*failure)), TEXT)), None)
            }
            Outcome::NotAPage => (Some("not_a_page".to_owned()), None),
            Outcome::RedirectLoop => (Some("redirect_loop".to_owned()), None),
            Outcome::TooLarge => (Some("too_large".to_owned()), None),
            Outcome::TimedOut => (Some("timed_out".to_owned()), None),
            Outcome::Crashed { detail } => (Some(cut(&format!("crashed: {detail}"), TEXT)), None),
        };
        let times = [
            ("firstByteMs", page.timings.first_byte_ms),
            ("contentLoadedMs", page.timings.content_loaded_ms),
            ("settledMs", page.timings.settled_ms),
            ("totalMs", Some(page.timings.total_ms)),
        ];
        let redirects = page.redirects.iter().take(REDIRECTS);
        Self {
            http_status: page.http_status,
            final_url: Some(cut(&page.final_url, URL)).filter(|url| !url.is_empty()),
            redirects: redirects.map(|step| RedirectStep { url: cut(&step.url, URL), status: step.status }).collect(),
            nav_error,
            guard_denied,
            title: Some(cut(&page.title, TEXT)).filter(|title| !title.is_empty()),
            lang: page.lang.as_deref().map(|lang| cut(lang, 35)),
            requests: page.requests.into(),
            bytes: page.bytes,
            timings: times.into_iter().filter_map(|(name, time)| Some((name.to_owned(), time?.into()))).collect(),
            browser_version: page.browser.clone(),
        }
    }
}

fn failure_code(failure: NetworkFailure) -> &'static str {
    match failure {
        NetworkFailure::NameNotFound => "name_not_found",
        NetworkFailure::Dns => "dns",
        NetworkFailure::ConnectionRefused => "connection_refused",
        NetworkFailure::ConnectionReset => "connection_reset",
        NetworkFailure::TimedOut => "timed_out",
        NetworkFailure::Tls => "tls",
        NetworkFailure::InvalidResponse => "invalid_response",
        NetworkFailure::Other => "other",
    }
}

/// What the row keeps of a text that a stranger wrote: PostgreSQL stores no NUL.
fn cut(text: &str, characters: usize) -> String {
    text.chars().filter(|character| *character != '\0').take(characters).collect()
}

/// What is said of the destination in the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Said {
    pub verdict: Verdict,
    pub failure: Option<FailureKind>,
    pub reason: String,
    pub confidence: f64,
    pub decided_by: VerdictSource,
    pub evidence: Vec<Evidence>,
    pub content_hash: Option<String>,
    pub rules_version: Option<String>,
    pub ai: Option<AiUse>,
}

impl Said {
    /// There was nothing to judge, for a reason that is not the page's.
    pub fn nothing(reason: &str) -> Self {
        Self {
            verdict: Verdict::Unknown,
            failure: None,
            reason: reason.to_owned(),
            confidence: 0.0,
            decided_by: VerdictSource::Rules,
            evidence: Vec::new(),
            content_hash: None,
            rules_version: None,
            ai: None,
        }
    }

    /// The sign this is to the health of the destination.
    fn sign(&self) -> Sign {
        match (self.verdict, self.failure) {
            (Verdict::Available, _) => Sign::Good,
            (Verdict::NotAvailable, _) if self.confidence >= SURE => Sign::Hard,
            (Verdict::Broken, Some(FailureKind::Hard)) => Sign::Hard,
            (Verdict::Broken, _) => Sign::Transient,
            (Verdict::NotAvailable | Verdict::Unknown, _) => Sign::Unsure,
        }
    }

    /// The same for the destination's health.
    pub fn finding(&self, at: Timestamp) -> Finding {
        Finding { sign: self.sign(), reason: self.reason.clone(), at }
    }
}

impl From<Judgement> for Said {
    fn from(judgement: Judgement) -> Self {
        let Judgement { verdict, severity, reason, confidence, decided_by, evidence, rules_version, content_hash, ai } =
            judgement;
        let evidence = evidence.into_iter().map(|evidence| Evidence {
            block: Some(evidence.block),
            zone: serde_json::to_value(evidence.zone).ok().and_then(|zone| Some(zone.as_str()?.to_owned())),
            text: cut(&evidence.text, TEXT),
            rect: evidence.rect.map(|rect| [rect.x, rect.y, rect.width, rect.height]),
        });
        Self {
            verdict: match verdict {
                judge::Verdict::Available => Verdict::Available,
                judge::Verdict::NotAvailable => Verdict::NotAvailable,
                judge::Verdict::Unknown => Verdict::Unknown,
                judge::Verdict::Broken => Verdict::Broken,
            },
            failure: severity.map(|severity| match severity {
                judge::Severity::Hard => FailureKind::Hard,
                judge::Severity::Transient => FailureKind::Transient,
            }),
            reason: reason.code().to_owned(),
            confidence,
            decided_by: match decided_by {
                judge::DecidedBy::Rules => VerdictSource::Rules,
                judge::DecidedBy::Ai => VerdictSource::Ai,
                judge::DecidedBy::Override => VerdictSource::Override,
            },
            evidence: evidence.collect(),
            content_hash: Some(content_hash),
            rules_version: Some(rules_version),
            ai: ai.map(|record| AiUse {
                model: record.usage.model,
                mode: record.usage.mode.map(|mode| mode.code().to_owned()),
                prompt_version: Some(record.usage.prompt_version),
                prompt_tokens: Some(record.usage.input_tokens),
                completion_tokens: Some(record.usage.output_tokens),
                cost_micros: record.usage.cost_micros,
                cached: record.usage.cached,
                error: record.error,
            }),
        }
    }
}
