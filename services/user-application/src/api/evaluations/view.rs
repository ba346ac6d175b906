//! An evaluation as the API shows it.

use data_ops::{
    evaluations::{AiUse, Artifact, Evaluation, Evidence, Judged, RedirectStep},
    types::{
        DestinationId, EvaluationId, EvaluationTrigger, FailureKind, LinkId, Timestamp, UserId, Verdict, VerdictSource,
    },
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::reason;
use crate::api::schema::{count, count_or_null};

/// One check of a destination: what it found, and what shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Evaluation)]
pub(crate) struct EvaluationView {
    #[schema(inline)]
    id: EvaluationId,
    #[schema(inline)]
    destination_id: DestinationId,
    /// One of the links that led there; null once it is deleted.
    #[schema(value_type = Option<String>, required)]
    link_id: Option<LinkId>,
    /// The URL that was checked.
    #[schema(example = "https://example.com/summer")]
    url: String,
    /// Why it was checked: a click on a destination not checked lately, its turn in the schedule, to confirm what an earlier check
    /// found, or because somebody asked.
    trigger: EvaluationTrigger,
    /// The how manyeth try, from 1.
    attempt: u32,
    #[schema(inline)]
    started_at: Timestamp,
    #[schema(inline)]
    finished_at: Timestamp,
    /// How long it took as a whole, in milliseconds.
    #[schema(schema_with = count)]
    duration_ms: u64,
    /// What it found. `UNKNOWN` changes nothing for visitors.
    verdict: Verdict,
    /// For `BROKEN`: whether it may pass.
    #[schema(required)]
    failure: Option<FailureKind>,
    /// The stable code of why.
    #[schema(example = "out_of_stock")]
    reason: String,
    /// Why, in plain words.
    #[schema(example = "It is sold out.")]
    reason_text: String,
    /// How sure, from 0 to 1. `NOT_AVAILABLE` counts from 0.8 on.
    #[schema(minimum = 0, maximum = 1)]
    confidence: f64,
    /// Who came to it: the rules, a language model where they were unsure, or a person who overrode them.
    decided_by: VerdictSource,
    /// The words on the page that decided it.
    evidence: Vec<EvidenceView>,
    /// The page's HTTP status; null where there was no answer.
    #[schema(required)]
    http_status: Option<u16>,
    /// Where the redirects ended.
    #[schema(required)]
    final_url: Option<String>,
    /// The redirects, in order; the last one led to `finalUrl`.
    redirects: Vec<RedirectView>,
    /// Why there was no page, for people who look into it.
    #[schema(required, example = "tls: the certificate has expired")]
    nav_error: Option<String>,
    /// Why the server may not visit this address, for people who look into it.
    #[schema(required)]
    guard_denied: Option<String>,
    /// The page's title.
    #[schema(required)]
    title: Option<String>,
    /// The page's language as it says itself.
    #[schema(required, example = "de-AT")]
    lang: Option<String>,
    /// A hash of what was visible: equal where nothing changed.
    #[schema(required)]
    content_hash: Option<String>,
    /// Requests the page made.
    #[schema(schema_with = count)]
    requests: u64,
    /// Bytes that came over the network.
    #[schema(schema_with = count)]
    bytes: u64,
    timings: TimingsView,
    /// The browser that showed the page; null where only its HTML was read.
    #[schema(required, example = "Chrome/152.0.1")]
    browser_version: Option<String>,
    /// The version of the rules.
    #[schema(required)]
    rules_version: Option<String>,
    /// What asking a language model took; null where none was asked.
    #[schema(required)]
    ai: Option<AiUseView>,
    /// What is kept of the page, for a while.
    artifacts: Vec<ArtifactView>,
    /// What was found before somebody overrode it; null where nobody did.
    #[schema(required)]
    judged: Option<JudgedView>,
    /// Who overrode it; null too once their account is gone.
    #[schema(value_type = Option<String>, required)]
    overridden_by: Option<UserId>,
    /// When they did.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    overridden_at: Option<Timestamp>,
}

/// Words on the page that decided it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Evidence)]
pub(crate) struct EvidenceView {
    /// The number of the block among the page's text (see `artifacts/text`); 0 is the title. Null where it is no text of the page, such
    /// as a status.
    #[schema(required)]
    block: Option<u32>,
    /// The part of the page it is in.
    #[schema(required, example = "main")]
    zone: Option<String>,
    /// The words, at most 160 characters.
    #[schema(example = "Sold out")]
    text: String,
    /// Where they are on the page; null where no browser showed it.
    #[schema(required)]
    rect: Option<RectView>,
}

/// A place on the page, in CSS pixels from its top left corner. The screenshot is the page's first 1280 × 900.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rect)]
pub(crate) struct RectView {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

/// A redirect on the way to the page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvaluationRedirect)]
pub(crate) struct RedirectView {
    /// Where from.
    url: String,
    /// The status that said so; null where the page redirected by itself.
    #[schema(required)]
    status: Option<u16>,
}

/// Milliseconds from the start; null where it did not come to that.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EvaluationTimings)]
pub(crate) struct TimingsView {
    /// Until the first byte of the page.
    #[schema(schema_with = count_or_null, required)]
    first_byte_ms: Option<u64>,
    /// Until the page was read.
    #[schema(schema_with = count_or_null, required)]
    content_loaded_ms: Option<u64>,
    /// Until its text no longer changed, or nothing more was waited for.
    #[schema(schema_with = count_or_null, required)]
    settled_ms: Option<u64>,
    /// Until everything was done.
    #[schema(schema_with = count_or_null, required)]
    total_ms: Option<u64>,
}

/// What asking a language model took.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AiUse)]
pub(crate) struct AiUseView {
    /// The model.
    model: String,
    /// How the answer was asked for: `json_schema`, `object_schema`, `bare`, `json_object` or `plain`.
    #[schema(required)]
    mode: Option<String>,
    /// The version of the question.
    #[schema(required)]
    prompt_version: Option<String>,
    /// Tokens of the question.
    #[schema(schema_with = count_or_null, required)]
    prompt_tokens: Option<u64>,
    /// Tokens of the answer.
    #[schema(schema_with = count_or_null, required)]
    completion_tokens: Option<u64>,
    /// What it cost, in millionths of a US dollar.
    #[schema(schema_with = count_or_null, required)]
    cost_micros: Option<u64>,
    /// Whether the answer was one given before to the same question.
    cached: bool,
    /// Why there was no answer, or none that counts.
    #[schema(required)]
    error: Option<String>,
}

/// What is kept of the page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Artifact)]
pub(crate) struct ArtifactView {
    /// What it is.
    kind: ArtifactKind,
    /// Where it can be read, with the permission to read evaluations.
    #[schema(example = "/api/evaluations/evl_01jd9zk3w0f5ktqk4mt2e8h6pc/artifacts/screenshot")]
    path: String,
    /// How large it is in the store, where text is compressed.
    #[schema(schema_with = count)]
    bytes: u64,
    /// The SHA-256 of what is in the store, in hexadecimal.
    sha256: String,
}

/// What is kept of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ArtifactKind {
    /// The page as a visitor sees it.
    Screenshot,
    /// Its HTML, as it was in the end.
    Html,
    /// Its visible text, in numbered blocks.
    Text,
}

/// What was found before somebody overrode it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Judged)]
pub(crate) struct JudgedView {
    verdict: Verdict,
    /// For `BROKEN`: whether it may pass.
    #[schema(required)]
    failure: Option<FailureKind>,
    /// The stable code of why.
    reason: String,
    /// Why, in plain words.
    reason_text: String,
    /// How sure, from 0 to 1.
    confidence: f64,
    decided_by: VerdictSource,
}

impl ArtifactKind {
    /// As the row has it, and the last part of its path.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Screenshot => ("screenshot", "screenshot"),
            Self::Html => ("html", "html"),
            Self::Text => ("snapshot", "text"),
        }
    }
}

