//! Fixed rules: what can be told of a page without asking anybody, the same today as tomorrow.

mod content;
mod missing;
mod offer;
mod phrases;
mod redirect;
mod text;
mod transport;
mod view;
mod walls;

use serde::{Deserialize, Serialize};

use self::view::View;
use crate::snapshot::PageSnapshot;
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

impl RulesVerdict {
    fn of(reason: Reason, confidence: f64, evidence: Vec<Evidence>) -> Self {
        Self {
            verdict: reason.verdict(),
            severity: reason.severity(),
            reason,
            confidence,
            evidence,
            signals: Signals::default(),
        }
    }
}

/// Judges a page. Never panics, whatever the snapshot holds; what a visitor cannot see changes nothing, except that data
/// for machines may speak where the page itself says nothing.
pub fn judge(page: &PageSnapshot, custom: &CustomPhrases) -> RulesVerdict {
    let view = View::new(page);
    let verdict = transport::judge(&view)
        .or_else(|| walls::judge(&view))
        .or_else(|| own_phrases(&view, custom))
        .or_else(|| missing::judge(&view))
        .or_else(|| redirect::judge(&view))
        .or_else(|| walls::judge_gates(&view))
        .or_else(|| offer::judge(&view))
        .or_else(|| content::judge(&view))
        .unwrap_or_else(|| RulesVerdict::of(Reason::NoSignal, 0.0, Vec::new()));
    RulesVerdict { signals: view.signals(), ..verdict }
}

/// Whether the page says enough already that nobody needs to wait for the rest of it to load.
pub fn confident(page: &PageSnapshot) -> bool {
    let verdict = judge(page, &CustomPhrases::default());
    // What a script may still replace is waited for: emptiness, an error, a redirect on its way.
    let settled = !matches!(
        verdict.reason,
        Reason::BuyControlDisabled
            | Reason::StructuredInStock
            | Reason::StructuredOutOfStock
            | Reason::RedirectedHome
            | Reason::RedirectedListing
            | Reason::Content
    );
    verdict.verdict != Verdict::Unknown && verdict.confidence >= 0.85 && settled
}

/// The phrases the link's owner chose. Both at once is a contradiction that only the owner can resolve.
fn own_phrases(view: &View<'_>, custom: &CustomPhrases) -> Option<RulesVerdict> {
    let find = |list: &[String]| {
        view.blocks.iter().find_map(|seen| {
            list.iter()
                .find_map(|phrase| phrases::find_own(&seen.folded.text, phrase))
                .map(|at| Evidence::around(seen.block, seen.folded.original_character(at)))
        })
    };
    match (find(&custom.available), find(&custom.not_available)) {
        (Some(found), None) => Some(RulesVerdict::of(Reason::CustomAvailable, 0.95, vec![found])),
        (None, Some(found)) => Some(RulesVerdict::of(Reason::CustomNotAvailable, 0.95, vec![found])),
        (Some(one), Some(other)) => Some(RulesVerdict::of(Reason::Conflict, 0.0, vec![one, other])),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests;
