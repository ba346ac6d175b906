//! Figures of `/metrics` that are read from the database.

use std::time::{Duration, Instant};

use sqlx::{Executor as _, postgres::PgPool};
use test_postgres::TestDatabase;

use crate::process::{Service, agent, bootstrap, wait_until};

#[test]
fn metrics_are_answered_while_the_database_hangs() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::create()).unwrap();
    let settings = [("HASHROUTE_DATABASE_URL", database.url())];
    let directory = tempfile::tempdir().unwrap();
    bootstrap(directory.path(), &settings, "owner@example.com", "Acme");
    let mut service = Service::start(directory.path(), &settings);
    let refreshed = || service.metric("hashroute_gauges_refreshed_timestamp_seconds");
    let before = refreshed();
    assert!(before > 0.0);
    assert_eq!(service.metric(r#"hashroute_cron_paused{cron="delete_expired_sessions"}"#), 0.0);
    assert!(service.metric(r#"hashroute_cron_next_run_timestamp_seconds{cron="delete_expired_sessions"}"#) > before);

    let pool = runtime.block_on(PgPool::connect(database.url())).unwrap();
    let mut lock = runtime.block_on(pool.begin()).unwrap();
    runtime.block_on(lock.execute("LOCK TABLE dead_jobs IN ACCESS EXCLUSIVE MODE")).unwrap();
    // Figures that are a second old are read again, which hangs from now on.
    wait_until(|| {
        let began = Instant::now();
        let answer = agent().get(service.url("/metrics")).call().unwrap();
        assert_eq!(answer.status(), 200);
        assert!(began.elapsed() < Duration::from_secs(5), "a scrape waited");
        (began.elapsed() >= Duration::from_millis(400)).then_some(()).ok_or("nothing was read")
    });
    let stuck = refreshed();

    runtime.block_on(lock.rollback()).unwrap();
    wait_until(|| (refreshed() > stuck).then_some(()).ok_or(stuck));
    assert!(service.terminate().success());
}