impl ArtifactView {
    /// `None` for a kind of another version.
    fn of(evaluation: EvaluationId, artifact: Artifact) -> Option<Self> {
        let kinds = [ArtifactKind::Screenshot, ArtifactKind::Html, ArtifactKind::Text];
        let kind = kinds.into_iter().find(|kind| kind.names().0 == artifact.kind)?;
        let path = format!("/api/evaluations/{evaluation}/artifacts/{}", kind.names().1);
        Some(Self { kind, path, bytes: artifact.bytes, sha256: artifact.sha256 })
    }
}

impl From<Evidence> for EvidenceView {
    fn from(Evidence { block, zone, text, rect }: Evidence) -> Self {
        let rect = rect.map(|[x, y, width, height]| RectView { x, y, width, height });
        Self { block, zone, text, rect }
    }
}

impl From<RedirectStep> for RedirectView {
    fn from(RedirectStep { url, status }: RedirectStep) -> Self {
        Self { url, status }
    }
}

impl From<AiUse> for AiUseView {
    fn from(ai: AiUse) -> Self {
        Self {
            model: ai.model,
            mode: ai.mode,
            prompt_version: ai.prompt_version,
            prompt_tokens: ai.prompt_tokens,
            completion_tokens: ai.completion_tokens,
            cost_micros: ai.cost_micros,
            cached: ai.cached,
            error: ai.error,
        }
    }
}

