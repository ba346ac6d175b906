//! What watches destinations, put together: who looks, who judges, where it is kept, and what people can do about it.

use std::{
    error::Error as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use browser::{
    BrowserConfig, BrowserRenderer, Limits, PlainRenderer, Program, RenderError, Renderer, Rendering, Settled,
    StartError,
};
use bytes::Bytes;
use data_ops::{
    clock::Clock,
    database::Databases,
    links::LinkObserver,
    types::{DestinationId, UserId, WorkspaceId},
};
use data_service::{
    evaluation::{
        Artifacts, CheckDue, ClickTrigger, Evaluation, EvaluationParts, EvaluationScheduler, PruneEvaluations, Regular,
        Retention, SchedulerError, StartEvaluation, check_now, starting,
    },
    health::{
        ApplyHealth, ChangeError, DestinationHealth, HealthChanges, HealthListener, HealthMessage, ReviewFreeze, Said,
    },
};
use durable::{
    jobs::{Job as _, Jobs, QueueOptions},
    objects::{Classes, ObjectError, Objects, SendError},
    store::Store,
    workflows::{Workflows, WorkflowsBuilder},
};
use futures_util::future::BoxFuture;
use guard::Guard;
use judge::ai::{Judge, OpenAiJudge};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use user_application::{BrowserStatus, CheckSchedule, Decided, Decision, StartedCheck, WatchingError, WatchingStatus};

use crate::{configuration::Configuration, data_directory::DataDirectory, egress};

/// The queues of this part.
pub const QUEUES: [&str; 5] =
    [ApplyHealth::QUEUE, StartEvaluation::QUEUE, CheckDue::QUEUE, ReviewFreeze::QUEUE, PruneEvaluations::QUEUE];
/// Checks that begin by the schedule in a minute at most, for each that goes on at once.
const A_MINUTE: u64 = 30;

/// Which objects this part has.
pub fn classes(classes: Classes) -> Classes {
    classes.with::<EvaluationScheduler>().with::<DestinationHealth>()
}

/// Who looks at pages: the browser, and where it cannot be started who reads their HTML.
struct Looker {
    browser: BrowserRenderer,
    plain: PlainRenderer,
    /// Why there is no browser, as far as that was found out.
    problem: Mutex<Option<String>>,
}

impl Looker {
    fn problem(&self) -> MutexGuard<'_, Option<String>> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn status(&self) -> BrowserStatus {
        match &*self.problem() {
            Some(problem) => BrowserStatus::Missing { problem: problem.clone() },
            None => BrowserStatus::Available { version: None },
        }
    }

    /// Says once why there is no browser.
    fn without_browser(&self, error: &StartError) {
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        let text = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
        if self.problem().replace(text.clone()).is_none() {
            tracing::warn!(problem = text, "there is no browser: pages are judged by their HTML alone");
        }
    }
}

impl Renderer for Looker {
    fn render<'a>(&'a self, url: &'a str, limits: &'a Limits, settled: Option<Settled<'a>>) -> Rendering<'a> {
        Box::pin(async move {
            match self.browser.render(url, limits, settled).await {
                Err(RenderError::Start(error)) => {
                    self.without_browser(&error);
                    self.plain.render(url, limits, settled).await
                }
                rendered => {
                    *self.problem() = None;
                    rendered
                }
            }
        })
    }
}

/// What the service watches with.
pub struct Watching {
    settings: crate::configuration::Watching,
    guard: Guard,
    looker: Arc<Looker>,
    judge: Option<Arc<dyn Judge>>,
    artifacts: Artifacts,
}

