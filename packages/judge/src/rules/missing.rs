//! Pages that say, with a status of success, that there is no such page; and pages that are none of the site's.

use super::RulesVerdict;
use super::phrases::Topic;
use super::view::View;
use crate::snapshot::BlockKind;
use crate::verdict::{Evidence, Reason};

pub(super) fn judge(view: &View<'_>) -> Option<RulesVerdict> {
    let visible: usize = view.blocks.iter().map(|it| it.weight).sum();
    if visible < 12 && view.blocks.iter().all(|it| it.hits.is_empty()) {
        let reason = if visible == 0 && view.page.browser.is_none() && view.page.bytes > 400 {
            Reason::NotRendered
        } else {
            Reason::Empty
        };
        return Some(RulesVerdict::of(reason, 0.9, Vec::new()));
    }
    let first_control = view.buy_controls().find(|(_, it)| !it.block.disabled && view.is_front_door(it));
    if let Some((control, _)) = first_control {
        return headed_not_found(view, control);
    }
    not_found(view)
        .or_else(|| parked(view))
        .or_else(|| error(view))
        .or_else(|| default_page(view))
        .or_else(|| loading(view))
}

fn title(view: &View<'_>) -> Evidence {
    Evidence::of(&view.page.title_block())
}

/// A page that says so in its first heading, and offers other things below.
fn headed_not_found(view: &View<'_>, control: usize) -> Option<RulesVerdict> {
    let (_, first) =
        view.main().find(|(_, it)| it.block.kind == BlockKind::Heading).filter(|(index, _)| *index < control)?;
    let evidence = first.evidence(first.stated(Topic::NotFound)?);
    let words = first.weight > 3 || view.title_states(Topic::NotFound).is_some();
    words.then(|| RulesVerdict::of(Reason::SoftNotFound, 0.88, vec![evidence]))
}

fn not_found(view: &View<'_>) -> Option<RulesVerdict> {
    let in_title = view.title_states(Topic::NotFound).is_some();
    let of_words = |it: &super::view::Seen<'_>| {
        // The bare number is a sign only as a heading; in a text it may be a price or a model.
        it.stated(Topic::NotFound)
            .filter(|_| it.weight > 3 || it.block.kind == BlockKind::Heading)
            .map(|hit| it.evidence(hit))
    };
    let heading = view.main().filter(|(_, it)| it.block.kind == BlockKind::Heading).find_map(|(_, it)| of_words(it));
    if in_title || heading.is_some() {
        // A page with much else to say may carry such a heading for an empty list.
        if in_title || view.main_weight < 2_000 {
            let evidence = heading.unwrap_or_else(|| title(view));
            return Some(RulesVerdict::of(Reason::SoftNotFound, 0.92, vec![evidence]));
        }
    }
    if view.main_weight > 900 || view.is_article {
        return None;
    }
    let text = view.main().find_map(|(_, it)| of_words(it))?;
    Some(RulesVerdict::of(Reason::SoftNotFound, 0.88, vec![text]))
}

fn parked(view: &View<'_>) -> Option<RulesVerdict> {
    if view.main_weight > 900 || view.is_product && view.title_states(Topic::Parked).is_none() {
        return None;
    }
    if view.title_states(Topic::Parked).is_some() {
        return Some(RulesVerdict::of(Reason::Parked, 0.9, vec![title(view)]));
    }
    let found = view.main().find_map(|(_, it)| it.stated(Topic::Parked).map(|hit| it.evidence(hit)))?;
    Some(RulesVerdict::of(Reason::Parked, 0.85, vec![found]))
}

fn error(view: &View<'_>) -> Option<RulesVerdict> {
    if view.main_weight > 700 {
        return None;
    }
    let said_otherwise = view.main().any(|(_, it)| {
        [Topic::SoldOut, Topic::Discontinued, Topic::Ended].iter().any(|topic| it.stated(*topic).is_some())
    });
    if said_otherwise {
        return None;
    }
    if view.title_states(Topic::ErrorPage).is_some() {
        return Some(RulesVerdict::of(Reason::ErrorPage, 0.85, vec![title(view)]));
    }
    let found = view.main().find_map(|(_, it)| it.stated(Topic::ErrorPage).map(|hit| it.evidence(hit)))?;
    Some(RulesVerdict::of(Reason::ErrorPage, 0.8, vec![found]))
}

fn default_page(view: &View<'_>) -> Option<RulesVerdict> {
    if view.is_product {
        return None;
    }
    let in_title = view.title_states(Topic::DefaultPage).is_some();
    let heading = view
        .main()
        .filter(|(_, it)| it.block.kind == BlockKind::Heading)
        .find_map(|(_, it)| it.stated(Topic::DefaultPage).map(|hit| it.evidence(hit)));
    let evidence = if in_title { title(view) } else { heading? };
    Some(RulesVerdict::of(Reason::DefaultPage, 0.85, vec![evidence]))
}

fn loading(view: &View<'_>) -> Option<RulesVerdict> {
    if view.main_weight > 250 {
        return None;
    }
    let statement = |topic| view.main().any(|(_, it)| it.stated(topic).is_some());
    if [Topic::SoldOut, Topic::Discontinued, Topic::Ended, Topic::InStock].into_iter().any(statement) {
        return None;
    }
    let found = view.front().find_map(|it| it.stated(Topic::Loading).map(|hit| it.evidence(hit)))?;
    Some(RulesVerdict::of(Reason::NotRendered, 0.8, vec![found]))
}
