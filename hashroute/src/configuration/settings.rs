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
    setting(
        "failover.confirm_after",
        Some("10m"),
        "between two checks that agree that a destination is gone or sold out, before visitors go to its backup",
    ),
    setting("failover.confirm_transient_after", Some("30m"), "the same over three checks, for failures that may pass"),
    setting("failover.recover_after", Some("10m"), "between two good checks, before visitors come back"),
    setting(
        "failover.freeze_share",
        Some("0.2"),
        "when more than this part of the destinations breaks within the window, nobody is sent elsewhere",
    ),
    setting("failover.freeze_window", Some("1h"), "that window"),
    setting("evaluation.enabled", Some("true"), "destinations are checked by themselves"),
    setting("evaluation.concurrency", Some("2"), "checks at once, over all nodes"),
    setting("evaluation.interval", Some("6h"), "between two checks of a destination whose links say nothing else"),
    setting("evaluation.click_after", Some("1h"), "a click has a destination checked whose last check is older"),
    setting("evaluation.daily_budget", Some("2000"), "checks a workspace may have in a day (UTC)"),
    setting(
        "ai.base_url",
        None,
        "an OpenAI-compatible endpoint, such as https://api.example.com/v1, asked where the rules cannot tell",
    ),
    setting("ai.model", None, "the model to ask there"),
    secret("ai.api_key", "the key that endpoint wants"),
    setting("ai.daily_budget", Some("200"), "questions a workspace may have in a day (UTC)"),
    setting("artifacts.directory", None, "where screenshots and pages are kept; default: artifacts in data_dir"),
    setting("artifacts.keep_days", Some("30"), "how long, but for those of the last check and of the last good one"),
    setting("log.format", Some("text"), "text or json"),
    setting("log.level", Some("info"), "error, warn, info, debug, trace, or a filter"),
    secret("metrics.token", "lets other machines read /metrics with it as a bearer token"),
];