impl Watching {
    /// Ready to look; the browser starts with the first look.
    pub fn open(configuration: &Configuration, directory: &DataDirectory) -> anyhow::Result<Self> {
        let policy = egress::policy(configuration)?;
        let guard = Guard::new(policy).context("the guard of outgoing requests could not be made")?;
        let settings = configuration.watching.clone();
        let artifacts = settings.artifacts_directory.clone().unwrap_or_else(|| directory.artifacts());
        let artifacts = Artifacts::in_directory(&artifacts)?;
        let program = std::env::current_exe().context("this program's own file cannot be found")?;
        let config = BrowserConfig {
            program: configuration.browser_program.clone(),
            sandbox: configuration.browser_sandbox,
            concurrency: configuration.browser_pages,
            ..BrowserConfig::new(vec![program.into(), "browser-jail".into()])
        };
        let missing = "no browser is installed: install chromium-headless-shell, or name one with `browser.program`";
        let found = Program::find(configuration.browser_program.as_deref());
        let looker = Looker {
            browser: BrowserRenderer::new(config, guard.clone()),
            plain: PlainRenderer::new(guard.clone(), None),
            problem: Mutex::new(found.is_none().then(|| missing.to_owned())),
        };
        let judge = match settings.ai.clone() {
            Some(ai) => Some(Arc::new(OpenAiJudge::new(ai)?) as Arc<dyn Judge>),
            None => None,
        };
        Ok(Self { settings, guard, looker: Arc::new(looker), judge, artifacts })
    }

    /// The same with the workflow of evaluations.
    pub fn register(
        &self,
        builder: WorkflowsBuilder,
        databases: &Databases,
        store: &Store,
        clock: &Arc<dyn Clock>,
        objects: &Objects,
    ) -> WorkflowsBuilder {
        let parts = EvaluationParts {
            databases: databases.clone(),
            store: store.clone(),
            clock: clock.clone(),
            objects: objects.clone(),
            artifacts: self.artifacts.clone(),
            renderer: self.looker.clone(),
            rules: judge::rules::judge,
            judge: self.judge.clone(),
            guard: self.guard.clone(),
            settings: self.settings.evaluation.clone(),
        };
        builder.register_limited(Evaluation(Arc::new(parts)), self.settings.concurrency)
    }

    /// Starts the workers of this part.
    pub fn start(&self, parts: Parts<'_>) -> Arc<Steering> {
        let Parts { databases, clock, jobs, objects, workflows, links, listener, tasks, stop } = parts;
        let store = jobs.store().clone();
        let changes = Arc::new(HealthChanges {
            objects: objects.clone(),
            store: store.clone(),
            links,
            listener,
            freeze: self.settings.freeze,
        });
        let regular = Regular {
            databases: databases.clone(),
            clock: clock.clone(),
            objects: objects.clone(),
            settings: self.settings.evaluation.clone(),
            at_most: u64::from(self.settings.concurrency) * A_MINUTE,
        };
        let retention = Retention {
            store,
            artifacts: self.artifacts.clone(),
            clock: clock.clone(),
            keep: self.settings.artifacts_keep,
        };
        let one = QueueOptions { concurrency: 1, ..QueueOptions::default() };
        let long = QueueOptions { time_out: Duration::from_secs(900), ..one.clone() };
        let starting = starting(workflows.clone());
        tasks.spawn(jobs.worker::<StartEvaluation, _>(starting, QueueOptions::default()).run(stop.clone()));
        let applying = changes.clone().applying();
        tasks.spawn(jobs.worker::<ApplyHealth, _>(applying, QueueOptions::default()).run(stop.clone()));
        tasks.spawn(jobs.worker::<ReviewFreeze, _>(changes.clone().reviewing(), one.clone()).run(stop.clone()));
        tasks.spawn(jobs.worker::<CheckDue, _>(Arc::new(regular).checking(), one).run(stop.clone()));
        tasks.spawn(jobs.worker::<PruneEvaluations, _>(Arc::new(retention).pruning(), long).run(stop.clone()));
        Arc::new(Steering {
            objects: objects.clone(),
            changes,
            artifacts: self.artifacts.clone(),
            looker: self.looker.clone(),
            settings: self.settings.clone(),
        })
    }

    /// What has destinations looked at that are clicked.
    pub fn click_trigger(&self, databases: &Databases, clock: Arc<dyn Clock>, objects: Objects) -> Arc<ClickTrigger> {
        ClickTrigger::new(objects, databases.control.clone(), clock, self.settings.evaluation.clone())
    }

    /// Ends the browser.
    pub async fn shut_down(&self) {
        self.looker.browser.shutdown().await;
    }
}

