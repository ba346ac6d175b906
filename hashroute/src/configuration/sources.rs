//! Where values come from: the file and the environment, with unknown keys refused and the nearest right one named.

use std::{
    collections::HashMap,
    ffi::OsString,
    fmt::{self, Write as _},
    path::Path,
};

use super::settings::{SETTINGS, Setting};

/// Variables for tests and tools that are not settings.
const NOT_SETTINGS: &[&str] = &["HASHROUTE_CONFIG"];
const NOT_SETTINGS_PREFIX: &str = "HASHROUTE_TEST_";

#[derive(Clone)]
pub(super) struct Value {
    pub setting: &'static Setting,
    pub text: String,
    pub source: String,
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.setting.secret { "(set)" } else { &self.text };
        write!(formatter, "{text:?} from {}", self.source)
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Values(HashMap<&'static str, Value>);

impl Values {
    pub fn read(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        problems: &mut Vec<String>,
    ) -> Self {
        let mut values = Self::default();
        for setting in SETTINGS {
            if let Some(default) = setting.default {
                values.set(setting, default.to_owned(), "default".to_owned());
            }
        }
        let mut variables = Vec::new();
        let mut file = file.map(Path::to_owned);
        for (name, value) in environment {
            let Some(name) = name.to_str().filter(|name| name.starts_with("HASHROUTE_")) else { continue };
            if name.starts_with(NOT_SETTINGS_PREFIX) {
                continue;
            }
            match value.into_string() {
                Ok(value) if name == "HASHROUTE_CONFIG" => file = file.or_else(|| Some(value.into())),
                Ok(value) => variables.push((name.to_owned(), value)),
                Err(_) => problems.push(format!("the variable {name} is not readable text")),
            }
        }
        values.read_file(file.as_deref(), problems);
        values.read_variables(variables, problems);
        values
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    fn set(&mut self, setting: &'static Setting, text: String, source: String) {
        self.0.insert(setting.key, Value { setting, text, source });
    }

    fn read_file(&mut self, named: Option<&Path>, problems: &mut Vec<String>) {
        let path = named.unwrap_or(Path::new("hashroute.toml"));
        let shown = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return problems.push(format!("the configuration file {shown} cannot be read: {error}")),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => self.read_table("", &table, &shown.to_string(), problems),
            Err(error) => problems.push(format!("the configuration file {shown} is not TOML: {}", error.message())),
        }
    }

    fn read_table(&mut self, section: &str, table: &toml::Table, source: &str, problems: &mut Vec<String>) {
        for (name, value) in table {
            let key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
            let is_section = section.is_empty() && sections().any(|section| section == key);
            match value {
                toml::Value::Table(inner) if is_section => self.read_table(&key, inner, source, problems),
                _ => match (SETTINGS.iter().find(|setting| setting.key == key), as_text(value)) {
                    (Some(setting), Some(text)) => self.set(setting, text, source.to_owned()),
                    (Some(setting), None) => {
                        problems.push(format!(
                            "`{key}` ({source}): a {} cannot be used; {}",
                            value.type_str(),
                            setting.meaning
                        ));
                    }
                    (None, _) if section.is_empty() && value.is_table() => {
                        let nearest = nearest(&key, sections().map(str::to_owned));
                        problems.push(format!("`[{key}]` ({source}) is not a section; did you mean `[{nearest}]`?"));
                    }
                    (None, _) => {
                        let nearest = nearest(&key, SETTINGS.iter().map(|setting| setting.key.to_owned()));
                        problems.push(format!("`{key}` ({source}) is not a setting; did you mean `{nearest}`?"));
                    }
                },
            }
        }
    }

    fn read_variables(&mut self, variables: Vec<(String, String)>, problems: &mut Vec<String>) {
        for (name, value) in variables {
            match SETTINGS.iter().find(|setting| setting.variable() == name) {
                Some(setting) => self.set(setting, value, name),
                None => {
                    let known =
                        SETTINGS.iter().map(Setting::variable).chain(NOT_SETTINGS.iter().map(ToString::to_string));
                    problems.push(format!("{name} is not a setting; did you mean {}?", nearest(&name, known)));
                }
            }
        }
    }

    /// TOML that gives the same configuration, except for secrets.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        let mut section = "";
        for setting in SETTINGS {
            let (own_section, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
            if own_section != section {
                section = own_section;
                let _infallible = writeln!(text, "\n[{section}]");
            }
            let _infallible = writeln!(text, "# {}", setting.meaning);
            let _infallible = match self.get(setting.key) {
                Some(value) if setting.secret => writeln!(text, "# {name} is set ({})", value.source),
                Some(value) => {
                    writeln!(text, "{name} = {}  # {}", toml::Value::String(value.text.clone()), value.source)
                }
                None => writeln!(text, "# {name} is not set"),
            };
        }
        text
    }
}

/// Scalars as they would be written in a variable; a list as its elements with commas between.
fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(elements) => {
            elements.iter().map(as_text).collect::<Option<Vec<_>>>().map(|texts| texts.join(", "))
        }
        _ => None,
    }
}

/// The names of all sections, each as often as it has settings.
fn sections() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().filter_map(|setting| Some(setting.key.rsplit_once('.')?.0))
}

fn nearest(name: &str, known: impl Iterator<Item = String>) -> String {
    known.min_by_key(|candidate| strsim::damerau_levenshtein(name, candidate)).unwrap_or_default()
}