impl From<Judged> for JudgedView {
    fn from(Judged { verdict, reason, confidence, decided_by, failure }: Judged) -> Self {
        Self { verdict, failure, reason_text: reason::in_words(&reason), reason, confidence, decided_by }
    }
}

impl TimingsView {
    fn of(timings: &Map<String, Value>) -> Self {
        let of = |name: &str| timings.get(name).and_then(Value::as_u64);
        Self {
            first_byte_ms: of("firstByteMs"),
            content_loaded_ms: of("contentLoadedMs"),
            settled_ms: of("settledMs"),
            total_ms: of("totalMs"),
        }
    }
}

impl From<Evaluation> for EvaluationView {
    fn from(evaluation: Evaluation) -> Self {
        let took = evaluation.finished_at.since(evaluation.started_at);
        let artifacts = evaluation.artifacts.into_iter().filter_map(|kept| ArtifactView::of(evaluation.id, kept));
        Self {
            id: evaluation.id,
            destination_id: evaluation.destination_id,
            link_id: evaluation.link_id,
            url: evaluation.url,
            trigger: evaluation.trigger,
            attempt: evaluation.attempt,
            started_at: evaluation.started_at,
            finished_at: evaluation.finished_at,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            verdict: evaluation.verdict,
            failure: evaluation.failure,
            reason_text: reason::in_words(&evaluation.reason),
            reason: evaluation.reason,
            confidence: evaluation.confidence,
            decided_by: evaluation.decided_by,
            evidence: evaluation.evidence.into_iter().map(EvidenceView::from).collect(),
            http_status: evaluation.http_status,
            final_url: evaluation.final_url,
            redirects: evaluation.redirects.into_iter().map(RedirectView::from).collect(),
            nav_error: evaluation.nav_error,
            guard_denied: evaluation.guard_denied,
            title: evaluation.title,
            lang: evaluation.lang,
            content_hash: evaluation.content_hash,
            requests: evaluation.requests,
            bytes: evaluation.bytes,
            timings: TimingsView::of(&evaluation.timings),
            browser_version: evaluation.browser_version,
            rules_version: evaluation.rules_version,
            ai: evaluation.ai.map(AiUseView::from),
            artifacts: artifacts.collect(),
            judged: evaluation.judged.map(JudgedView::from),
            overridden_by: evaluation.overridden_by,
            overridden_at: evaluation.overridden_at,
        }
    }
}
