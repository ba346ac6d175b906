//! Pages that are there to be read, listened to or looked at: with content and nothing against it they are available.

use super::RulesVerdict;
use super::phrases::Topic;
use super::view::View;
use crate::snapshot::{BlockKind, Zone};
use crate::verdict::{Evidence, Reason};

pub(super) fn judge(view: &View<'_>) -> Option<RulesVerdict> {
    // A product of which nothing says that it can be had is a question, not an answer.
    if view.is_product && !view.is_article {
        return None;
    }
    let against = [Topic::NotFound, Topic::ErrorPage, Topic::Parked, Topic::BotWall, Topic::LoginWall, Topic::Loading];
    let doubtful = view.main().any(|(_, it)| {
        it.block.kind != BlockKind::Link && it.weight < 200 && against.iter().any(|topic| it.stated(*topic).is_some())
    });
    let denied = view.main().any(|(_, it)| {
        it.weight < 120
            && [Topic::SoldOut, Topic::Discontinued, Topic::Ended, Topic::ComingSoon]
                .iter()
                .any(|topic| it.stated(*topic).is_some())
    });
    if doubtful && view.main_weight < 900 || denied {
        return None;
    }
    let heading = view.main().find(|(_, it)| it.block.kind == BlockKind::Heading).map(|(_, it)| it);
    let longest =
        view.main().filter(|(_, it)| it.block.kind == BlockKind::Text).map(|(_, it)| it).max_by_key(|it| it.weight)?;
    let controls = view.main().filter(|(_, it)| matches!(it.block.kind, BlockKind::Button | BlockKind::Link)).count();
    let framed = view.blocks.iter().any(|it| matches!(it.zone, Zone::Nav | Zone::Footer));
    let named = heading.is_some() || !view.page.title.is_empty();
    let confidence = if named && view.main_weight >= 300 && (longest.weight >= 80 || view.is_article) {
        0.8
    } else if heading.is_some() && view.main_weight >= 80 && longest.weight >= 30 && (controls > 0 || framed) {
        0.65
    } else {
        return None;
    };
    let evidence = heading.into_iter().chain([longest]).map(|it| Evidence::of(it.block)).collect();
    Some(RulesVerdict::of(Reason::Content, confidence, evidence))
}
