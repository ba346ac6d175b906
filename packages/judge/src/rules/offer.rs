//! Whether the one thing a page offers is to be had: what the page says, its controls, its variants, its data.

use super::RulesVerdict;
use super::phrases::{Hit, Topic};
use super::view::{Seen, View};
use crate::snapshot::BlockKind;
use crate::verdict::{Evidence, Reason};

/// A block that says that the thing is not to be had.
struct Denial<'a> {
    index: usize,
    reason: Reason,
    seen: &'a Seen<'a>,
    hit: &'a Hit,
}

pub(super) fn judge(view: &View<'_>) -> Option<RulesVerdict> {
    let variants = Variants::of(view);
    let denial = denials(view).next();
    let usable: Vec<(usize, &Seen<'_>)> = view.buy_controls().filter(|(_, it)| !it.block.disabled).collect();
    let front: Vec<(usize, &Seen<'_>)> = usable.iter().copied().filter(|(_, it)| view.is_front_door(it)).collect();
    let notify = view.main().find(|(_, it)| {
        matches!(it.block.kind, BlockKind::Button | BlockKind::Link)
            && it.stated(Topic::Notify).is_some_and(|hit| hit.coverage > 0.5)
    });

    if let Some(verdict) = variants.all_out(!front.is_empty()) {
        return Some(verdict);
    }
    if let Some(denial) = denial {
        return Some(denied(view, &denial, &front, &variants, notify.is_some()));
    }
    if let Some((_, control)) = front.first().or(usable.first()) {
        let preorder = control.mentions(Topic::Preorder);
        let reason = if preorder { Reason::Preorder } else { Reason::BuyControl };
        let confidence = if front.is_empty() { 0.75 } else { 0.95 };
        return Some(RulesVerdict::of(reason, confidence, vec![Evidence::of(control.block)]));
    }
    waiting(view, notify.map(|(_, it)| it)).or_else(|| disabled(view, &variants)).or_else(|| words_and_data(view))
}

fn denials<'a>(view: &'a View<'a>) -> impl Iterator<Item = Denial<'a>> {
    const TOPICS: [(Topic, Reason); 3] = [
        (Topic::SoldOut, Reason::OutOfStock),
        (Topic::Discontinued, Reason::Discontinued),
        (Topic::Ended, Reason::OfferEnded),
    ];
    view.main()
        .filter(|(_, it)| !it.block.variant && it.block.kind != BlockKind::Choice)
        // In a long text the same words tell a story.
        .filter(|(_, it)| it.weight <= if view.is_product && !view.is_article { 260 } else { 120 })
        .filter_map(|(index, seen)| {
            let (reason, hit) =
                TOPICS.iter().find_map(|(topic, reason)| seen.stated(*topic).map(|hit| (*reason, hit)))?;
            Some(Denial { index, reason, seen, hit })
        })
}

/// The page says that it is not to be had; what else does it say?
fn denied(
    view: &View<'_>,
    denial: &Denial<'_>,
    front: &[(usize, &Seen<'_>)],
    variants: &Variants<'_>,
    notify: bool,
) -> RulesVerdict {
    let evidence = denial.seen.evidence(denial.hit);
    let not_available = |confidence| RulesVerdict::of(denial.reason, confidence, vec![evidence.clone()]);
    let conflict =
        |other: &Seen<'_>| RulesVerdict::of(Reason::Conflict, 0.0, vec![evidence.clone(), Evidence::of(other.block)]);

    if let Some((index, control)) = front.first() {
        let parted = view.are_parted(denial.index, *index);
        if parted && denial.index < *index {
            return not_available(0.85);
        }
        if parted {
            return RulesVerdict::of(Reason::BuyControl, 0.85, vec![Evidence::of(control.block)]);
        }
        // One of several kinds of ticket, or one of several sizes.
        let of_one_kind =
            denial.seen.block.kind == BlockKind::Button && denial.seen.block.disabled || variants.is_mixed();
        if of_one_kind && denial.reason == Reason::OutOfStock {
            return RulesVerdict::of(Reason::VariantAvailable, 0.75, vec![Evidence::of(control.block)]);
        }
        return conflict(control);
    }
    if let (true, Reason::OutOfStock, Some(choice)) = (variants.is_mixed(), denial.reason, variants.usable()) {
        return RulesVerdict::of(Reason::VariantAvailable, 0.7, vec![Evidence::of(choice.block)]);
    }
    let praise = view.main().find(|(index, it)| {
        !it.block.variant
            && it.stated(Topic::InStock).is_some_and(|hit| hit.coverage >= 0.5)
            && !view.are_parted(*index, denial.index)
    });
    if let (Some((_, other)), false) = (praise, notify)
        && other.block.id != denial.seen.block.id
    {
        return conflict(other);
    }
    let confirmed = notify || denial.seen.block.disabled || says_out(view);
    let plain = denial.hit.coverage >= 0.5;
    not_available(if confirmed {
        0.97
    } else if plain {
        0.93
    } else {
        0.88
    })
}

/// Nothing says that it is sold out, but one can only wait for it.
fn waiting(view: &View<'_>, notify: Option<&Seen<'_>>) -> Option<RulesVerdict> {
    let soon = view
        .main()
        .filter(|(_, it)| !it.block.variant && it.weight <= 120)
        .find_map(|(_, it)| it.stated(Topic::ComingSoon).map(|hit| it.evidence(hit)));
    let thin = view.main_weight < 700;
    if let Some(evidence) = soon {
        let about_it = view.is_product || notify.is_some() || thin;
        return (about_it && !view.is_article).then(|| RulesVerdict::of(Reason::ComingSoon, 0.85, vec![evidence]));
    }
    let control = notify?;
    let in_stock = view.main().any(|(_, it)| it.stated(Topic::InStock).is_some());
    (view.is_product && !in_stock)
        .then(|| RulesVerdict::of(Reason::OutOfStock, 0.82, vec![Evidence::of(control.block)]))
}

/// The control to buy is there, and cannot be used.
fn disabled(view: &View<'_>, variants: &Variants<'_>) -> Option<RulesVerdict> {
    let (_, control) = view.buy_controls().find(|(_, it)| it.block.disabled && view.is_front_door(it))?;
    let evidence = vec![Evidence::of(control.block)];
    if let Some(choice) = variants.usable() {
        // It waits for a choice.
        return Some(RulesVerdict::of(Reason::VariantAvailable, 0.8, vec![Evidence::of(choice.block)]));
    }
    let said = view.main().find_map(|(_, it)| it.stated(Topic::InStock).map(|hit| it.evidence(hit)));
    if let Some(said) = said {
        return Some(RulesVerdict::of(Reason::InStock, 0.65, vec![said]));
    }
    if view.main().any(|(_, it)| it.hits.iter().any(|hit| matches!(hit.topic, Topic::Choose | Topic::Loading))) {
        return Some(RulesVerdict::of(Reason::NoSignal, 0.0, evidence));
    }
    if says_in(view) && !says_out(view) {
        return Some(RulesVerdict::of(Reason::Conflict, 0.0, evidence));
    }
    let confidence = match (view.page.browser.is_some(), says_out(view)) {
        (_, true) => 0.9,
        (true, false) => 0.8,
        // A script may enable it.
        (false, false) => 0.6,
    };
    Some(RulesVerdict::of(Reason::BuyControlDisabled, confidence, evidence))
}

/// No control at all: words, then data for machines.
fn words_and_data(view: &View<'_>) -> Option<RulesVerdict> {
    let said = view.main().filter(|(_, it)| !it.block.variant && it.weight <= 160).find_map(|(_, it)| {
        it.stated(Topic::InStock).filter(|hit| hit.coverage >= 0.4 || view.is_product).map(|hit| it.evidence(hit))
    });
    if let (Some(evidence), true) = (said, view.is_product) {
        return Some(if says_out(view) && !says_in(view) {
            RulesVerdict::of(Reason::Conflict, 0.0, vec![evidence])
        } else {
            RulesVerdict::of(Reason::InStock, 0.85, vec![evidence])
        });
    }
    if view.main_weight < 40 {
        return None;
    }
    match (says_in(view), says_out(view)) {
        (true, false) => Some(RulesVerdict::of(Reason::StructuredInStock, 0.6, Vec::new())),
        (false, true) => Some(RulesVerdict::of(Reason::StructuredOutOfStock, 0.7, Vec::new())),
        (true, true) => Some(RulesVerdict::of(Reason::Conflict, 0.0, Vec::new())),
        (false, false) => None,
    }
}

fn availabilities<'a>(view: &'a View<'_>) -> impl Iterator<Item = String> + 'a {
    view.page
        .structured
        .iter()
        .filter_map(|it| it.availability.as_deref())
        .map(|it| it.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase())
}

/// The data for machines says of at least one offer that it can be had.
fn says_in(view: &View<'_>) -> bool {
    availabilities(view).any(|it| {
        matches!(
            it.as_str(),
            "instock"
                | "onlineonly"
                | "limitedavailability"
                | "preorder"
                | "presale"
                | "available"
                | "availablefororder"
                | "madetoorder"
                | "backorder"
        )
    })
}

fn says_out(view: &View<'_>) -> bool {
    availabilities(view).any(|it| {
        matches!(it.as_str(), "outofstock" | "soldout" | "discontinued" | "oos" | "unavailable" | "notavailable")
    })
}

/// The choices between variants, in groups as they stand beside each other.
struct Variants<'a> {
    groups: Vec<Vec<(&'a Seen<'a>, bool)>>,
}

impl<'a> Variants<'a> {
    fn of(view: &'a View<'a>) -> Self {
        let mut groups: Vec<Vec<(&'a Seen<'a>, bool)>> = Vec::new();
        let mut last = None;
        for (index, seen) in view.main().filter(|(_, it)| it.block.variant) {
            // What only asks for a choice is none.
            if seen.hits.iter().any(|it| it.topic == Topic::Choose && it.coverage > 0.6) {
                continue;
            }
            let out = seen.block.disabled || says_it_is_out(seen);
            match groups.last_mut() {
                Some(group) if last.is_some_and(|it: usize| index - it <= 1) => group.push((seen, out)),
                _ => groups.push(vec![(seen, out)]),
            }
            last = Some(index);
        }
        Self { groups }
    }

    /// One of the groups has no choice left.
    fn all_out(&self, can_be_bought: bool) -> Option<RulesVerdict> {
        let group = self.groups.iter().find(|it| it.iter().all(|(_, out)| *out))?;
        let evidence: Vec<Evidence> = group.iter().take(3).map(|(seen, _)| Evidence::of(seen.block)).collect();
        let in_words = group.iter().all(|(seen, _)| says_it_is_out(seen));
        if can_be_bought && !in_words {
            // Some pages only draw the choice that way.
            return None;
        }
        if group.len() < 2 && !in_words {
            return None;
        }
        Some(RulesVerdict::of(Reason::AllVariantsOut, if in_words { 0.93 } else { 0.85 }, evidence))
    }

    /// Some can be had, and some cannot.
    fn is_mixed(&self) -> bool {
        self.groups.iter().any(|it| it.iter().any(|(_, out)| *out) && it.iter().any(|(_, out)| !*out))
    }

    /// A choice that can be made, if every group has one.
    fn usable(&self) -> Option<&'a Seen<'a>> {
        let first = |group: &Vec<(&'a Seen<'a>, bool)>| group.iter().find(|(_, out)| !*out).map(|(seen, _)| *seen);
        let choices: Option<Vec<&Seen<'_>>> = self.groups.iter().map(first).collect();
        choices?.first().copied()
    }
}

fn says_it_is_out(seen: &Seen<'_>) -> bool {
    [Topic::SoldOut, Topic::Discontinued, Topic::Notify].iter().any(|topic| seen.mentions(*topic))
}