/// What the workers work with.
pub struct Parts<'a> {
    /// Control data and clicks.
    pub databases: &'a Databases,
    /// The time.
    pub clock: &'a Arc<dyn Clock>,
    /// The job queues.
    pub jobs: &'a Jobs,
    /// The objects.
    pub objects: &'a Objects,
    /// The workflows.
    pub workflows: &'a Workflows,
    /// Told of links that lead elsewhere.
    pub links: Arc<dyn LinkObserver>,
    /// Who else has to know what became of a destination.
    pub listener: Arc<dyn HealthListener>,
    /// Where workers run.
    pub tasks: &'a TaskTracker,
    /// Ends them.
    pub stop: &'a CancellationToken,
}

/// What people can see and do about destinations.
pub struct Steering {
    objects: Objects,
    changes: Arc<HealthChanges>,
    artifacts: Artifacts,
    looker: Arc<Looker>,
    settings: crate::configuration::Watching,
}

/// What the caller is told where an object could not do what it was asked.
fn failed<E: std::error::Error + Send + Sync + 'static>(error: SendError<E>) -> WatchingError {
    match error {
        SendError::Object(ObjectError::Database(error)) => error.into(),
        SendError::Object(error) => WatchingError::Unavailable(error.into()),
        refused @ SendError::Refused(_) => WatchingError::Failed(refused.into()),
    }
}

impl user_application::Watching for Steering {
    fn status(&self) -> BoxFuture<'_, WatchingStatus> {
        Box::pin(async move {
            let evaluation = &self.settings.evaluation;
            WatchingStatus {
                enabled: evaluation.enabled,
                browser: self.looker.status(),
                ai_model: self.settings.ai.as_ref().map(|ai| ai.model.clone()),
                checks_per_day: evaluation.checks_per_day,
                ai_calls_per_day: evaluation.ai_calls_per_day,
                interval: evaluation.interval,
                confirm_after: evaluation.thresholds.confirm_after,
                confirm_transient_after: evaluation.thresholds.confirm_transient_after,
                recover_after: evaluation.thresholds.recover_after,
            }
        })
    }

    fn check(
        &self,
        workspace: WorkspaceId,
        destination: DestinationId,
    ) -> BoxFuture<'_, Result<StartedCheck, WatchingError>> {
        Box::pin(async move {
            let reply = check_now(&self.objects, workspace, destination).await.map_err(failed)?;
            let since = reply.running.map_or_else(|| self.changes.store.now(), |running| running.since);
            Ok(StartedCheck { since, begun: reply.begun })
        })
    }

    fn schedule(&self, destination: DestinationId) -> BoxFuture<'_, Result<CheckSchedule, WatchingError>> {
        let scheduler = self.objects.get::<EvaluationScheduler>(EvaluationScheduler::name(destination));
        Box::pin(async move {
            let state = scheduler.snapshot().await.map_err(|error| failed::<SchedulerError>(error.into()))?.state;
            Ok(CheckSchedule { running_since: state.running.map(|running| running.since), next_at: state.next_at })
        })
    }

    fn decide(
        &self,
        workspace: WorkspaceId,
        destination: DestinationId,
        decision: Decision,
        by: UserId,
    ) -> BoxFuture<'_, Result<Decided, WatchingError>> {
        let said = match decision {
            Decision::Restore => Said::Restore { by },
            Decision::Pin(pin) => Said::Pin { pin, by },
            Decision::Correct { evaluation, is_good } => Said::MarkWrong { evaluation, is_good, by },
        };
        let object = self.objects.get::<DestinationHealth>(DestinationHealth::name(destination));
        Box::pin(async move {
            let health = object.send(HealthMessage { workspace, said }).await.map_err(failed)?.health;
            Ok(Decided { state: health.state, since: health.since, reason: health.reason, pin: health.pin })
        })
    }

    fn artifact<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, WatchingError>> {
        Box::pin(async move { self.artifacts.get(key).await.map_err(|error| WatchingError::Unavailable(error.into())) })
    }

    fn lift_freeze(&self, by: UserId) -> BoxFuture<'_, Result<bool, WatchingError>> {
        Box::pin(async move {
            self.changes.lift(by).await.map_err(|error| match error {
                ChangeError::Database(error) => error.into(),
                error => WatchingError::Failed(error.into()),
            })
        })
    }
}
