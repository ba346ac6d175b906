//! The sections about destinations that are watched: `[failover]`, `[evaluation]`, `[ai]`, `[artifacts]`.

use std::{path::PathBuf, time::Duration};

use data_service::{
    evaluation::EvaluationSettings,
    health::{FreezeSettings, Thresholds},
};

use judge::ai::{ApiKey, OpenAiJudge, Settings as OpenAiSettings};
use url::Url;

use super::Check;

/// How long a language model may take in all.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// The longest time a setting may be: 90 days.
const LONGEST: Duration = Duration::from_secs(90 * 86_400);

/// How destinations are watched.
#[derive(Debug, Clone)]
pub struct Watching {
    /// How often, how much, and how sure to be.
    pub evaluation: EvaluationSettings,
    /// Looks at once, over all nodes.
    pub concurrency: u32,
    /// When failover is held back.
    pub freeze: FreezeSettings,
    /// The language model that is asked where the rules cannot tell.
    pub ai: Option<OpenAiSettings>,
    /// Where artefacts are; `None`: in the data directory.
    pub artifacts_directory: Option<PathBuf>,
    /// How long they are kept.
    pub artifacts_keep: Duration,
}

impl Watching {
    pub(super) fn check(check: &mut Check<'_>) -> Option<Self> {
        let confirm_after = check.value("failover.confirm_after", duration);
        let confirm_transient_after = check.value("failover.confirm_transient_after", duration);
        let recover_after = check.value("failover.recover_after", duration);
        let share = check.value("failover.freeze_share", share);
        let window = check.value("failover.freeze_window", duration);
        let enabled = check.value("evaluation.enabled", super::flag);
        let concurrency = check.value("evaluation.concurrency", |text| number(text, 1, 256));
        let interval = check.value("evaluation.interval", interval);
        let click_after = check.value("evaluation.click_after", interval_or_less);
        let checks_per_day = check.value("evaluation.daily_budget", |text| number(text, 0, 10_000_000));
        let ai_calls_per_day = check.value("ai.daily_budget", |text| number(text, 0, 10_000_000));
        let ai = ai(check);
        let artifacts_directory = check.optional("artifacts.directory", |text| Ok(PathBuf::from(text)));
        let keep_days = check.value("artifacts.keep_days", |text| number::<u32>(text, 1, 3_650));
        Some(Self {
            evaluation: EvaluationSettings {
                enabled: enabled?,
                interval: interval?,
                click_after: click_after?,
                checks_per_day: checks_per_day?,
                ai_calls_per_day: ai_calls_per_day?,
                thresholds: Thresholds {
                    confirm_after: confirm_after?,
                    confirm_transient_after: confirm_transient_after?,
                    recover_after: recover_after?,
                },
                ..EvaluationSettings::default()
            },
            concurrency: concurrency?,
            freeze: FreezeSettings { share: share?, window: window? },
            ai: ai?,
            artifacts_directory: artifacts_directory?,
            artifacts_keep: Duration::from_secs(u64::from(keep_days?) * 86_400),
        })
    }
}

/// `Some(None)`: no model is asked.
fn ai(check: &mut Check<'_>) -> Option<Option<OpenAiSettings>> {
    let base_url = check.optional("ai.base_url", |text| {
        let usable = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none();
        Url::parse(text)
            .ok()
            .filter(usable)
            .ok_or_else(|| "it is the address before /chat/completions, such as https://api.example.com/v1".to_owned())
    });
    let model = check.optional("ai.model", |text| match text {
        "" => Err("it is the name of a model".to_owned()),
        _ => Ok(text.to_owned()),
    });
    let api_key = check.optional("ai.api_key", |text| Ok(ApiKey::new(text)));
    check.requires("ai.base_url", "ai.model", "the endpoint has to be told which model to ask");
    for key in ["ai.model", "ai.api_key"] {
        check.requires(key, "ai.base_url", "it is about the endpoint that is asked");
    }
    let (base_url, model, api_key) = (base_url?, model?, api_key?);
    let Some((base_url, model)) = base_url.zip(model) else { return Some(None) };
    let settings = OpenAiSettings { base_url, model, api_key, prices: None, deadline: ANSWER_WITHIN };
    if let Err(error) = OpenAiJudge::new(settings.clone()) {
        check.problems.push(format!("`[ai]` cannot be used: {error}"));
        return None;
    }
    Some(Some(settings))
}

/// A number with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit.trim() {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3_600),
        "d" => Some(86_400),
        _ => None,
    };
    let whole = number.parse::<u64>().ok().zip(seconds).and_then(|(number, seconds)| number.checked_mul(seconds));
    whole
        .map(Duration::from_secs)
        .filter(|duration| *duration <= LONGEST)
        .ok_or_else(|| "it is a time of at most 90 days, such as 30s, 10m, 6h or 7d".to_owned())
}

/// How often something is done: never again and again without a pause.
fn interval(text: &str) -> Result<Duration, String> {
    duration(text)
        .ok()
        .filter(|interval| *interval >= Duration::from_secs(60))
        .ok_or_else(|| "it is a time from 1m to 90d".to_owned())
}

/// How old something may become.
fn interval_or_less(text: &str) -> Result<Duration, String> {
    duration(text).ok().filter(|interval| !interval.is_zero()).ok_or_else(|| "it is a time from 1s to 90d".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "it is a part from 0 to 1, such as 0.2 for a fifth; with 1 nothing is ever held back".to_owned())
}

fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display>(text: &str, least: T, most: T) -> Result<T, String> {
    text.parse()
        .ok()
        .filter(|number| (&least..=&most).contains(&number))
        .ok_or_else(|| format!("it is a number from {least} to {most}"))
}
