//! A language model's opinion of a page, for where the rules cannot tell.
//!
//! What it gets is a list of numbered, visible blocks, never HTML; what it may answer is a choice of words and of those
//! numbers. Whatever it answers is checked ([`Answer::check`]), and [`crate::decide`] decides what follows from it.

mod answer;
mod openai;
mod question;

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use answer::{Answer, Certainty};
pub use openai::{ApiKey, OpenAiJudge, Prices, Settings, SetupError};
pub use question::{PROMPT_VERSION, Question, content_hash};

/// How a page is put before a language model.
pub trait Judge: Send + Sync {
    /// The model's name, as in [`Usage::model`].
    fn model(&self) -> &str;

    /// Asks. Takes no longer than the judge's deadline.
    fn ask<'a>(&'a self, question: &'a Question)
    -> Pin<Box<dyn Future<Output = Result<Opinion, Failure>> + Send + 'a>>;
}

/// An answer that was checked, and what it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// What the model says.
    pub answer: Answer,
    /// What it took.
    pub usage: Usage,
}

impl Opinion {
    /// The same opinion from memory: it costs nothing.
    #[must_use]
    pub fn cached(mut self) -> Self {
        self.usage =
            Usage { cached: true, requests: 0, input_tokens: 0, output_tokens: 0, cost_micros: Some(0), ..self.usage };
        self
    }
}

/// What asking a model took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The model that was asked for.
    pub model: String,
    /// How the answer's shape was asked for; `None`: it did not come to that.
    pub mode: Option<Mode>,
    /// The version of the prompt.
    pub prompt_version: String,
    /// How many requests were sent.
    pub requests: u32,
    /// Tokens of all prompts.
    pub input_tokens: u64,
    /// Tokens of all answers.
    pub output_tokens: u64,
    /// What the tokens cost, in millionths of the currency the prices are given in; `None` without prices.
    pub cost_micros: Option<u64>,
    /// The answer was remembered from an earlier look at the same content.
    pub cached: bool,
}

/// How a server is told what shape the answer has to have, from the strictest down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// `json_schema` with name and `strict`, as OpenAI has it.
    JsonSchema,
    /// `json_object` with a schema beside it, as llama.cpp has it.
    ObjectWithSchema,
    /// `json_schema` holding the schema itself.
    BareSchema,
    /// `json_object`: any JSON.
    JsonObject,
    /// Nothing but the words of the prompt.
    Plain,
}

impl Mode {
    /// As in JSON and in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::JsonSchema => "json_schema",
            Self::ObjectWithSchema => "object_with_schema",
            Self::BareSchema => "bare_schema",
            Self::JsonObject => "json_object",
            Self::Plain => "plain",
        }
    }
}

/// There is no opinion.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("{error}")]
pub struct Failure {
    /// Why.
    pub error: AiError,
    /// What asking took all the same.
    pub usage: Usage,
}

/// Why there is no opinion. No text of the server and no secret is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AiError {
    /// The deadline passed.
    #[error("the language model did not answer in time")]
    Timeout,
    /// The server asks us to come less often.
    #[error("the language model's server asks for fewer requests")]
    RateLimited,
    /// The server reports an error of its own.
    #[error("the language model's server reports an error")]
    ServerError,
    /// No connection, or one that was cut off.
    #[error("the language model's server cannot be reached")]
    Unreachable,
    /// The key is missing or wrong.
    #[error("the language model's server does not accept the key")]
    Unauthorized,
    /// No such model or endpoint, or a request it does not understand in any mode.
    #[error("the language model's server does not accept the request")]
    BadRequest,
    /// The model declined.
    #[error("the language model declined to answer")]
    Refused,
    /// Not the shape that was asked for, or cut short.
    #[error("the language model's answer has not the shape that was asked for")]
    InvalidAnswer,
    /// It names no block, or one it was not given.
    #[error("the language model gives no evidence for its answer")]
    NoEvidence,
    /// The day's budget is spent. For whoever keeps budgets; no judge returns it.
    #[error("the budget for language models is spent")]
    BudgetSpent,
}

impl AiError {
    /// As in JSON and in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::Unreachable => "unreachable",
            Self::Unauthorized => "unauthorized",
            Self::BadRequest => "bad_request",
            Self::Refused => "refused",
            Self::InvalidAnswer => "invalid_answer",
            Self::NoEvidence => "no_evidence",
            Self::BudgetSpent => "budget_spent",
        }
    }
}
