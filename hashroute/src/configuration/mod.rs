//! The configuration: defaults, then `hashroute.toml`, then `HASHROUTE_…` variables, checked as a whole before anything starts.

mod settings;
mod sources;
mod watching;

use std::{
    ffi::OsString,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use browser::Sandbox;
use data_ops::database::DatabaseConfig;
use data_service::visitors::TrustedProxies;
use durable::log::Durability;
use ipnet::IpNet;
use url::Url;

pub use self::watching::Watching;

use self::sources::Values;

/// Everything wrong with the configuration, at once.
#[derive(Debug, thiserror::Error)]
pub struct ConfigurationError {
    /// One sentence each: which key, what is wrong, what is right.
    pub problems: Vec<String>,
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the configuration cannot be used:")?;
        for problem in &self.problems {
            write!(formatter, "\n  - {problem}")?;
        }
        Ok(())
    }
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A value that is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(set)")
    }
}

/// The configuration in force.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where data lives.
    pub data_dir: PathBuf,
    /// The address users and visitors know; `None` means "localhost, and the port that was opened".
    pub public_url: Option<Url>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// When a redirect may be answered.
    pub durability: Durability,
    /// Links may point into private networks.
    pub allow_private_destinations: bool,
    /// Networks, addresses and hosts that are never fetched from.
    pub guard_deny: Vec<String>,
    /// PostgreSQL instead of SQLite.
    pub database_url: Option<Secret>,
    /// Connections to PostgreSQL.
    pub database_max_connections: u32,
    /// Where nodes on one PostgreSQL tell each other of edits, and hand over clicks.
    pub nats_url: Option<Secret>,
    /// Bytes the stream of clicks may use.
    pub nats_stream_max_bytes: u64,
    /// On how many servers of NATS it is kept.
    pub nats_replicas: usize,
    /// The operator's country database.
    pub geo_database: Option<PathBuf>,
    /// The header in which a trusted proxy names the country.
    pub geo_country_header: Option<http::HeaderName>,
    /// The browser; `None` finds one.
    pub browser_program: Option<PathBuf>,
    /// Whether the browser may run without a jail.
    pub browser_sandbox: Sandbox,
    /// How many pages are looked at at the same time.
    pub browser_pages: usize,
    /// Anybody may make an account.
    pub open_sign_up: bool,
    /// How destinations are watched.
    pub watching: Watching,
    /// How logs look.
    pub log_format: LogFormat,
    /// Which logs are written, in the syntax of tracing's filter.
    pub log_level: String,
    /// Who may read `/metrics` from elsewhere.
    pub metrics_token: Option<Secret>,
    values: Values,
}

