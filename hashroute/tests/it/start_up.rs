use std::net::TcpListener;

use crate::process::{Service, hashroute, run, stderr};

#[test]
fn a_taken_port_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(directory.path(), &[("HASHROUTE_LISTEN", &address)], &["serve"]);
    assert!(!output.status.success());
    let message = stderr(&output);
    assert!(message.contains(&address) && message.contains("already in use"), "{message}");
}

#[test]
fn a_second_process_on_the_same_data_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let _first = Service::start(directory.path(), &[]);
    let message = stderr(&run(directory.path(), &[], &["serve"]));
    assert!(message.contains("another Hashroute process"), "{message}");
}

#[test]
fn a_data_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let message =
        stderr(&run(directory.path(), &[("HASHROUTE_DATA_DIR", file.join("data").to_str().unwrap())], &["serve"]));
    assert!(message.contains("data directory") && message.contains("HASHROUTE_DATA_DIR"), "{message}");
}

#[test]
fn a_misspelt_setting_is_refused_with_the_nearest_right_one() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("hashroute.toml"), "durabilty = \"disk\"\n").unwrap();
    let output = run(directory.path(), &[], &["config"]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("did you mean `durability`?"), "{}", stderr(&output));
}

#[test]
fn data_of_a_newer_version_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    assert!(run(directory.path(), &[], &["migrate"]).status.success());
    let file = directory.path().join("data/control.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        let future = "INSERT INTO control_migrations (version, applied_at) VALUES ('9999_future', 0)";
        sqlx::query(future).execute(&database).await.unwrap();
        database.close().await;
    });
    let output = run(directory.path(), &[], &["serve"]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("newer"), "{}", stderr(&output));
}

#[test]
fn the_openapi_document_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let output = hashroute(directory.path(), &[]).arg("openapi").output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["paths"]["/api/links"].is_object());
}
