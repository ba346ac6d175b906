//! One look at a destination, from the question whether to look to what follows from it.

use std::{sync::Arc, time::Duration};

use browser::Renderer;
use data_ops::{
    clock::Clock,
    database::Databases,
    evaluations::{Spending, spend},
    types::{EvaluationId, Timestamp, Verdict},
};
use durable::{
    objects::{Objects, SendError},
    store::Store,
    workflows::{Context, StepError, StepFailed, StepPolicy, Workflow, WorkflowError},
};
use guard::Guard;
use judge::{
    ai::Judge,
    rules::{CustomPhrases, RulesVerdict},
    snapshot::PageSnapshot,
};
use serde::{Deserialize, Serialize};

use super::{
    Artifacts, EvaluationScheduler, EvaluationSettings, SchedulerEvent, SchedulerMessage, StartEvaluation, next_look,
    seen::{Admission, Admitted, Facts, Said, Seen},
    steps,
};
use crate::health::{DestinationHealth, HealthMessage, Said as ToldHealth};

/// The browser has its own deadline; this one is for a browser that does not keep it.
const LONGEST_LOOK: Duration = Duration::from_secs(120);
/// Reading and judging a page takes milliseconds.
const LONGEST_JUDGING: Duration = Duration::from_secs(30);
/// A language model has its own deadline.
const LONGEST_QUESTION: Duration = Duration::from_secs(60);
/// The day's looks are spent.
const BUDGET_SPENT: &str = "budget_spent";
/// This installation could not look.
const CHECK_FAILED: &str = "check_failed";

/// The rules, as a pure function of the page and the words its links' owners chose.
pub type Rules = fn(&PageSnapshot, &CustomPhrases) -> RulesVerdict;

/// What evaluations work with.
pub struct EvaluationParts {
    /// Where destinations and evaluations are.
    pub databases: Databases,
    /// The way to write there.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Told what was found.
    pub objects: Objects,
    /// Where pages are kept.
    pub artifacts: Artifacts,
    /// Looks.
    pub renderer: Arc<dyn Renderer>,
    /// Judge a page.
    pub rules: Rules,
    /// Asked where the rules cannot tell; `None`: nobody is asked.
    pub judge: Option<Arc<dyn Judge>>,
    /// Says what may be looked at.
    pub guard: Guard,
    /// What the operator decides.
    pub settings: EvaluationSettings,
}

/// The workflow of an evaluation.
pub struct Evaluation(pub Arc<EvaluationParts>);

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluated {
    /// The evaluation; `None` where there was nothing to look at.
    pub evaluation: Option<EvaluationId>,
    /// What it found.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reason: Option<String>,
}

impl Workflow for Evaluation {
    const KIND: &'static str = "evaluation";
    type Input = StartEvaluation;
    type Output = Evaluated;

    async fn run(&self, context: &Context, input: StartEvaluation) -> Result<Evaluated, WorkflowError> {
        match self.evaluate(context, input).await {
            Ok(evaluated) => Ok(evaluated),
            Err(failed) => {
                // Whatever it was, there is another look.
                let parts = &self.0;
                context.step("give_up", StepPolicy::attempts(20), || parts.give_up(input)).await?;
                Err(failed.into())
            }
        }
    }
}

impl Evaluation {
    async fn evaluate(&self, context: &Context, input: StartEvaluation) -> Result<Evaluated, StepFailed> {
        let parts = &self.0;
        let admission = context.step("admit", StepPolicy::default(), || parts.admit(input)).await?;
        let Admission::Admitted(admitted) = admission else {
            context.step("end", StepPolicy::attempts(20), || parts.end(input)).await?;
            return Ok(Evaluated { evaluation: None, verdict: None, reason: None });
        };
        let (seen, said) = self.look(context, input, &admitted).await?;
        let finished_at = context.step("finish", StepPolicy::default(), async || Ok(parts.clock.now())).await?;
        let evaluated = Evaluated {
            evaluation: Some(admitted.evaluation),
            verdict: Some(said.verdict),
            reason: Some(said.reason.clone()),
        };
        let row = parts.row(input, &admitted, seen, &said, finished_at);
        let keys: Vec<String> = row.artifacts.iter().map(|artifact| artifact.key.clone()).collect();
        let stored = context
            .transact("store", StepPolicy::attempts(8), move |transaction| Box::pin(steps::store(transaction, row)));
        if stored.await? {
            context
                .step("apply", StepPolicy::attempts(20), || parts.apply(input, &admitted, &said, finished_at))
                .await?;
        } else {
            context.step("forget", StepPolicy::default(), || parts.forget(&keys)).await?;
            context.step("end", StepPolicy::attempts(20), || parts.end(input)).await?;
        }
        Ok(evaluated)
    }

