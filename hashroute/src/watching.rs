//! What watches destinations, put together: who looks, who judges, where it is kept, and what people can do about it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use browser::{
    BrowserConfig, BrowserRenderer, Limits, PlainRenderer, Program, RenderError, Renderer, Rendering, Settled,
};
use data_ops::{
    clock::Clock,
    database::Databases,
    links::LinkObserver,
    types::{DestinationId, EvaluationId, Pin, UserId, WorkspaceId},
};
use data_service::{
    evaluation::{
        Artifacts, CheckDue, ClickTrigger, Evaluation, EvaluationParts, EvaluationScheduler, PruneEvaluations, Regular,
        Retention, StartEvaluation, check_now, starting,
    },
    health::{ApplyHealth, DestinationHealth, HealthChanges, HealthListener, HealthMessage, ReviewFreeze, Said},
};
use durable::{
    jobs::{Job as _, Jobs, QueueOptions},
    objects::{Classes, Objects},
    store::Store,
    workflows::{Workflows, WorkflowsBuilder},
};
use guard::Guard;
use judge::ai::{Judge, OpenAiJudge};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use user_application::{Abilities, Answer, CheckNow, WatchingError};

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
    /// Whether it was said that there is no browser.
    said: AtomicBool,
}

impl Renderer for Looker {
    fn render<'a>(&'a self, url: &'a str, limits: &'a Limits, settled: Option<Settled<'a>>) -> Rendering<'a> {
        Box::pin(async move {
            match self.browser.render(url, limits, settled).await {
                Err(RenderError::Start(error)) => {
                    if !self.said.swap(true, Ordering::Relaxed) {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "there is no browser: pages are judged by their HTML alone; `hashroute doctor` says what is missing"
                        );
                    }
                    self.plain.render(url, limits, settled).await
                }
                rendered => {
                    self.said.store(false, Ordering::Relaxed);
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
    has_browser: bool,
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
        let has_browser = Program::find(configuration.browser_program.as_deref()).is_some();
        let looker = Looker {
            browser: BrowserRenderer::new(config, guard.clone()),
            plain: PlainRenderer::new(guard.clone(), None),
            said: AtomicBool::new(false),
        };
        let judge = match settings.ai.clone() {
            Some(ai) => Some(Arc::new(OpenAiJudge::new(ai)?) as Arc<dyn Judge>),
            None => None,
        };
        Ok(Self { settings, guard, looker: Arc::new(looker), judge, artifacts, has_browser })
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
        let evaluation = &self.settings.evaluation;
        let abilities = Abilities {
            enabled: evaluation.enabled,
            browser: self.has_browser,
            model: self.settings.ai.as_ref().map(|ai| ai.model.clone()),
            checks_per_day: evaluation.checks_per_day,
            ai_calls_per_day: evaluation.ai_calls_per_day,
        };
        Arc::new(Steering { objects: objects.clone(), changes, artifacts: self.artifacts.clone(), abilities })
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

/// What people can do about destinations.
pub struct Steering {
    objects: Objects,
    changes: Arc<HealthChanges>,
    artifacts: Artifacts,
    abilities: Abilities,
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> WatchingError {
    WatchingError(Box::new(error))
}

impl Steering {
    fn say(&self, workspace: WorkspaceId, destination: DestinationId, said: Said) -> Answer<'_, ()> {
        let health = self.objects.get::<DestinationHealth>(DestinationHealth::name(destination));
        Box::pin(async move {
            health.send(HealthMessage { workspace, said }).await.map_err(failed)?;
            Ok(())
        })
    }
}

impl user_application::Watching for Steering {
    fn check_now(&self, workspace: WorkspaceId, destination: DestinationId) -> Answer<'_, CheckNow> {
        Box::pin(async move {
            let reply = check_now(&self.objects, workspace, destination).await.map_err(failed)?;
            Ok(CheckNow { begun: reply.begun, since: reply.running.map(|running| running.since) })
        })
    }

    fn mark_wrong(
        &self,
        workspace: WorkspaceId,
        destination: DestinationId,
        evaluation: EvaluationId,
        is_good: bool,
        by: UserId,
    ) -> Answer<'_, ()> {
        self.say(workspace, destination, Said::MarkWrong { evaluation, is_good, by })
    }

    fn restore(&self, workspace: WorkspaceId, destination: DestinationId, by: UserId) -> Answer<'_, ()> {
        self.say(workspace, destination, Said::Restore { by })
    }

    fn pin(&self, workspace: WorkspaceId, destination: DestinationId, pin: Option<Pin>, by: UserId) -> Answer<'_, ()> {
        self.say(workspace, destination, Said::Pin { pin, by })
    }

    fn lift_freeze(&self, by: UserId) -> Answer<'_, bool> {
        Box::pin(async move { self.changes.lift(by).await.map_err(failed) })
    }

    fn artifact<'a>(&'a self, key: &'a str) -> Answer<'a, Option<bytes::Bytes>> {
        Box::pin(async move { self.artifacts.get(key).await.map_err(failed) })
    }

    fn abilities(&self) -> Abilities {
        self.abilities.clone()
    }
}
