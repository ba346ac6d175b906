use std::{ffi::OsString, io::Write as _};

use super::*;

fn load(file: &str, environment: &[(&str, &str)]) -> Result<Configuration, ConfigurationError> {
    let mut toml = tempfile::NamedTempFile::new().unwrap();
    toml.write_all(file.as_bytes()).unwrap();
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Configuration::load(Some(toml.path()), environment)
}

fn problem(file: &str, environment: &[(&str, &str)]) -> String {
    load(file, environment).unwrap_err().to_string()
}

#[test]
fn the_defaults_run() {
    let configuration = load("", &[]).unwrap();
    assert_eq!(configuration.listen.port(), 8080);
    assert_eq!(configuration.durability, Durability::Disk);
    assert!(!configuration.open_sign_up);
    assert_eq!(configuration.browser_sandbox, Sandbox::Required);
    assert!(matches!(configuration.database(), DatabaseConfig::Sqlite { .. }));
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "listen = \"127.0.0.1:1\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n[auth]\nopen_sign_up = true\n";
    let configuration =
        load(file, &[("HASHROUTE_LISTEN", "127.0.0.1:2"), ("HASHROUTE_DURABILITY", "process")]).unwrap();
    assert_eq!(configuration.listen.port(), 2);
    assert_eq!(configuration.durability, Durability::Process);
    assert_eq!(configuration.trusted_proxies.len(), 1);
    assert!(configuration.open_sign_up);
}

#[test]
fn a_misspelt_key_is_refused_and_the_nearest_named() {
    assert!(problem("durabilty = \"disk\"", &[]).contains("did you mean `durability`?"));
    assert!(problem("[auth]\nopen_signup = true", &[]).contains("did you mean `auth.open_sign_up`?"));
    assert!(problem("[databse]\nurl = \"postgres://db\"", &[]).contains("did you mean `[database]`?"));
    assert!(problem("", &[("HASHROUTE_LISTN", "x")]).contains("did you mean HASHROUTE_LISTEN?"));
}

