use serde_json::json;

use crate::process::{Service, agent, bootstrap};

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
    let get = |path: &str, from: &str| agent().get(service.url(path)).header("x-forwarded-for", from).call().unwrap();
    assert_eq!(get("/healthz", "127.0.0.1").status(), 200);
    assert_eq!(get("/readyz", "127.0.0.1").status(), 200);
    let metrics = get("/metrics", "127.0.0.1").body_mut().read_to_string().unwrap();
    assert!(metrics.contains("hashroute_log_"), "{metrics}");
    assert_eq!(get("/metrics", "8.8.8.8").status(), 403);
}
