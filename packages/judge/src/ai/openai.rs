//! A judge behind any chat endpoint of OpenAI's kind: a company's, or one on the operator's own machine.
//!
//! Servers differ in how they are told the shape of an answer, and in how they refuse what they do not know: some with
//! 400, some with 500. So the strictest way is tried first ([`Mode`]), the next where it is refused, and what worked is
//! remembered. Whatever the server promises, the answer is checked.

mod exchange;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use thiserror::Error;
use url::Url;

use self::exchange::{Reply, Setback};
use super::{AiError, Answer, Failure, Judge, Mode, Opinion, PROMPT_VERSION, Question, Usage};

const LADDER: [Mode; 5] = [Mode::JsonSchema, Mode::ObjectWithSchema, Mode::BareSchema, Mode::JsonObject, Mode::Plain];
/// Nothing has worked yet.
const UNTRIED: usize = usize::MAX;
const RETRIES: u32 = 2;
/// However long a server asks us to wait.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// A key that is never shown.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Keeps the key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// Which model answers, and where.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The endpoint's base, to which `/chat/completions` is added, such as `https://api.example.com/v1`.
    pub base_url: Url,
    /// The model's name there.
    pub model: String,
    /// The key, if the server wants one.
    pub api_key: Option<ApiKey>,
    /// What tokens cost, to keep accounts.
    pub prices: Option<Prices>,
    /// How long an answer may take in all, retries and waiting included; 20 s is usual.
    pub deadline: Duration,
}

/// Prices in whole units of some currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prices {
    /// Of a million tokens sent.
    pub input_per_million: f64,
    /// Of a million tokens received.
    pub output_per_million: f64,
}

/// The judge could not be set up.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The base URL is neither http nor https.
    #[error("the language model's base URL has to begin with http:// or https://")]
    Scheme,
    /// The key has characters that no header can carry.
    #[error("the language model's API key has characters that cannot be sent")]
    Key,
    /// The HTTP client could not be built.
    #[error("the client for the language model could not be set up")]
    Client(#[from] reqwest::Error),
    /// TLS could not be set up.
    #[error("TLS for the language model could not be set up")]
    Tls(#[from] rustls::Error),
}

/// Asks a chat endpoint of OpenAI's kind.
pub struct OpenAiJudge {
    client: reqwest::Client,
    endpoint: Url,
    settings: Settings,
    /// The place on the ladder of what worked last, or [`UNTRIED`].
    working: AtomicUsize,
}

impl fmt::Debug for OpenAiJudge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OpenAiJudge").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl OpenAiJudge {
    /// Sets up the client; nothing is sent yet. The server's certificate has to be one the machine trusts.
    ///
    /// # Errors
    ///
    /// A base URL or a key that cannot work, or no TLS.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        if !matches!(settings.base_url.scheme(), "http" | "https") {
            return Err(SetupError::Scheme);
        }
        let mut headers = HeaderMap::new();
        if let Some(ApiKey(key)) = &settings.api_key {
            let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| SetupError::Key)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the operator's own endpoint, which may well be on a private address; no user types it"
        )]
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .default_headers(headers)
            // A redirect would carry the key and the page's text to somebody else.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .user_agent("Hashroute")
            .build()?;
        let mut endpoint = settings.base_url.clone();
        let path = format!("{}/chat/completions", endpoint.path().trim_end_matches('/'));
        endpoint.set_path(&path);
        Ok(Self { client, endpoint, settings, working: AtomicUsize::new(UNTRIED) })
    }

    async fn opinion(&self, question: &Question) -> Result<Opinion, Failure> {
        let mut usage =
            Usage { model: self.settings.model.clone(), prompt_version: PROMPT_VERSION.to_owned(), ..Usage::default() };
        let result = self.climb(question, &mut usage).await;
        usage.cost_micros = self.settings.prices.map(|it| cost(it, &usage));
        match result {
            Ok(answer) => Ok(Opinion { answer, usage }),
            Err(error) => {
                tracing::warn!(model = %self.settings.model, error = error.code(), requests = usage.requests, "the language model gave no opinion");
                Err(Failure { error, usage })
            }
        }
    }

    /// Down the ladder until an answer comes.
    async fn climb(&self, question: &Question, usage: &mut Usage) -> Result<Answer, AiError> {
        let end = Instant::now() + self.settings.deadline;
        let known = self.working.load(Ordering::Relaxed);
        let mut rung = if known == UNTRIED { 0 } else { known };
        let mut proven = known != UNTRIED;
        let mut retries = 0;
        let mut errors_here = 0;
        loop {
            let Some(mode) = LADDER.get(rung).copied() else {
                self.working.store(UNTRIED, Ordering::Relaxed);
                return Err(if errors_here > 0 { AiError::ServerError } else { AiError::BadRequest });
            };
            usage.mode = Some(mode);
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(AiError::Timeout);
            }
            usage.requests += 1;
            let sent = exchange::send(&self.client, &self.endpoint, &self.settings.model, question, mode);
            let outcome = tokio::time::timeout(left, sent).await.map_err(|_| AiError::Timeout)?;
            let (error, wait) = match outcome {
                Ok(reply) => {
                    usage.input_tokens += reply.input_tokens;
                    usage.output_tokens += reply.output_tokens;
                    self.working.store(rung, Ordering::Relaxed);
                    proven = true;
                    match read(&reply, question) {
                        Ok(answer) => return Ok(answer),
                        // Chance may be kinder a second time; a model that declines or cites nothing means it.
                        Err(AiError::InvalidAnswer) => (AiError::InvalidAnswer, None),
                        Err(error) => return Err(error),
                    }
                }
                Err(Setback::Refused) => {
                    rung += 1;
                    errors_here = 0;
                    continue;
                }
                // Some servers answer so to a shape they do not know: once more, then the next one.
                Err(Setback::Server(_)) if !proven && (errors_here > 0 || rung > 0) => {
                    rung += 1;
                    errors_here += 1;
                    continue;
                }
                Err(Setback::Server(wait)) => {
                    errors_here += 1;
                    (AiError::ServerError, wait)
                }
                Err(Setback::Limited(wait)) => (AiError::RateLimited, wait),
                Err(Setback::Network) => (AiError::Unreachable, None),
                Err(Setback::Final(error)) => return Err(error),
            };
            if retries >= RETRIES || error == AiError::InvalidAnswer && retries > 0 {
                return Err(error);
            }
            retries += 1;
            let wait = wait.unwrap_or(Duration::from_millis(250) * retries).min(WAIT_MAX);
            if wait >= end.saturating_duration_since(Instant::now()) {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
        }
    }
}

impl Judge for OpenAiJudge {
    fn model(&self) -> &str {
        &self.settings.model
    }

    fn ask<'a>(
        &'a self,
        question: &'a Question,
    ) -> Pin<Box<dyn Future<Output = Result<Opinion, Failure>> + Send + 'a>> {
        Box::pin(self.opinion(question))
    }
}

fn read(reply: &Reply, question: &Question) -> Result<Answer, AiError> {
    if reply.refused {
        return Err(AiError::Refused);
    }
    Answer::check(&reply.content, question)
}

/// Tokens times the price of a million of them is millionths of the price.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped at 0; tokens are far below 2^52"
)]
fn cost(prices: Prices, usage: &Usage) -> u64 {
    let cost =
        prices.input_per_million * usage.input_tokens as f64 + prices.output_per_million * usage.output_tokens as f64;
    cost.max(0.0).round() as u64
}

fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