#[test]
fn every_problem_is_told_at_once_with_its_source() {
    let text = problem("durability = \"dsk\"\nlisten = 8080", &[("HASHROUTE_AUTH_OPEN_SIGN_UP", "maybe")]);
    for part in ["`durability`", "`disk` or `process`", "`listen`", "`auth.open_sign_up` (HASHROUTE_AUTH_OPEN_SIGN_UP)"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_browser_is_never_let_out_of_its_jail_by_a_typing_mistake() {
    assert!(problem("[browser]\nsandbox = \"of\"", &[]).contains("`required` or `off`"));
    assert!(problem("[browser]\npages = 0", &[]).contains("1 to 16"));
    let configuration = load("", &[("HASHROUTE_BROWSER_SANDBOX", "off"), ("HASHROUTE_BROWSER_PAGES", "2")]).unwrap();
    assert_eq!((configuration.browser_sandbox, configuration.browser_pages), (Sandbox::Off, 2));
}

#[test]
fn secrets_are_never_shown() {
    let secret = "postgres://user:hunter2@db/hashroute";
    let configuration = load("", &[("HASHROUTE_DATABASE_URL", secret)]).unwrap();
    assert!(!configuration.describe().contains("hunter2"));
    assert!(!format!("{configuration:?}").contains("hunter2"));
    assert!(!problem("", &[("HASHROUTE_DATABASE_URL", "mysql://root:hunter2@db")]).contains("hunter2"));
}

#[test]
fn nats_needs_a_url_of_its_own_kind_and_postgresql_beside_it() {
    let database = ("HASHROUTE_DATABASE_URL", "postgres://db/hashroute");
    for url in ["nats://nats.internal", "nats://node:hunter2@10.0.0.1:4222", "tls://[::1]:4222/"] {
        let configuration = load("", &[database, ("HASHROUTE_NATS_URL", url)]).unwrap();
        assert_eq!(configuration.nats_url.as_ref().unwrap().expose(), url);
        assert!(!configuration.describe().contains("hunter2"));
    }
    for url in ["nats.internal:4222", "nats://", "http://nats.internal", "nats://host:hunter2", "nats://host/hunter2"] {
        let text = problem("", &[database, ("HASHROUTE_NATS_URL", url)]);
        assert!(text.contains("`nats.url` (HASHROUTE_NATS_URL)") && text.contains("nats://host:4222"), "{url}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert!(problem("[nats]\nurl = \"nats://nats.internal\"", &[]).contains("needs `database.url`"));
}

#[test]
fn the_stream_of_clicks_has_a_size_and_replicas_that_nats_takes() {
    let nats = [("HASHROUTE_DATABASE_URL", "postgres://db/hashroute"), ("HASHROUTE_NATS_URL", "nats://nats.internal")];
    let with = |name, value| [nats[0], nats[1], (name, value)];
    let size =
        |text| load("", &with("HASHROUTE_NATS_STREAM_MAX_BYTES", text)).map(|loaded| loaded.nats_stream_max_bytes);
    assert_eq!(load("", &nats).unwrap().nats_stream_max_bytes, 1 << 30);
    for (text, bytes) in [("16MiB", 16 << 20), ("3 GiB", 3 << 30), ("2TiB", 2 << 40), ("1073741824", 1 << 30)] {
        assert_eq!(size(text).unwrap(), bytes, "{text}");
    }
    for text in ["0", "15MiB", "1GB", "GiB", "-1GiB", "1.5GiB", "99999999TiB", "18446744073709551615"] {
        let problem = size(text).unwrap_err().to_string();
        assert!(problem.contains("`nats.stream_max_bytes`") && problem.contains("such as 512MiB"), "{problem}");
    }
    assert_eq!(load("", &with("HASHROUTE_NATS_REPLICAS", "3")).unwrap().nats_replicas, 3);
    assert!(problem("", &with("HASHROUTE_NATS_REPLICAS", "2")).contains("1, or with a cluster"));
    assert!(problem("[nats]\nreplicas = 3", &[]).contains("`nats.replicas`"));
    assert!(problem("[nats]\nreplicas = 3", &[]).contains("needs `nats.url`"));
}

#[test]
fn how_destinations_are_watched_is_set_in_sections() {
    let minute = std::time::Duration::from_secs(60);
    let watching = load("", &[]).unwrap().watching;
    assert_eq!(watching.evaluation, data_service::evaluation::EvaluationSettings::default());
    assert_eq!(watching.freeze, data_service::health::FreezeSettings::default());
    assert_eq!(watching.artifacts_keep, 30 * 24 * 60 * minute);
    let file = "[failover]\nconfirm_after = \"2s\"\nfreeze_share = 1\n[evaluation]\ninterval = \"1m\"\nenabled = false\n\
                [artifacts]\nkeep_days = 7\n";
    let watching = load(file, &[("HASHROUTE_EVALUATION_DAILY_BUDGET", "5")]).unwrap().watching;
    assert_eq!(watching.evaluation.thresholds.confirm_after, minute / 30);
    assert_eq!((watching.evaluation.interval, watching.evaluation.enabled), (minute, false));
    assert_eq!((watching.evaluation.checks_per_day, watching.artifacts_keep), (5, 7 * 24 * 60 * minute));
    for (key, value, hint) in [
        ("FAILOVER_CONFIRM_AFTER", "10", "such as 30s"),
        ("FAILOVER_CONFIRM_AFTER", "91d", "90 days"),
        ("FAILOVER_FREEZE_SHARE", "20%", "such as 0.2"),
        ("EVALUATION_INTERVAL", "59s", "from 1m"),
        ("EVALUATION_CONCURRENCY", "0", "from 1 to 256"),
    ] {
        let text = problem("", &[(&format!("HASHROUTE_{key}"), value)]);
        assert!(text.contains(hint), "{key}: {text}");
    }
}

#[test]
fn a_language_model_is_asked_where_endpoint_and_model_are_set() {
    assert!(load("", &[]).unwrap().watching.ai.is_none());
    let file = "[ai]\nbase_url = \"https://api.example.com/v1\"\nmodel = \"small\"\napi_key = \"hunter2\"\n";
    let configuration = load(file, &[]).unwrap();
    let ai = configuration.watching.ai.clone().unwrap();
    assert_eq!((ai.base_url.as_str(), ai.model.as_str()), ("https://api.example.com/v1", "small"));
    assert!(!format!("{configuration:?}{}", configuration.describe()).contains("hunter2"));
    assert!(problem("[ai]\nmodel = \"small\"", &[]).contains("needs `ai.base_url`"));
    assert!(problem("[ai]\nbase_url = \"https://api.example.com\"", &[]).contains("needs `ai.model`"));
    let file = "[ai]\nbase_url = \"api.example.com\"\nmodel = \"small\"";
    assert!(problem(file, &[]).contains("before /chat/completions"));
}

#[test]
fn the_description_is_a_configuration_file() {
    let configuration = load("trusted_proxies = \"10.0.0.0/8\"", &[]).unwrap();
    let again = load(&configuration.describe(), &[]).unwrap();
    assert_eq!(again.trusted_proxies, configuration.trusted_proxies);
    assert_eq!(again.listen, configuration.listen);
}
