//! What a language model may answer, and the check of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AiError, Question};
use crate::snapshot::Zone;
use crate::verdict::{Evidence, Reason, Verdict};

/// The verdicts a model may give; whether a page is broken is not for it to say.
pub(super) const VERDICTS: [(&str, Verdict); 3] =
    [("AVAILABLE", Verdict::Available), ("NOT_AVAILABLE", Verdict::NotAvailable), ("UNKNOWN", Verdict::Unknown)];

pub(super) const REASONS: [(&str, Reason); 10] = [
    ("purchasable", Reason::BuyControl),
    ("in_stock", Reason::InStock),
    ("content", Reason::Content),
    ("out_of_stock", Reason::OutOfStock),
    ("discontinued", Reason::Discontinued),
    ("offer_ended", Reason::OfferEnded),
    ("not_found", Reason::SoftNotFound),
    ("blocked", Reason::BotWall),
    ("conflict", Reason::Conflict),
    ("no_signal", Reason::NoSignal),
];

pub(super) const CERTAINTIES: [(&str, Certainty); 3] =
    [("high", Certainty::High), ("medium", Certainty::Medium), ("low", Certainty::Low)];

/// How sure a model says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It guesses.
    Low,
    /// It thinks so.
    Medium,
    /// It is sure.
    High,
}

/// What a model said of a page, checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// One of available, not available and unknown.
    pub verdict: Verdict,
    /// A reason that fits the verdict.
    pub reason: Reason,
    /// How sure it says it is.
    pub certainty: Certainty,
    /// The blocks it cites, in the page's own words; at least one unless the verdict is unknown.
    pub evidence: Vec<Evidence>,
}

impl Answer {
    /// Reads and checks what a model wrote. JSON may stand between other words, as some models cannot help it.
    ///
    /// # Errors
    ///
    /// [`AiError::InvalidAnswer`]: not the shape that was asked for, or words that are no choice.
    /// [`AiError::NoEvidence`]: blocks it was not given, none at all, or for available none of the main part.
    pub fn check(text: &str, question: &Question) -> Result<Self, AiError> {
        let value = object_in(text).ok_or(AiError::InvalidAnswer)?;
        let word = |key: &str| value.get(key).and_then(Value::as_str).ok_or(AiError::InvalidAnswer);
        let verdict = choice(&VERDICTS, word("verdict")?)?;
        let reason = choice(&REASONS, word("reason")?)?;
        let certainty = choice(&CERTAINTIES, word("confidence")?)?;
        let ids = value.get("evidence_ids").and_then(Value::as_array).ok_or(AiError::InvalidAnswer)?;

        let mut evidence: Vec<Evidence> = Vec::new();
        for id in ids {
            let number = id.as_str().and_then(|it| it.strip_prefix('b')).and_then(|it| it.parse().ok());
            let block = number.and_then(|it| question.block(it)).ok_or(AiError::NoEvidence)?;
            if evidence.iter().all(|it| it.block != block.id) && evidence.len() < 5 {
                evidence.push(Evidence::of(block));
            }
        }
        let cited = match verdict {
            Verdict::Unknown => true,
            Verdict::Available => evidence.iter().any(|it| it.zone == Zone::Main),
            Verdict::NotAvailable | Verdict::Broken => !evidence.is_empty(),
        };
        if !cited {
            return Err(AiError::NoEvidence);
        }
        // The reason is a remark; what contradicts the verdict is a sign that the model has lost the thread.
        if reason.verdict() != verdict && verdict != Verdict::Unknown {
            return Err(AiError::InvalidAnswer);
        }
        Ok(Self { verdict, reason, certainty, evidence })
    }
}

fn choice<T: Copy>(choices: &[(&str, T)], word: &str) -> Result<T, AiError> {
    choices.iter().find(|(name, _)| *name == word).map(|(_, it)| *it).ok_or(AiError::InvalidAnswer)
}

/// The first JSON object in the text.
fn object_in(text: &str) -> Option<Value> {
    text.match_indices('{').take(20).find_map(|(start, _)| {
        let value = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>().next()?.ok()?;
        value.is_object().then_some(value)
    })
}
