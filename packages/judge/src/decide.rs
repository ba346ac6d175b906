//! The last word: what the rules and a language model say, put together.
//!
//! The rules come first. A model is asked only where they cannot tell ([`needs_ai`]), and its answer is held against what
//! they saw: it fills a gap, it never overturns evidence, and what a page tells programs to answer counts for nothing.

use serde::{Deserialize, Serialize};

use crate::ai::{Certainty, Failure, Opinion, Usage};
use crate::rules::{RULES_VERSION, RulesVerdict};
use crate::snapshot::{Block, BlockKind, PageSnapshot, Zone};
use crate::verdict::{DecidedBy, Evidence, Reason, Severity, Verdict};

/// What came of one look at a destination: all an evaluation's row needs to know about the verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// For broken: how lasting.
    pub severity: Option<Severity>,
    /// Why.
    pub reason: Reason,
    /// How sure it is, from 0 to 1. Not available leads to a failover only from 0.8 on.
    pub confidence: f64,
    /// Who had the last word.
    pub decided_by: DecidedBy,
    /// The words that decided it.
    pub evidence: Vec<Evidence>,
    /// The version of the rules.
    pub rules_version: String,
    /// SHA-256 of what a visitor sees.
    pub content_hash: String,
    /// What asking a language model took, if one was asked.
    pub ai: Option<AiRecord>,
}

/// How asking a language model went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AiRecord {
    /// What it took.
    pub usage: Usage,
    /// What it said, if that could be used.
    pub verdict: Option<Verdict>,
    /// Why its answer did not count, as a code: one of [`crate::ai::AiError::code`], or `overruled`.
    pub error: Option<String>,
}

/// Whether a language model could say more than the rules: they found a page and nothing on it, or both.
pub fn needs_ai(rules: &RulesVerdict) -> bool {
    matches!(rules.reason, Reason::NoSignal | Reason::Conflict)
}

/// Puts together what the rules and, if it was asked, a language model say.
pub fn decide(page: &PageSnapshot, rules: &RulesVerdict, asked: Option<&Result<Opinion, Failure>>) -> Judgement {
    let of_rules = Judgement {
        verdict: rules.verdict,
        severity: rules.severity,
        reason: rules.reason,
        confidence: rules.confidence,
        decided_by: DecidedBy::Rules,
        evidence: rules.evidence.clone(),
        rules_version: RULES_VERSION.to_owned(),
        content_hash: crate::content_hash(page),
        ai: None,
    };
    match asked {
        None => of_rules,
        Some(Err(failure)) => {
            let error = Some(failure.error.code().to_owned());
            Judgement { ai: Some(AiRecord { usage: failure.usage.clone(), verdict: None, error }), ..of_rules }
        }
        Some(Ok(opinion)) => {
            let usage = opinion.usage.clone();
            let said = Some(opinion.answer.verdict);
            match (opinion.answer.verdict, confidence_in(opinion, page, rules)) {
                (Verdict::Unknown, _) => {
                    Judgement { ai: Some(AiRecord { usage, verdict: said, error: None }), ..of_rules }
                }
                (_, None) => Judgement {
                    ai: Some(AiRecord { usage, verdict: said, error: Some("overruled".into()) }),
                    ..of_rules
                },
                (verdict, Some(confidence)) => Judgement {
                    verdict,
                    severity: None,
                    reason: opinion.answer.reason,
                    confidence,
                    decided_by: DecidedBy::Ai,
                    evidence: opinion.answer.evidence.clone(),
                    ai: Some(AiRecord { usage, verdict: said, error: None }),
                    ..of_rules
                },
            }
        }
    }
}

/// How far an opinion is to be trusted; `None`: not at all.
fn confidence_in(opinion: &Opinion, page: &PageSnapshot, rules: &RulesVerdict) -> Option<f64> {
    let answer = &opinion.answer;
    let signals = &rules.signals;
    // A page that talks to programs has no say through a program that listens.
    if !needs_ai(rules) || !signals.instructions.is_empty() || answer.certainty == Certainty::Low {
        return None;
    }
    let cited = quoted_blocks(&answer.evidence, page)?;
    let sure = answer.certainty == Certainty::High;
    match answer.verdict {
        Verdict::Available => {
            // A name or a price says nothing of whether it is to be had.
            let says_something = |it: &Block| {
                let letters = it.text.chars().filter(|letter| letter.is_alphabetic());
                let named = it.kind == BlockKind::Heading && answer.reason != Reason::Content;
                !named && letters.map(|it| if it.is_ascii() { 1 } else { 2 }).sum::<usize>() >= 4
            };
            let of_main = cited.iter().any(|it| it.zone == Zone::Main && !it.disabled && says_something(it));
            let denied = !signals.negative.is_empty() || cited.iter().any(|it| signals.negative.contains(&it.id));
            (of_main && !denied).then_some(if sure { 0.85 } else { 0.7 })
        }
        Verdict::NotAvailable => {
            // Where something can be bought it takes more than a model to send visitors away.
            if signals.buy_control {
                return None;
            }
            // A status is short and about the page; a long text may say anything about anything.
            let status = |it: &Block| {
                let central = matches!(it.zone, Zone::Main | Zone::Overlay) || it.id == 0;
                central && !it.variant && it.kind != BlockKind::Choice && it.text.chars().count() <= 160
            };
            let plain = cited.iter().any(status) && signals.positive.is_empty();
            Some(if sure && plain { 0.8 } else { 0.65 })
        }
        Verdict::Unknown | Verdict::Broken => None,
    }
}

/// The blocks that evidence names, if all of them are on the page, can be seen, and say what they are said to say.
fn quoted_blocks(evidence: &[Evidence], page: &PageSnapshot) -> Option<Vec<Block>> {
    if evidence.is_empty() {
        return None;
    }
    evidence
        .iter()
        .map(|it| {
            let block = if it.block == 0 {
                page.title_block()
            } else {
                page.blocks.iter().find(|block| block.id == it.block && block.visible && !block.camouflaged)?.clone()
            };
            (Evidence::of(&block).text == it.text && !it.text.is_empty()).then_some(block)
        })
        .collect()
}