    /// Looks and judges. What goes wrong on the way is a verdict, too: that it cannot be told.
    async fn look(
        &self,
        context: &Context,
        input: StartEvaluation,
        admitted: &Admitted,
    ) -> Result<(Seen, Said), StepFailed> {
        let parts = &self.0;
        let nothing = |facts: Facts, reason: &str| (Seen { artifacts: Vec::new(), facts }, Said::nothing(reason));
        if let Some(refusal) = &admitted.refused {
            let facts = Facts { guard_denied: Some(refusal.clone()), ..Facts::default() };
            return Ok(nothing(facts, judge::Reason::RefusedByGuard.code()));
        }
        let (workspace, limit, now) = (input.workspace, parts.settings.checks_per_day, admitted.started_at);
        let may_look = context.transact("budget", StepPolicy::default(), move |transaction| {
            Box::pin(async move { Ok(spend(transaction, workspace, Spending::Check, limit, now).await?) })
        });
        if !may_look.await? {
            return Ok(nothing(Facts::default(), BUDGET_SPENT));
        }
        let policy = StepPolicy::attempts(3).time_out(LONGEST_LOOK);
        let seen = match context.step("render", policy, || parts.render(input, admitted)).await {
            Ok(seen) => seen,
            Err(failed) => return Ok(nothing(failure(&failed), CHECK_FAILED)),
        };
        let policy = StepPolicy::attempts(3).time_out(LONGEST_JUDGING);
        let judged = match context.step("rules", policy, || parts.judge_by_rules(input, admitted)).await {
            Ok(judged) => judged,
            Err(failed) => {
                let facts = Facts { nav_error: failure(&failed).nav_error, ..seen.facts };
                return Ok((Seen { facts, ..seen }, Said::nothing(CHECK_FAILED)));
            }
        };
        if !judged.is_unsure || parts.judge.is_none() {
            return Ok((seen, judged.said));
        }
        let policy = StepPolicy::attempts(2).time_out(LONGEST_QUESTION);
        let asked = context.step("ai", policy, || parts.ask(input, admitted)).await;
        Ok((seen, asked.unwrap_or(judged.said)))
    }
}

/// Says in the row why this installation could not look.
fn failure(failed: &StepFailed) -> Facts {
    tracing::warn!(step = failed.step, error = failed.error, "a destination could not be looked at");
    let text = failed.error.chars().filter(|character| *character != '\0').take(500).collect();
    Facts { nav_error: Some(text), ..Facts::default() }
}

impl EvaluationParts {
    /// Tells the destination's health, and plans the next look by what it answers.
    async fn apply(
        &self,
        input: StartEvaluation,
        admitted: &Admitted,
        said: &Said,
        at: Timestamp,
    ) -> Result<(), StepError> {
        let health = self.objects.get::<DestinationHealth>(DestinationHealth::name(input.destination));
        let thresholds = self.settings.thresholds;
        let told = ToldHealth::Found { evaluation: admitted.evaluation, finding: said.finding(at), thresholds };
        let told = HealthMessage { workspace: input.workspace, said: told };
        let reply = health.send(told).await.map_err(told_in_vain)?;
        let next = next_look(&reply.health, self.clock.now(), admitted.interval, thresholds);
        let event = SchedulerEvent::Finished { run: input.run, next: admitted.watched.then_some(next) };
        self.tell_scheduler(input, event).await
    }

    /// There is nothing to look at any more.
    async fn end(&self, input: StartEvaluation) -> Result<(), StepError> {
        self.tell_scheduler(input, SchedulerEvent::Finished { run: input.run, next: None }).await
    }

    /// This look came to nothing; the next one comes in its time.
    async fn give_up(&self, input: StartEvaluation) -> Result<(), StepError> {
        let trigger = data_ops::types::EvaluationTrigger::Schedule;
        let next = super::Next { at: self.clock.now().plus(self.settings.interval), trigger, backs_off: true };
        self.tell_scheduler(input, SchedulerEvent::Finished { run: input.run, next: Some(next) }).await
    }

    async fn tell_scheduler(&self, input: StartEvaluation, event: SchedulerEvent) -> Result<(), StepError> {
        let scheduler = self.objects.get::<EvaluationScheduler>(EvaluationScheduler::name(input.destination));
        let told = SchedulerMessage { workspace: input.workspace, event };
        scheduler.send(told).await.map_err(told_in_vain)?;
        Ok(())
    }
}

/// What an object refuses it refuses again; what it could not handle it may handle later.
fn told_in_vain<E: std::error::Error + Send + Sync + 'static>(error: SendError<E>) -> StepError {
    match error {
        refused @ SendError::Refused(_) => StepError::fail(refused),
        other => StepError::Retry(other.into()),
    }
}