impl Configuration {
    /// Reads and checks everything.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigurationError> {
        let mut problems = Vec::new();
        let values = Values::read(file, environment, &mut problems);
        let configuration = Self::check(values, &mut problems);
        match configuration {
            Some(configuration) if problems.is_empty() => Ok(configuration),
            _ => Err(ConfigurationError { problems }),
        }
    }

    fn check(values: Values, problems: &mut Vec<String>) -> Option<Self> {
        let mut check = Check { values: &values, problems };
        let listen = check.parsed("listen", "an address with a port such as 0.0.0.0:8080");
        let public_url = check.optional("public_url", public_url);
        let trusted_proxies = check.value("trusted_proxies", networks);
        let durability = check.value("durability", |text| match text {
            "disk" => Ok(Durability::Disk),
            "process" => Ok(Durability::Process),
            _ => Err("it is `disk` or `process`".to_owned()),
        });
        let allow_private_destinations = check.value("allow_private_destinations", flag);
        let guard_deny = check.value("guard.deny", denied);
        let database_url = check.optional("database.url", |text| {
            let known = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
            known
                .then(|| Secret(text.to_owned()))
                .ok_or_else(|| "it is postgres://user:password@host/database; leave it out for SQLite".to_owned())
        });
        let database_max_connections = check.value("database.max_connections", |text| {
            text.parse()
                .ok()
                .filter(|count| (2..=1_000).contains(count))
                .ok_or_else(|| "it is a number from 2 to 1000".to_owned())
        });
        let nats_url = check.optional("nats.url", nats_url);
        check.requires(
            "nats.url",
            "database.url",
            "only nodes that share PostgreSQL have something to tell each other",
        );
        let nats_stream_max_bytes = check.value("nats.stream_max_bytes", stream_bytes);
        let nats_replicas = check.value("nats.replicas", |text| match text {
            "1" => Ok(1),
            "3" => Ok(3),
            "5" => Ok(5),
            _ => Err("it is 1, or with a cluster of as many servers 3 or 5".to_owned()),
        });
        for key in ["nats.stream_max_bytes", "nats.replicas"] {
            check.requires(key, "nats.url", "it is about the stream that is kept there");
        }
        let geo_database = check.optional("geo.database", |text| Ok(PathBuf::from(text)));
        let geo_country_header = check.optional("geo.country_header", |text| {
            text.parse().map_err(|_| "it is a header's name such as CF-IPCountry".to_owned())
        });
        let browser_program = check.optional("browser.program", |text| Ok(PathBuf::from(text)));
        let browser_sandbox = check.value("browser.sandbox", |text| match text {
            "required" => Ok(Sandbox::Required),
            "off" => Ok(Sandbox::Off),
            _ => Err("it is `required` or `off`".to_owned()),
        });
        let browser_pages = check.value("browser.pages", |text| {
            text.parse()
                .ok()
                .filter(|pages| (1..=16).contains(pages))
                .ok_or_else(|| "it is a number from 1 to 16".to_owned())
        });
        let open_sign_up = check.value("auth.open_sign_up", flag);
        let watching = Watching::check(&mut check);
        let log_format = check.value("log.format", |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("it is `text` or `json`".to_owned()),
        });
        let log_level = check.value("log.level", |text| {
            tracing_subscriber::EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|_| {
                "it is `error`, `warn`, `info`, `debug` or `trace`, or a filter such as `info,sqlx=warn`".to_owned()
            })
        });
        let metrics_token = check.optional("metrics.token", |text| {
            (text.len() >= 16)
                .then(|| Secret(text.to_owned()))
                .ok_or_else(|| "it needs at least 16 characters".to_owned())
        });
        let data_dir = check.value("data_dir", |text| Ok(PathBuf::from(text)));
        Some(Self {
            listen: listen?,
            data_dir: data_dir?,
            public_url: public_url?,
            trusted_proxies: trusted_proxies?,
            durability: durability?,
            allow_private_destinations: allow_private_destinations?,
            guard_deny: guard_deny?,
            database_url: database_url?,
            database_max_connections: database_max_connections?,
            nats_url: nats_url?,
            nats_stream_max_bytes: nats_stream_max_bytes?,
            nats_replicas: nats_replicas?,
            geo_database: geo_database?,
            geo_country_header: geo_country_header?,
            browser_program: browser_program?,
            browser_sandbox: browser_sandbox?,
            browser_pages: browser_pages?,
            open_sign_up: open_sign_up?,
            watching: watching?,
            log_format: log_format?,
            log_level: log_level?,
            metrics_token: metrics_token?,
            values,
        })
    }

    /// Where the database is.
    pub fn database(&self) -> DatabaseConfig {
        match &self.database_url {
            Some(url) => DatabaseConfig::Postgres {
                url: url.expose().to_owned(),
                max_connections: self.database_max_connections,
            },
            None => DatabaseConfig::Sqlite { directory: self.data_dir.clone() },
        }
    }

    /// The address users and visitors know, for a service that listens on `port`.
    pub fn public_url(&self, port: u16) -> Result<Url, url::ParseError> {
        match &self.public_url {
            Some(url) => Ok(url.clone()),
            None if port == 0 => Url::parse("http://localhost"),
            None => Url::parse(&format!("http://localhost:{port}")),
        }
    }

    /// The proxies whose headers are believed.
    pub fn proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.trusted_proxies.clone())
    }

    /// The configuration in force as TOML, each line with its source.
    pub fn describe(&self) -> String {
        self.values.describe()
    }
}

