//! What the service does without being asked.

use sqlx::{Row as _, sqlite::SqlitePool};

use crate::process::{Service, bootstrap, wait_until};

#[test]
fn expired_sessions_are_removed_by_schedule() {
    let directory = tempfile::tempdir().unwrap();
    bootstrap(directory.path(), &[], "owner@example.com", "Acme");
    // The first start writes the schedule down.
    assert!(Service::start(directory.path(), &[]).terminate().success());

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = format!("sqlite://{}", directory.path().join("data/control.db").display());
    let control = runtime.block_on(SqlitePool::connect(&url)).unwrap();
    let execute = |sql: &'static str| runtime.block_on(sqlx::query(sql).execute(&control)).unwrap().rows_affected();
    let expired = "INSERT INTO sessions \
                   (token_hash, id, user_id, created_at, last_seen_at, idle_ms, idle_expires_at, absolute_expires_at) \
                   SELECT x'01', x'02', id, 1, 1, 1, 2, 2 FROM users";
    assert_eq!(execute(expired), 1);
    assert_eq!(execute("UPDATE crons SET next_at = next_at - 7200000 WHERE name = 'delete_expired_sessions'"), 1);

    let mut service = Service::start(directory.path(), &[]);
    let count = |sql: &'static str| -> i64 { runtime.block_on(sqlx::query(sql).fetch_one(&control)).unwrap().get(0) };
    wait_until(|| {
        match (count("SELECT COUNT(*) FROM sessions"), count("SELECT COUNT(*) FROM jobs WHERE queue = 'housekeeping'"))
        {
            (0, 0) => Ok(()),
            left => Err(left),
        }
    });
    assert_eq!(
        count("SELECT COUNT(*) FROM cron_runs WHERE outcome = 'started' AND name = 'delete_expired_sessions'"),
        1
    );
    assert_eq!(count("SELECT COUNT(*) FROM dead_jobs"), 0);
    assert!(service.terminate().success());
}
