//! Fixed rules: what can be told of a page without asking anybody, the same today as tomorrow.

use serde::{Deserialize, Serialize};

use crate::verdict::{Evidence, Reason, Severity, Verdict};

/// Changes with the rules, so that an old verdict tells what it was judged by.
pub const RULES_VERSION: &str = "1";

/// Words a link's owner chose, which decide before the rules' own. They are searched for in what a visitor sees,
/// whatever their case and accents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomPhrases {
    /// One of them on the page: it is available.
    pub available: Vec<String>,
    /// One of them on the page: it is not.
    pub not_available: Vec<String>,
}

/// What the rules say of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RulesVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// For broken: how lasting.
    pub severity: Option<Severity>,
    /// Why.
    pub reason: Reason,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// The words that decided it; none where it was no word, as with a status.
    pub evidence: Vec<Evidence>,
    /// What else there was on the page, against which other opinions are held.
    pub signals: Signals,
}

/// What the rules saw on a page, by the numbers of the blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// There is a control in the main part to buy, book, order or apply, and it can be used.
    pub buy_control: bool,
    /// Visible blocks of the main part that speak for available.
    pub positive: Vec<u32>,
    /// Visible blocks of the main part that speak against it.
    pub negative: Vec<u32>,
    /// Visible blocks that address programs rather than people; nothing they say counts.
    pub instructions: Vec<u32>,
}
