//! What the steps of an evaluation do.

use bytes::Bytes;
use data_ops::{
    destinations::{Check, find_destination, hold_destination, record_check, watch_of},
    evaluations::{
        Evaluation as EvaluationRow, Spending, find_ai_judgement, insert_evaluation, keep_ai_judgement, spend,
    },
    types::{EvaluationId, EvaluationTrigger, MonitorPhrases, Timestamp},
};
use durable::{store::Transaction, workflows::StepError};
use judge::{
    Verdict,
    ai::{AiError, Failure, Opinion, Question, Usage},
    decide, needs_ai,
    rules::{CustomPhrases, RulesVerdict},
    snapshot::PageSnapshot,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    ArtifactKind, ArtifactsOf, EvaluationParts, StartEvaluation,
    seen::{Admission, Admitted, Facts, Said, Seen},
};

/// A page of which the rules are so sure is not waited for any longer.
const SETTLED: f64 = 0.9;

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JudgedByRules {
    pub said: Said,
    /// Whether somebody else may be able to tell.
    pub is_unsure: bool,
}

fn files(input: StartEvaluation, evaluation: EvaluationId) -> ArtifactsOf {
    ArtifactsOf { workspace: input.workspace, destination: input.destination, evaluation }
}

impl EvaluationParts {
    /// Whether there is something to look at, and what.
    pub(super) async fn admit(&self, input: StartEvaluation) -> Result<Admission, StepError> {
        let control = &self.databases.control;
        let found = find_destination(control, input.workspace, input.destination).await?;
        let watch = watch_of(control.read(), input.workspace, input.destination).await?;
        let watched = watch.enabled && self.settings.enabled;
        let Some(destination) = found.filter(|_| watch.links > 0) else { return Ok(Admission::Gone) };
        if !watched && input.trigger != EvaluationTrigger::Manual {
            return Ok(Admission::Gone);
        }
        let refused = match self.guard.check(destination.url.as_str()) {
            guard::Verdict::Allow => None,
            guard::Verdict::Block(refusal) => Some(refusal.code().to_owned()),
        };
        let interval = watch.interval.map(|seconds| std::time::Duration::from_secs(seconds.into()));
        Ok(Admission::Admitted(Box::new(Admitted {
            evaluation: EvaluationId::generate(&*self.clock),
            url: destination.url.as_str().to_owned(),
            link: watch.link_id,
            phrases: watch.phrases,
            interval: interval.unwrap_or(self.settings.interval),
            watched,
            refused,
            started_at: self.clock.now(),
        })))
    }

    /// Looks at the page and keeps what it saw. A page that was looked at and kept already, before this node's predecessor died, is
    /// not looked at again.
    pub(super) async fn render(&self, input: StartEvaluation, admitted: &Admitted) -> Result<Seen, StepError> {
        let of = files(input, admitted.evaluation);
        if let Some(seen) = self.kept(of).await? {
            return Ok(seen);
        }
        let phrases = custom(admitted);
        let settled = |page: &PageSnapshot| is_settled(&(self.rules)(page, &phrases));
        let rendered = self.renderer.render(&admitted.url, &self.settings.limits, Some(&settled)).await?;
        let facts = Facts::of(&rendered.snapshot);
        let snapshot = serde_json::to_vec(&rendered.snapshot).map_err(StepError::fail)?;
        let files = [
            (ArtifactKind::Screenshot, rendered.screenshot.map(Bytes::from)),
            (ArtifactKind::Html, Some(Bytes::from(rendered.html)).filter(|html| !html.is_empty())),
            // The last one says that all are there.
            (ArtifactKind::Snapshot, Some(Bytes::from(snapshot))),
        ];
        let mut artifacts = Vec::new();
        for (kind, content) in files {
            let Some(content) = content else { continue };
            artifacts.push(self.artifacts.put(of, kind, content).await?);
        }
        Ok(Seen { artifacts, facts })
    }

    async fn kept(&self, of: ArtifactsOf) -> Result<Option<Seen>, StepError> {
        if self.artifacts.find(of, ArtifactKind::Snapshot).await?.is_none() {
            return Ok(None);
        }
        let mut artifacts = Vec::new();
        for kind in ArtifactKind::ALL {
            artifacts.extend(self.artifacts.find(of, kind).await?);
        }
        Ok(Some(Seen { artifacts, facts: Facts::of(&self.page(of).await?) }))
    }

    async fn page(&self, of: ArtifactsOf) -> Result<PageSnapshot, StepError> {
        let snapshot = self.artifacts.get(&of.key(ArtifactKind::Snapshot)).await?;
        let snapshot = snapshot.ok_or_else(|| StepError::fail("the snapshot of the page is no longer there"))?;
        serde_json::from_slice(&snapshot).map_err(StepError::fail)
    }

    async fn rules_of(
        &self,
        input: StartEvaluation,
        admitted: &Admitted,
    ) -> Result<(PageSnapshot, RulesVerdict), StepError> {
        let page = self.page(files(input, admitted.evaluation)).await?;
        let verdict = (self.rules)(&page, &custom(admitted));
        Ok((page, verdict))
    }