/// Takes values out one by one and collects what is wrong with them.
struct Check<'a> {
    values: &'a Values,
    problems: &'a mut Vec<String>,
}

impl Check<'_> {
    fn value<T>(&mut self, key: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.optional(key, parse).map(|value| value.expect("settings read with `value` have a default"))
    }

    fn parsed<T: std::str::FromStr>(&mut self, key: &str, expected: &str) -> Option<T> {
        self.value(key, |text| text.parse().map_err(|_| format!("it is {expected}")))
    }

    /// `None`: wrong; `Some(None)`: not set.
    fn optional<T>(&mut self, key: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<Option<T>> {
        let Some(value) = self.values.get(key) else { return Some(None) };
        match parse(value.text.trim()) {
            Ok(parsed) => Some(Some(parsed)),
            Err(expected) => {
                let shown = if value.setting.secret { "the value".to_owned() } else { format!("{:?}", value.text) };
                self.problems.push(format!("`{key}` ({}): {shown} cannot be used; {expected}", value.source));
                None
            }
        }
    }

    /// Refuses a setting, where somebody has set it, that means nothing without another.
    fn requires(&mut self, key: &str, other: &str, why: &str) {
        let set = self.values.get(key).filter(|value| Some(value.text.as_str()) != value.setting.default);
        if let (Some(value), None) = (set, self.values.get(other)) {
            self.problems.push(format!("`{key}` ({}) needs `{other}`: {why}", value.source));
        }
    }
}

fn nats_url(text: &str) -> Result<Secret, String> {
    let usable = Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "nats" | "tls")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
    });
    usable
        .then(|| Secret(text.to_owned()))
        .ok_or_else(|| "it is nats://host:4222 or nats://user:password@host:4222, with tls:// for TLS".to_owned())
}

/// A stream has to hold many messages of a quarter of a megabyte.
const LEAST_STREAM_BYTES: u64 = 16 << 20;

fn stream_bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len()));
    let shift = match unit.trim() {
        "" | "B" => Some(0),
        "KiB" => Some(10),
        "MiB" => Some(20),
        "GiB" => Some(30),
        "TiB" => Some(40),
        _ => None,
    };
    let bytes = number.parse::<u64>().ok().zip(shift).and_then(|(number, shift)| number.checked_mul(1 << shift));
    bytes
        .filter(|bytes| (LEAST_STREAM_BYTES..=i64::MAX.unsigned_abs()).contains(bytes))
        .ok_or_else(|| "it is a size of 16MiB or more, such as 512MiB, 1GiB or 1073741824".to_owned())
}

fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("it is `true` or `false`".to_owned()),
    }
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    text.split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse::<IpNet>().or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from)).map_err(|_| {
                format!("{part:?} is not a network; write 10.0.0.0/8 or a single address, several with commas between")
            })
        })
        .collect()
}

fn denied(text: &str) -> Result<Vec<String>, String> {
    let entries = text.split([',', ' ']).filter(|part| !part.is_empty());
    let deny = |part: &str| guard::Policy::default().deny(part).map(|_| part.to_owned());
    entries.map(|part| deny(part).map_err(|error| format!("{error}; several have commas between"))).collect()
}

fn public_url(text: &str) -> Result<Url, String> {
    let expected = "it is the address users open, such as https://go.example.com, without a path".to_owned();
    let url = Url::parse(text).map_err(|_| expected.clone())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    plain.then_some(url).ok_or(expected)
}

#[cfg(test)]
mod tests;
