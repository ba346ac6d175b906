//! Every setting there is: the one list that the file, the environment, `hashroute config` and the messages go by.

/// One setting.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key in the file; a dot means a section.
    pub key: &'static str,
    /// Its value where nobody sets it; `None` means "not set".
    pub default: Option<&'static str>,
    /// What it does.
    pub meaning: &'static str,
    /// Never printed.
    pub secret: bool,
}

impl Setting {
    /// The environment variable: `auth.open_sign_up` is `HASHROUTE_AUTH_OPEN_SIGN_UP`.
    pub fn variable(&self) -> String {
        format!("HASHROUTE_{}", self.key.replace('.', "_").to_ascii_uppercase())
    }
}

const fn setting(key: &'static str, default: Option<&'static str>, meaning: &'static str) -> Setting {
    Setting { key, default, meaning, secret: false }
}

const fn secret(key: &'static str, meaning: &'static str) -> Setting {
    Setting { key, default: None, meaning, secret: true }
}

/// All settings, in the order they are printed: those without a section first.
pub const SETTINGS: &[Setting] = &[
    setting("listen", Some("127.0.0.1:8080"), "address and port to listen on"),
    setting("data_dir", Some("data"), "directory for the databases and captured clicks"),
    setting("public_url", None, "the address users and visitors know; default: localhost and the port"),
    setting("trusted_proxies", Some("127.0.0.0/8, ::1/128"), "networks whose forwarding headers are believed"),
    setting(
        "durability",
        Some("disk"),
        "disk: a click is on the disk before its redirect is answered; process: it survives a crash of the process",
    ),
    setting("allow_private_destinations", Some("false"), "links may point into private networks"),
    setting("guard.deny", Some(""), "networks, addresses and hosts that are never fetched from"),
    secret("database.url", "postgres://…; default: SQLite in data_dir"),
    setting("database.max_connections", Some("20"), "connections to PostgreSQL"),
    secret("nats.url", "nats://…; nodes on one PostgreSQL tell each other of edits and hand over clicks through it"),
    setting("nats.stream_max_bytes", Some("1GiB"), "what the stream of clicks may use in NATS"),
    setting("nats.replicas", Some("1"), "on how many servers of NATS the stream of clicks is kept: 1, 3 or 5"),
    setting("geo.database", None, "a country database in MaxMind's format; default: the built-in one"),
    setting("geo.country_header", None, "the header in which a trusted proxy names the country, such as CF-IPCountry"),
    setting("browser.program", None, "the browser that looks at destinations; default: the best that is installed"),
    setting(
        "browser.sandbox",
        Some("required"),
        "required: no browser where there is no jail for it; off: a page that breaks the browser has what Hashroute has",
    ),
    setting("browser.pages", Some("1"), "how many pages are looked at at the same time: 1 to 16"),
    setting("auth.open_sign_up", Some("false"), "anybody may create an account"),
    setting("log.format", Some("text"), "text or json"),
    setting("log.level", Some("info"), "error, warn, info, debug, trace, or a filter"),
    secret("metrics.token", "lets other machines read /metrics with it as a bearer token"),
];