    /// Judges what was seen by the rules.
    pub(super) async fn judge_by_rules(
        &self,
        input: StartEvaluation,
        admitted: &Admitted,
    ) -> Result<JudgedByRules, StepError> {
        let (page, verdict) = self.rules_of(input, admitted).await?;
        Ok(JudgedByRules { said: decide(&page, &verdict, None).into(), is_unsure: needs_ai(&verdict) })
    }

    /// Asks a language model, and judges what was seen with its answer.
    pub(super) async fn ask(&self, input: StartEvaluation, admitted: &Admitted) -> Result<Said, StepError> {
        let (page, verdict) = self.rules_of(input, admitted).await?;
        let question = Question::of(&page, &verdict);
        if question.is_empty() {
            return Ok(decide(&page, &verdict, None).into());
        }
        let asked = self.opinion(input, &question).await?;
        Ok(decide(&page, &verdict, asked.as_ref()).into())
    }

    /// `None`: nobody is asked on this installation.
    async fn opinion(
        &self,
        input: StartEvaluation,
        question: &Question,
    ) -> Result<Option<Result<Opinion, Failure>>, StepError> {
        let Some(judge) = &self.judge else { return Ok(None) };
        let control = &self.databases.control;
        let key: [u8; 32] = Sha256::digest(question.cache_key(judge.model())).into();
        if let Some(known) = find_ai_judgement(control, &key).await?
            && let Ok(opinion) = serde_json::from_str::<Opinion>(&known)
        {
            return Ok(Some(Ok(opinion.cached())));
        }
        let (workspace, limit, now) = (input.workspace, self.settings.ai_calls_per_day, self.clock.now());
        let within = &self.store;
        let spent = within.write(move |transaction| {
            Box::pin(async move { spend(transaction, workspace, Spending::AiCall, limit, now).await })
        });
        if !spent.await? {
            let usage = Usage { model: judge.model().to_owned(), ..Usage::default() };
            return Ok(Some(Err(Failure { error: AiError::BudgetSpent, usage })));
        }
        let asked = judge.ask(question).await;
        if let Ok(opinion) = &asked {
            let (answer, now) = (serde_json::to_string(opinion).map_err(StepError::fail)?, self.clock.now());
            within
                .write(move |transaction| {
                    Box::pin(async move { keep_ai_judgement(transaction, &key, &answer, now).await })
                })
                .await?;
        }
        Ok(Some(asked))
    }

    /// Removes what was kept of a page nobody asks about any more.
    pub(super) async fn forget(&self, keys: &[String]) -> Result<(), StepError> {
        for key in keys {
            self.artifacts.delete(key).await?;
        }
        Ok(())
    }

    /// The evaluation as it is stored.
    pub(super) fn row(
        &self,
        input: StartEvaluation,
        admitted: &Admitted,
        seen: Seen,
        said: &Said,
        finished_at: Timestamp,
    ) -> EvaluationRow {
        let (facts, said) = (seen.facts, said.clone());
        EvaluationRow {
            id: admitted.evaluation,
            workspace_id: input.workspace,
            destination_id: input.destination,
            link_id: admitted.link,
            url: admitted.url.clone(),
            trigger: input.trigger,
            attempt: 1,
            started_at: admitted.started_at,
            finished_at,
            verdict: said.verdict,
            failure: said.failure,
            reason: said.reason,
            confidence: said.confidence,
            decided_by: said.decided_by,
            evidence: said.evidence,
            http_status: facts.http_status,
            final_url: facts.final_url,
            redirects: facts.redirects,
            nav_error: facts.nav_error,
            guard_denied: facts.guard_denied,
            title: facts.title,
            lang: facts.lang,
            content_hash: said.content_hash,
            requests: facts.requests,
            bytes: facts.bytes,
            timings: facts.timings,
            browser_version: facts.browser_version,
            rules_version: said.rules_version,
            ai: said.ai,
            artifacts: seen.artifacts,
            judged: None,
            overridden_by: None,
            overridden_at: None,
        }
    }
}

/// Whether a page that may still change says enough.
fn is_settled(verdict: &RulesVerdict) -> bool {
    verdict.verdict != Verdict::Unknown && verdict.confidence >= SETTLED
}

/// Words the owners of the links chose.
fn custom(admitted: &Admitted) -> CustomPhrases {
    let MonitorPhrases { available, unavailable } = admitted.phrases.clone();
    CustomPhrases { available, not_available: unavailable }
}

/// Stores an evaluation, and that the destination was looked at. `false`: it is no destination any more.
pub(super) async fn store(transaction: &Transaction, row: EvaluationRow) -> Result<bool, StepError> {
    if hold_destination(transaction, row.workspace_id, row.destination_id).await?.is_none() {
        return Ok(false);
    }
    insert_evaluation(transaction, &row).await?;
    let check = Check { evaluation_id: row.id, at: row.finished_at, verdict: row.verdict, reason: row.reason.clone() };
    record_check(transaction, row.workspace_id, row.destination_id, &check).await?;
    Ok(true)
}
