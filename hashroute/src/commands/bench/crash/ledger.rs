//! What the client knows of each link, and what the counters must say then.

use std::{
    ops::Range,
    sync::atomic::{AtomicU8, Ordering},
};

use serde::Serialize;

const UNTOUCHED: u8 = 0;
const ASKED: u8 = 1;
const ANSWERED: u8 = 2;

/// One mark for each link.
pub struct Ledger(Vec<AtomicU8>);

/// What is wrong with the counters, in links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Answered, and no click.
    pub lost: usize,
    /// More than one click.
    pub doubled: usize,
    /// Never asked for, and a click.
    pub unexplained: usize,
}

impl Verdict {
    /// Whether nothing is.
    pub fn is_flawless(self) -> bool {
        self == Self { lost: 0, doubled: 0, unexplained: 0 }
    }
}

impl Ledger {
    /// For so many links, none asked for.
    pub fn new(links: usize) -> Self {
        Self((0..links).map(|_| AtomicU8::new(UNTOUCHED)).collect())
    }

    /// The request is about to leave.
    pub fn asked(&self, link: usize) {
        self.mark(link, ASKED);
    }

    /// The whole answer is here.
    pub fn answered(&self, link: usize) {
        self.mark(link, ANSWERED);
    }

    fn mark(&self, link: usize, mark: u8) {
        if let Some(place) = self.0.get(link) {
            place.store(mark, Ordering::Relaxed);
        }
    }

    /// How many of these links were asked for, and how many answered.
    pub fn asked_and_answered(&self, links: Range<usize>) -> (usize, usize) {
        let marks = || self.0[links.clone()].iter().map(|mark| mark.load(Ordering::Relaxed));
        (marks().filter(|mark| *mark != UNTOUCHED).count(), marks().filter(|mark| *mark == ANSWERED).count())
    }

    /// Compares the first `links` marks with the number of clicks of each.
    pub fn judge(&self, links: usize, clicks: impl Fn(usize) -> u64) -> Verdict {
        let mut verdict = Verdict { lost: 0, doubled: 0, unexplained: 0 };
        for (link, mark) in self.0.iter().enumerate().take(links) {
            match (mark.load(Ordering::Relaxed), clicks(link)) {
                (ANSWERED, 0) => verdict.lost += 1,
                (UNTOUCHED, 1..) => verdict.unexplained += 1,
                (_, 2..) => verdict.doubled += 1,
                _ => {}
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_fault_is_found() {
        let ledger = Ledger::new(7);
        for link in 1..7 {
            ledger.asked(link);
        }
        for link in 3..6 {
            ledger.answered(link);
        }
        // Untouched 0; asked 1, 2 and 6; answered 3 to 5.
        let judge = |clicks: [u64; 7]| ledger.judge(7, |link| clicks[link]);
        assert!(judge([0, 0, 1, 1, 1, 1, 0]).is_flawless());
        assert_eq!(judge([0, 0, 1, 0, 1, 1, 0]), Verdict { lost: 1, doubled: 0, unexplained: 0 });
        assert_eq!(judge([0, 2, 1, 1, 3, 1, 0]), Verdict { lost: 0, doubled: 2, unexplained: 0 });
        assert_eq!(judge([1, 0, 0, 1, 1, 1, 0]), Verdict { lost: 0, doubled: 0, unexplained: 1 });
        assert_eq!(ledger.asked_and_answered(0..7), (6, 3));
        assert_eq!(ledger.asked_and_answered(0..2), (1, 0));
    }
}
