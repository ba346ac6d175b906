//! The commands of those who look after an installation, beside the running service.

use std::path::Path;

use serde_json::{Value, json};
use sqlx::{Row as _, sqlite::SqlitePool};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::process::{Service, bootstrap, run, stderr, wait_until};

const CRON: &str = "delete_expired_sessions";

/// The service on SQLite with an owner, and its files.
struct Installation {
    directory: TempDir,
    owner: Value,
    service: Service,
    runtime: Runtime,
}

impl Installation {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let owner = bootstrap(directory.path(), &[], "owner@example.com", "Acme");
        let service = Service::start(directory.path(), &[]);
        Self { directory, owner, service, runtime: Runtime::new().unwrap() }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// What `hashroute admin …` prints.
    fn admin(&self, arguments: &[&str]) -> String {
        let output = run(self.path(), &[], &[&["admin"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.admin(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// What it complains about.
    fn refusal(&self, arguments: &[&str]) -> String {
        let output = run(self.path(), &[], &[&["admin"], arguments].concat());
        assert!(!output.status.success(), "{arguments:?}");
        stderr(&output)
    }

    /// Runs a statement behind the service's back.
    fn execute(&self, file: &str, sql: &'static str) {
        let url = format!("sqlite://{}", self.path().join("data").join(file).display());
        self.runtime.block_on(async {
            let pool = SqlitePool::connect(&url).await.unwrap();
            sqlx::query(sql).execute(&pool).await.unwrap();
            pool.close().await;
        });
    }

    fn number(&self, sql: &'static str) -> i64 {
        let url = format!("sqlite://{}", self.path().join("data/control.db").display());
        self.runtime.block_on(async {
            let pool = SqlitePool::connect(&url).await.unwrap();
            let number = sqlx::query(sql).fetch_one(&pool).await.unwrap().get(0);
            pool.close().await;
            number
        })
    }

    fn cron(&self, name: &str) -> Value {
        let crons = self.json(&["crons", "list"]);
        crons.as_array().unwrap().iter().find(|cron| cron["name"] == name).cloned().unwrap()
    }

    fn queue(&self, name: &str) -> Value {
        let queues = self.json(&["queues"]);
        queues.as_array().unwrap().iter().find(|queue| queue["name"] == name).cloned().unwrap()
    }
}

#[test]
fn schedules_and_queues_are_steered_beside_the_running_service() {
    let mut it = Installation::start();
    assert_eq!(it.cron(CRON)["isKnown"], json!(true));
    assert!(it.admin(&["crons", "list"]).starts_with("CRON"));
    assert_eq!(it.admin(&["crons", "runs", CRON]), "It has not run yet.\n");

    // The queue lies while it is paused, and is worked on again after that.
    assert_eq!(it.queue("housekeeping")["isPaused"], json!(false));
    it.admin(&["queues", "pause", "housekeeping"]);
    it.admin(&["crons", "run", CRON]);
    assert_eq!(it.json(&["crons", "runs", CRON])[0]["outcome"], json!("asked"));
    let queue = it.queue("housekeeping");
    assert_eq!((&queue["isPaused"], &queue["ready"]), (&json!(true), &json!(1)));
    assert_eq!(it.service.metric(r#"hashroute_jobs{queue="housekeeping",state="ready"}"#), 1.0);
    it.admin(&["queues", "resume", "housekeeping"]);
    wait_until(|| match it.number("SELECT COUNT(*) FROM jobs WHERE queue = 'housekeeping'") {
        0 => Ok(()),
        left => Err(left),
    });
    assert_eq!(it.queue("housekeeping")["dead"], json!(0));

    it.admin(&["crons", "pause", CRON]);
    assert_eq!(it.cron(CRON)["isPaused"], json!(true));
    it.admin(&["crons", "resume", CRON]);
    assert_eq!(it.cron(CRON)["isPaused"], json!(false));

    assert!(it.refusal(&["queues", "pause", "chores"]).contains("housekeeping, "));
    assert!(it.refusal(&["crons", "run", "weekly"]).contains(CRON));
    assert!(it.service.terminate().success());
}

#[test]
fn dead_letters_are_shown_replayed_and_deleted() {
    let it = Installation::start();
    assert_eq!(it.admin(&["dead-letters", "list"]), "There are no dead letters.\n");
    it.execute(
        "control.db",
        "INSERT INTO dead_jobs (id, queue, version, payload, priority, attempts, epoch, created_at, failed_at, error) \
         VALUES (x'0192f3d1a4b07c3e8f0123456789abcd', 'housekeeping', 1, '{\"task\":\"delete_expired_sessions\"}', 0, 8, 8, \
         1772366400000, 1772366460000, 'the database was away')",
    );
    it.execute(
        "clicks.db",
        "INSERT INTO dead_letters (log_id, consumer, segment, byte_offset, payload, error, created_at) \
         VALUES (x'00000000000000000000000000000005', 'clicks', 1, 2, x'ff01', 'layout 255', 1772366400000)",
    );
    let letters = it.json(&["dead-letters", "list"]);
    assert_eq!((&letters[0]["queue"], &letters[1]["queue"]), (&json!("housekeeping"), &json!("clicks")));
    let (job, click) = (letters[0]["id"].as_str().unwrap(), letters[1]["id"].as_str().unwrap());
    assert!(it.admin(&["dead-letters", "list", "--queue", "clicks"]).contains("layout 255"));
    let shown = it.json(&["dead-letters", "show", job]);
    assert_eq!(shown["payload"], json!({ "task": "delete_expired_sessions" }));
    assert_eq!(it.json(&["dead-letters", "show", click])["payload"], json!("ff01"));
    assert!(it.admin(&["dead-letters", "show", job]).contains("the database was away"));
    assert_eq!(it.service.metric(r#"hashroute_jobs{queue="housekeeping",state="dead"}"#), 1.0);
    assert_eq!(it.service.metric("hashroute_clicks_dead_letters"), 1.0);

    it.admin(&["dead-letters", "replay", job]);
    wait_until(|| {
        match it.number(
            "SELECT (SELECT COUNT(*) FROM jobs WHERE queue = 'housekeeping') + (SELECT COUNT(*) FROM dead_jobs)",
        ) {
            0 => Ok(()),
            left => Err(left),
        }
    });
    assert!(it.refusal(&["dead-letters", "replay", click]).contains("layout 255"));
    assert_eq!(it.admin(&["dead-letters", "replay", "--queue", "clicks"]), "0 replayed, 1 still cannot be counted.\n");
    assert_eq!(it.admin(&["dead-letters", "delete", click]), "1 deleted.\n");
    assert!(it.refusal(&["dead-letters", "show", click]).contains("no such dead letter"));
    assert!(it.refusal(&["dead-letters", "replay"]).contains("--queue"));
}

#[test]
fn runs_of_workflows_are_shown_and_steered() {
    let it = Installation::start();
    it.execute(
        "control.db",
        "INSERT INTO workflows (id, kind, version, input, status, due_at, epoch, events, interruptions, created_at) \
         VALUES ('import:a/1', 'import', 1, '{\"file\":1}', 'running', 1772366400000, 1, 0, 0, 1772366400000)",
    );
    it.execute(
        "control.db",
        "INSERT INTO workflow_steps (workflow_id, name, position, status, output, attempts, started_at, finished_at) \
         VALUES ('import:a/1', 'read', 0, 'succeeded', '4', 1, 1772366400000, 1772366401000)",
    );
    let run = it.json(&["workflows", "show", "import:a/1"]);
    assert_eq!((&run["state"], &run["input"]), (&json!("running"), &json!({ "file": 1 })));
    assert_eq!(run["steps"][0]["output"], json!(4));
    assert!(it.admin(&["workflows", "show", "import:a/1"]).contains("read  succeeded"));
    it.admin(&["workflows", "pause", "import:a/1"]);
    let paused = it.json(&["workflows", "list", "--state", "paused"]);
    assert_eq!(paused[0]["id"], json!("import:a/1"));
    assert_eq!(it.service.metric(r#"hashroute_workflows{kind="import",state="paused"}"#), 1.0);
    it.admin(&["workflows", "resume", "import:a/1"]);
    it.admin(&["workflows", "restart", "import:a/1", "--from", "read"]);
    assert_eq!(it.json(&["workflows", "show", "import:a/1"])["steps"], json!([]));
    it.admin(&["workflows", "terminate", "import:a/1"]);
    assert!(it.admin(&["workflows", "list", "--kind", "import"]).contains("terminated"));
    assert!(it.refusal(&["workflows", "pause", "import:a/1"]).contains("needs one that is running"));
    assert!(it.refusal(&["workflows", "show", "import:2"]).contains("no run"));
    assert!(it.refusal(&["workflows", "list", "--state", "lost"]).contains("parked"));
}

#[test]
fn objects_are_shown_and_resumed() {
    let it = Installation::start();
    let api = it.service.api(&it.owner);
    api.post("/api/links", &json!({ "url": "https://shop.example.com/1", "key": "sale" }));
    it.service.visit("/sale", "8.8.8.8");
    let class = "link_click_tracker";
    let name = wait_until(|| {
        let objects = it.json(&["objects", "list", class]);
        objects[0]["name"].as_str().map(str::to_owned).ok_or(objects)
    });
    let classes = it.json(&["objects", "list"]);
    assert!(classes.as_array().unwrap().iter().any(|row| row["class"] == class && row["objects"] == json!(1)));
    assert_eq!(it.service.metric(r#"hashroute_objects{class="link_click_tracker"}"#), 1.0);
    assert!(it.json(&["objects", "show", class, &name])["state"].is_object());
    assert!(it.admin(&["objects", "show", class, &name]).contains("Parked   no"));

    it.execute("control.db", "UPDATE objects SET parked = 'it was too large', parked_version = state_version");
    assert!(it.admin(&["objects", "list", class, "--parked"]).contains("it was too large"));
    it.admin(&["objects", "resume", class, &name]);
    assert_eq!(it.admin(&["objects", "list", class, "--parked"]), "There are no such objects.\n");
    assert!(it.refusal(&["objects", "resume", class, &name]).contains("no parked"));
    assert!(it.refusal(&["objects", "list", "nothing"]).contains("no class"));
}
