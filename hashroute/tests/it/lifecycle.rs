use serde_json::json;

use crate::process::{Service, agent, bootstrap, wait_until};

#[test]
fn clicks_answered_before_a_stop_are_counted_after_it() {
    for durability in ["disk", "process"] {
        let directory = tempfile::tempdir().unwrap();
        let settings = [("HASHROUTE_DURABILITY", durability)];
        let owner = bootstrap(directory.path(), &settings, "owner@example.com", "Acme");
        let mut service = Service::start(directory.path(), &settings);
        service.api(&owner).post("/api/links", &json!({ "url": "https://shop.example.com", "key": "sale" }));
        for _ in 0..50 {
            assert!(service.visit("/sale", "8.8.8.8").is_some());
        }
        assert!(service.terminate().success());
        let service = Service::start(directory.path(), &settings);
        assert_eq!(service.api(&owner).get("/api/analytics?groupBy=count"), json!({ "clicks": 50 }));
    }
}

#[test]
fn operators_are_answered() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::start(directory.path(), &[]);
    let get = |path: &str| agent().get(service.url(path)).call().unwrap();
    assert_eq!(get("/healthz").status(), 200);
    wait_until(|| match get("/readyz").status().as_u16() {
        200 => Ok(()),
        status => Err(status),
    });
    let metrics = get("/metrics").body_mut().read_to_string().unwrap();
    assert!(metrics.contains("hashroute_log_"), "{metrics}");
    for from in ["8.8.8.8", "127.0.0.1"] {
        let proxied = agent().get(service.url("/metrics")).header("x-forwarded-for", from).call().unwrap();
        assert_eq!(proxied.status(), 403, "{from}");
    }
}

#[test]
fn plain_redirects_of_links_in_memory_stay_in_the_fast_lane() {
    let directory = tempfile::tempdir().unwrap();
    let owner = bootstrap(directory.path(), &[], "owner@example.com", "Acme");
    let service = Service::start(directory.path(), &[]);
    service.api(&owner).post("/api/links", &json!({ "url": "https://shop.example.com", "key": "sale" }));
    for _ in 0..20 {
        service.visit("/sale", "8.8.8.8");
    }
    // The first visit brings the link into memory; lanes publish their counts a few times a second.
    let lane = |name: &str| service.metric(&format!("hashroute_redirects_total{{lane=\"{name}\"}}"));
    wait_until(|| {
        let counted = (lane("fast"), lane("ordinary"));
        (counted == (19.0, 1.0)).then_some(()).ok_or(counted)
    });
}

#[test]
fn redirects_go_on_while_the_databases_are_locked() {
    let directory = tempfile::tempdir().unwrap();
    let owner = bootstrap(directory.path(), &[], "owner@example.com", "Acme");
    let service = Service::start(directory.path(), &[]);
    service.api(&owner).post("/api/links", &json!({ "url": "https://shop.example.com", "key": "sale" }));
    service.visit("/sale", "8.8.8.8");

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lock = |name: &str| {
        let url = format!("sqlite://{}", directory.path().join("data").join(name).display());
        runtime.block_on(async move {
            let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect(&url).await.unwrap();
            pool.begin_with("BEGIN EXCLUSIVE").await.unwrap()
        })
    };
    let locks = [lock("clicks.db"), lock("control.db")];
    for _ in 0..20 {
        assert_eq!(service.visit("/sale", "8.8.8.8").as_deref(), Some("https://shop.example.com/"));
    }
    for lock in locks {
        runtime.block_on(lock.rollback()).unwrap();
    }
    service.api(&owner).wait_for("/api/analytics?groupBy=count", &json!({ "clicks": 21 }));
}
