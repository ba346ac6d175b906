//! The committed OpenAPI document, from which the web application's client is generated.

use std::{env, fs, path::PathBuf};

#[test]
fn committed_openapi_document_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("web/openapi.json");
    let mut generated = user_application::openapi().to_pretty_json().expect("the document is plain data");
    generated.push('\n');
    if env::var_os("UPDATE_OPENAPI").is_some() {
        fs::create_dir_all(path.parent().expect("the file is in a folder")).expect("the folder can be made");
        fs::write(&path, &generated).expect("the file can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "web/openapi.json does not match the code: run UPDATE_OPENAPI=1 cargo nextest run -p user-application openapi"
    );
}

#[test]
fn generated_clients_get_what_they_need() {
    let document = serde_json::to_value(user_application::openapi()).expect("the document is plain data");
    let text = document.to_string();
    assert!(!text.contains("\"int64\""), "int64 becomes a bigint in generated clients");
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let name = format!("{method} {path}");
            let id = operation["operationId"].as_str().expect(&name);
            assert!(id.chars().all(|c| c.is_ascii_alphanumeric()) && id.starts_with(char::is_lowercase), "{id}");
            assert!(operation["summary"].is_string(), "{name}");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}");
            for (status, response) in operation["responses"].as_object().expect(&name) {
                assert!(!response["description"].as_str().unwrap_or_default().is_empty(), "{name} {status}");
                let schema = &response["content"]["application/json"]["schema"];
                if status.starts_with(['4', '5']) {
                    assert_eq!(schema["$ref"], "#/components/schemas/ErrorEnvelope", "{name} {status}");
                }
            }
        }
    }
}
