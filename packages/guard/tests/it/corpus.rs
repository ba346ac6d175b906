//! The corpus of hostile URLs, which lies outside of the repository.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A row of the corpus.
pub struct Row(Value);

impl Row {
    pub fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_default()
    }

    pub fn url(&self) -> &str {
        self.text("url")
    }

    pub fn must_be_allowed(&self) -> bool {
        match self.text("must") {
            "allow" => true,
            "block" => false,
            other => panic!("{}: must {other:?}", self.text("id")),
        }
    }

    pub fn field(&self, name: &str) -> &Value {
        &self.0[name]
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {:?} ({})", self.text("id"), self.url(), self.text("note"))
    }
}

/// The rows of these categories; `None` (and a line that says so) where the corpus is not there. On CI it has to be.
pub fn rows(categories: &[&str]) -> Option<Vec<Row>> {
    let kits = std::env::var_os("HASHROUTE_KITS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kits"), PathBuf::from);
    let path = kits.join("ssrf-corpus.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", path.display());
        println!("skipped: {} is missing", path.display());
        return None;
    };
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let rows: Vec<Row> = rows.into_iter().map(Row).filter(|row| categories.contains(&row.text("category"))).collect();
    for category in categories {
        assert!(rows.iter().any(|row| row.text("category") == *category), "the corpus has nothing of {category:?}");
    }
    Some(rows)
}
