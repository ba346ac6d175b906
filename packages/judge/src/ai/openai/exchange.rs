//! One request to a chat endpoint, and what came of it.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::super::{AiError, Mode, Question};

/// The longest answer that is read, in bytes.
const BODY_MAX: usize = 512 * 1024;

/// An answer of the server, not yet read.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) content: String,
    /// The model, or the server for it, declined.
    pub(super) refused: bool,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
}

/// There is no answer.
#[derive(Debug)]
pub(super) enum Setback {
    /// The request is not understood in this mode.
    Refused,
    /// The server failed; when to come back, if it said so.
    Server(Option<Duration>),
    /// Too many requests; when to come back, if it said so.
    Limited(Option<Duration>),
    /// No connection, or one that was cut off.
    Network,
    /// Trying again is of no use.
    Final(AiError),
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<Value>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

pub(super) async fn send(
    client: &Client,
    endpoint: &Url,
    model: &str,
    question: &Question,
    mode: Mode,
) -> Result<Reply, Setback> {
    let mut body = json!({
        "model": model,
        "messages": [
            { "role": "system", "content": Question::system_message() },
            { "role": "user", "content": question.user_message() },
        ],
    });
    if let Some(format) = response_format(mode, question) {
        body["response_format"] = format;
    }
    // Of the error nothing is kept: its text may hold the URL, and with it a key.
    let response = client.post(endpoint.clone()).json(&body).send().await.map_err(|_| Setback::Network)?;
    let wait = retry_after(response.headers());
    match response.status() {
        StatusCode::OK => read(response).await,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Setback::Final(AiError::Unauthorized)),
        StatusCode::TOO_MANY_REQUESTS => Err(Setback::Limited(wait)),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Err(Setback::Refused),
        status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => Err(Setback::Server(wait)),
        _ => Err(Setback::Final(AiError::BadRequest)),
    }
}

fn response_format(mode: Mode, question: &Question) -> Option<Value> {
    match mode {
        Mode::JsonSchema => Some(json!({
            "type": "json_schema",
            "json_schema": { "name": "verdict", "strict": true, "schema": question.schema() },
        })),
        Mode::ObjectWithSchema => Some(json!({ "type": "json_object", "schema": question.schema() })),
        Mode::BareSchema => Some(json!({ "type": "json_schema", "json_schema": question.schema() })),
        Mode::JsonObject => Some(json!({ "type": "json_object" })),
        Mode::Plain => None,
    }
}

async fn read(mut response: Response) -> Result<Reply, Setback> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|_| Setback::Network)? {
        body.extend_from_slice(&piece);
        if body.len() > BODY_MAX {
            return Ok(Reply::default());
        }
    }
    // A gateway's page with status 200 is an answer that has not the shape that was asked for.
    let Ok(completion) = serde_json::from_slice::<Completion>(&body) else { return Ok(Reply::default()) };
    let (input_tokens, output_tokens) = completion.usage.map_or((0, 0), |it| (it.prompt_tokens, it.completion_tokens));
    let choice = completion.choices.into_iter().next();
    let filtered = choice.as_ref().is_some_and(|it| it.finish_reason.as_deref() == Some("content_filter"));
    let refused = choice.as_ref().is_some_and(|it| it.message.refusal.as_deref().is_some_and(|it| !it.is_empty()));
    let content = choice.and_then(|it| it.message.content).map(text_of).unwrap_or_default();
    Ok(Reply { content, refused: refused || filtered, input_tokens, output_tokens })
}

/// Text, or a list of parts with text.
fn text_of(content: Value) -> String {
    match content {
        Value::String(text) => text,
        Value::Array(parts) => parts.iter().filter_map(|it| it.get("text").and_then(Value::as_str)).collect(),
        _ => String::new(),
    }
}

/// Seconds; a date would need our clocks to agree, and is left out.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    (seconds.is_finite() && (0.0..=86_400.0).contains(&seconds)).then(|| Duration::from_secs_f64(seconds))
}
