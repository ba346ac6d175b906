//! `hashroute admin objects …`

use anyhow::Context as _;
use clap::Subcommand;
use durable::objects::ObjectSummary;
use serde_json::{Value, json};

use super::{Office, json as stored_json, pretty, print_json, table::table, time};
use crate::commands::print_line;

/// What to do about objects.
#[derive(Subcommand)]
pub enum ObjectsCommand {
    /// List the classes, or the objects of one.
    List {
        /// The class.
        class: Option<String>,
        /// Only objects that take no messages.
        #[arg(long, requires = "class")]
        parked: bool,
        /// Only objects after this name.
        #[arg(long, requires = "class", default_value = "", hide_default_value = true)]
        after: String,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Show one with what it remembers.
    Show {
        /// The class.
        class: String,
        /// Its name.
        name: String,
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Have a parked object take messages again.
    Resume {
        /// The class.
        class: String,
        /// Its name.
        name: String,
    },
}

pub async fn run(office: &Office, command: ObjectsCommand) -> anyhow::Result<()> {
    let objects = &office.background.objects;
    match command {
        ObjectsCommand::List { class: None, json, .. } => classes(office, json).await,
        ObjectsCommand::List { class: Some(class), parked, after, limit, json } => {
            check(office, &class)?;
            list(&objects.list(&class, parked, &after, limit).await?, json)
        }
        ObjectsCommand::Show { class, name, json } => {
            check(office, &class)?;
            show(office, &class, &name, json).await
        }
        ObjectsCommand::Resume { class, name } => {
            check(office, &class)?;
            let was_parked = objects.resume(&class, &name).await?;
            anyhow::ensure!(was_parked, "there is no parked {class} \"{name}\"");
            print_line(&format!("{class} {name} takes messages again."))
        }
    }
}

fn check(office: &Office, class: &str) -> anyhow::Result<()> {
    let known = office.background.objects.knows(class);
    anyhow::ensure!(known, "there is no class \"{class}\"; `objects list` shows those there are");
    Ok(())
}

async fn classes(office: &Office, as_json: bool) -> anyhow::Result<()> {
    let classes = office.background.objects.status().await?;
    if as_json {
        let classes = classes.into_iter().map(|status| {
            json!({
                "class": status.class, "objects": status.objects, "alarms": status.alarms,
                "nextAlarmAt": status.next_alarm_at, "parked": status.parked,
            })
        });
        return print_json(&classes.collect());
    }
    let rows = classes.into_iter().map(|status| {
        [
            status.class.to_owned(),
            status.objects.to_string(),
            status.alarms.to_string(),
            time(status.next_alarm_at),
            status.parked.to_string(),
        ]
    });
    print_line(&table(["CLASS", "OBJECTS", "ALARMS", "NEXT ALARM", "PARKED"], rows.collect(), "There are no classes."))
}

fn list(objects: &[ObjectSummary], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return print_json(&objects.iter().map(summary).collect());
    }
    let rows = objects.iter().map(|object| {
        [
            object.name.clone(),
            object.version.to_string(),
            object.updated_at.to_string(),
            time(object.alarm_at),
            object.parked.clone().unwrap_or_default(),
        ]
    });
    print_line(&table(["NAME", "VERSION", "WRITTEN", "ALARM", "PARKED"], rows.collect(), "There are no such objects."))
}

async fn show(office: &Office, class: &str, name: &str, as_json: bool) -> anyhow::Result<()> {
    let found = office.background.objects.find(class, name).await?;
    let object = found.with_context(|| format!("there is no {class} \"{name}\""))?;
    if as_json {
        let mut shown = summary(&object.summary);
        shown["state"] = stored_json(&object.state);
        shown["stateVersion"] = object.state_version.into();
        shown["alarmAttempts"] = object.alarm_attempts.into();
        return print_json(&shown);
    }
    print_line(&format!(
        "Version  {}\nWritten  {}\nAlarm    {}\nParked   {}\n\n{}",
        object.summary.version,
        object.summary.updated_at,
        time(object.summary.alarm_at),
        object.summary.parked.as_deref().unwrap_or("no"),
        pretty(&object.state)
    ))
}

fn summary(object: &ObjectSummary) -> Value {
    json!({
        "name": object.name, "version": object.version, "updatedAt": object.updated_at, "alarmAt": object.alarm_at,
        "parked": object.parked,
    })
}
