//! What the network, the guard and the status say, before a word of the page is read.

use super::RulesVerdict;
use super::phrases::Topic;
use super::view::View;
use crate::snapshot::{NetworkFailure, Outcome};
use crate::verdict::Reason;

pub(super) fn judge(view: &View<'_>) -> Option<RulesVerdict> {
    let sure = |reason| Some(RulesVerdict::of(reason, 1.0, Vec::new()));
    let status = view.page.http_status;
    match &view.page.outcome {
        Outcome::Loaded => {}
        Outcome::Refused { .. } => return sure(Reason::RefusedByGuard),
        Outcome::Unreachable { failure, .. } => {
            return sure(match failure {
                NetworkFailure::NameNotFound => Reason::NameNotFound,
                NetworkFailure::Dns => Reason::DnsError,
                NetworkFailure::ConnectionRefused => Reason::ConnectionRefused,
                NetworkFailure::ConnectionReset => Reason::ConnectionReset,
                NetworkFailure::TimedOut => Reason::TimedOut,
                NetworkFailure::Tls => Reason::TlsError,
                NetworkFailure::InvalidResponse => Reason::InvalidResponse,
                NetworkFailure::Other => Reason::NetworkError,
            });
        }
        Outcome::RedirectLoop => return sure(Reason::RedirectLoop),
        Outcome::Crashed { .. } => return sure(Reason::Crashed),
        Outcome::TooLarge | Outcome::NotAPage | Outcome::TimedOut => {}
    }
    if !view.page.final_url.is_empty()
        && !view.page.final_url.starts_with("http://")
        && !view.page.final_url.starts_with("https://")
    {
        return sure(Reason::NotAPage);
    }
    if let Some(verdict) = status.and_then(|it| judge_status(it, view)) {
        return Some(verdict);
    }
    match view.page.outcome {
        // The server answered; it is the page that never came to rest, and that may be our browser's fault.
        Outcome::TimedOut if status.is_some() => sure(Reason::NotRendered),
        Outcome::TimedOut => sure(Reason::TimedOut),
        Outcome::TooLarge => sure(Reason::TooLarge),
        Outcome::NotAPage if status.is_some_and(|it| matches!(it, 200 | 203 | 206)) => {
            Some(RulesVerdict::of(Reason::File, 0.8, Vec::new()))
        }
        Outcome::NotAPage => sure(Reason::NotAPage),
        _ => None,
    }
}

fn judge_status(status: u16, view: &View<'_>) -> Option<RulesVerdict> {
    let says = |topic| {
        view.title_states(topic).is_some()
            || view.blocks.iter().any(|it| !it.addresses_programs && it.stated(topic).is_some())
    };
    let reason = match status {
        200..=299 => return None,
        401 | 407 => Reason::LoginWall,
        403 | 429 | 503 if says(Topic::BotWall) => Reason::BotWall,
        403 | 451 if says(Topic::GeoWall) => Reason::GeoWall,
        403 => Reason::Forbidden,
        404 | 410 if sells_all_the_same(view) => {
            return Some(RulesVerdict::of(Reason::Conflict, 0.0, Vec::new()));
        }
        404 => Reason::NotFound,
        410 => Reason::Gone,
        408 | 425 => Reason::ServerError,
        429 => Reason::RateLimited,
        451 => Reason::LegalBlock,
        500..=599 => Reason::ServerError,
        _ => Reason::UnexpectedStatus,
    };
    Some(RulesVerdict::of(reason, 1.0, Vec::new()))
}

/// Some applications answer every address with 404 and then show the page all the same; visitors do not see a status.
fn sells_all_the_same(view: &View<'_>) -> bool {
    let usable = view.buy_controls().any(|(_, it)| !it.block.disabled && view.is_front_door(it));
    let denied = view.title_states(Topic::NotFound).is_some()
        || view
            .blocks
            .iter()
            .any(|it| it.stated(Topic::NotFound).is_some() || it.stated(Topic::Discontinued).is_some());
    usable && view.is_product && !denied
}
