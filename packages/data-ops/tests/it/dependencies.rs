//! What is linked in.

/// Two versions of sqlx would each bring a SQLite of their own, and only one can be linked.
#[test]
fn there_is_one_sqlx() {
    let lock = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap();
    let versions = |name: &str| -> Vec<String> {
        let start = format!("name = \"{name}\"\nversion = \"");
        lock.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    for name in ["sqlx", "sqlx-core", "sqlx-sqlite", "libsqlite3-sys"] {
        assert_eq!(versions(name).len(), 1, "{name}: {:?}", versions(name));
    }
    assert!(versions("sqlx")[0].starts_with("0.9."));
}

/// Opening a database refuses anything older; this says so before anyone opens one.
#[tokio::test]
async fn sqlite_is_recent_enough() {
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect("sqlite::memory:").await.unwrap();
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await.unwrap();
    let numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
    assert!(numbers >= vec![3, 51, 3], "{version}");
}
