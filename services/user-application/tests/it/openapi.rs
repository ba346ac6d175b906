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
