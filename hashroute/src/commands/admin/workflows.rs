//! `hashroute admin workflows …`

use anyhow::Context as _;
use clap::Subcommand;
use durable::workflows::{RunState, RunStatus, StepStatus};
use serde_json::{Value, json};

use super::{Office, json as stored_json, pretty, print_json, table::table, time};
use crate::commands::print_line;

/// What to do about runs of workflows.
#[derive(Subcommand)]
pub enum WorkflowsCommand {
    /// List them, the latest first.
    List {
        /// Only runs of this workflow.
        #[arg(long)]
        kind: Option<String>,
        /// Only runs in this state: running, paused, succeeded, failed, terminated, parked.
        #[arg(long, value_parser = state)]
        state: Option<RunState>,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Show one with its steps.
    Show {
        /// Its id, as listed.
        id: String,
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Stop a run before its next step, until it is resumed.
    Pause {
        /// Its id.
        id: String,
    },
    /// Have a paused or parked run go on.
    Resume {
        /// Its id.
        id: String,
    },
    /// End a run.
    Terminate {
        /// Its id.
        id: String,
    },
    /// Begin a run again, from its beginning or from a step on.
    Restart {
        /// Its id.
        id: String,
        /// The step to begin with.
        #[arg(long, value_name = "STEP")]
        from: Option<String>,
    },
}

fn state(text: &str) -> Result<RunState, &'static str> {
    RunState::parse(text).ok_or("take one of running, paused, succeeded, failed, terminated, parked")
}

pub async fn run(office: &Office, command: WorkflowsCommand) -> anyhow::Result<()> {
    let workflows = &office.background.workflows;
    let id = match command {
        WorkflowsCommand::List { kind, state, limit, json } => {
            let runs = workflows.list(kind.as_deref(), state, None, limit).await?;
            return list(&runs, json);
        }
        WorkflowsCommand::Show { id, json } => {
            let run = workflows.status(&id).await?.with_context(|| format!("there is no run \"{id}\""))?;
            return show(&run, json);
        }
        WorkflowsCommand::Pause { id } => workflows.pause(&id).await.map(|()| id)?,
        WorkflowsCommand::Resume { id } => workflows.resume(&id).await.map(|()| id)?,
        WorkflowsCommand::Terminate { id } => workflows.terminate(&id).await.map(|()| id)?,
        WorkflowsCommand::Restart { id, from: None } => workflows.restart(&id).await.map(|()| id)?,
        WorkflowsCommand::Restart { id, from: Some(step) } => workflows.restart_from(&id, &step).await.map(|()| id)?,
    };
    let run = workflows.status(&id).await?;
    let state = run.map_or("gone", |run| run.state.as_str());
    print_line(&format!("{id} is {state}. A node that executes it learns of it within a few seconds."))
}

fn list(runs: &[RunStatus], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return print_json(&runs.iter().map(summary).collect());
    }
    let rows = runs.iter().map(|run| {
        [
            run.created_at.to_string(),
            run.kind.clone(),
            run.state.as_str().to_owned(),
            run.id.clone(),
            error(run).unwrap_or_default(),
        ]
    });
    print_line(&table(["STARTED", "KIND", "STATE", "ID", "ERROR"], rows.collect(), "There are no runs."))
}

fn show(run: &RunStatus, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let mut shown = summary(run);
        shown["input"] = stored_json(&run.input);
        shown["output"] = run.output.as_deref().map(stored_json).into();
        shown["steps"] = run.steps.iter().map(step).collect();
        return print_json(&shown);
    }
    let mut text = format!(
        "Kind      {}\nState     {}\nStarted   {}\nEnded     {}\n",
        run.kind,
        run.state,
        run.created_at,
        time(run.finished_at)
    );
    if let Some(error) = error(run) {
        text.push_str(&format!("Error     {error}\n"));
    }
    text.push_str(&format!("\nInput\n{}\n", pretty(&run.input)));
    if let Some(output) = &run.output {
        text.push_str(&format!("\nOutput\n{}\n", pretty(output)));
    }
    let rows = run.steps.iter().map(|step| {
        let came_to = step.error.clone().or_else(|| step.output.clone()).unwrap_or_default();
        [
            step.name.clone(),
            step.state.as_str().to_owned(),
            step.attempts.to_string(),
            step.started_at.to_string(),
            time(step.finished_at.or(step.due_at)),
            came_to,
        ]
    });
    let headings = ["STEP", "STATE", "ATTEMPTS", "BEGAN", "DONE OR DUE", "CAME TO"];
    print_line(&format!("{text}\n{}", table(headings, rows.collect(), "No step has come to anything yet.")))
}

fn error(run: &RunStatus) -> Option<String> {
    run.parked.as_ref().map(ToString::to_string).or_else(|| run.error.clone())
}

fn summary(run: &RunStatus) -> Value {
    json!({
        "id": run.id, "kind": run.kind, "state": run.state.as_str(), "error": error(run), "node": run.node,
        "executions": run.executions, "createdAt": run.created_at, "finishedAt": run.finished_at,
    })
}

fn step(step: &StepStatus) -> Value {
    json!({
        "name": step.name, "state": step.state.as_str(), "attempts": step.attempts, "startedAt": step.started_at,
        "finishedAt": step.finished_at, "dueAt": step.due_at, "error": step.error,
        "output": step.output.as_deref().map(stored_json),
    })
}
