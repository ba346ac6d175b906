//! What stands before a page: tests for robots, borders, sign-ins, questions. Behind it may be anything.

use url::Url;

use super::RulesVerdict;
use super::phrases::Topic;
use super::view::{Seen, View};
use crate::snapshot::{BlockKind, Zone};
use crate::verdict::{Evidence, Reason};

/// Walls that are told before anything else is believed.
pub(super) fn judge(view: &View<'_>) -> Option<RulesVerdict> {
    let sells = view.buy_controls().any(|(_, it)| !it.block.disabled && view.is_front_door(it));
    bot(view, sells).or_else(|| geo(view, sells)).or_else(|| login(view, sells))
}

fn wall(reason: Reason, evidence: Vec<Evidence>) -> Option<RulesVerdict> {
    Some(RulesVerdict::of(reason, 0.9, evidence))
}

/// The first block before the visitor that says this, as evidence.
fn stated(view: &View<'_>, topic: Topic, longest: usize) -> Option<Evidence> {
    view.front().filter(|it| it.weight <= longest).find_map(|it| it.stated(topic).map(|hit| it.evidence(hit)))
}

fn bot(view: &View<'_>, sells: bool) -> Option<RulesVerdict> {
    if sells || view.main_weight > 900 {
        return None;
    }
    let title = view.title_states(Topic::BotWall).map(|_| Evidence::of(&view.page.title_block()));
    wall(Reason::BotWall, vec![title.or_else(|| stated(view, Topic::BotWall, 400))?])
}

fn geo(view: &View<'_>, sells: bool) -> Option<RulesVerdict> {
    if sells {
        return None;
    }
    let title = view.title_states(Topic::GeoWall).map(|_| Evidence::of(&view.page.title_block()));
    wall(Reason::GeoWall, vec![title.or_else(|| stated(view, Topic::GeoWall, 350))?])
}

fn login(view: &View<'_>, sells: bool) -> Option<RulesVerdict> {
    if sells {
        return None;
    }
    let password = view.front().find(|it| it.block.kind == BlockKind::PasswordField && !it.block.disabled);
    let led_there = leads_to_login(&view.page.requested_url, &view.page.final_url);
    if led_there && (password.is_some() || view.main_weight < 700) {
        let evidence = password.or_else(|| view.front().next()).map(|it| Evidence::of(it.block));
        return wall(Reason::LoginWall, evidence.into_iter().collect());
    }
    let thin = view.main_weight < 600;
    let asked = |it: &&Seen<'_>| it.hits.iter().any(|hit| hit.topic == Topic::LoginWall && hit.states());
    match password {
        Some(field) if thin => {
            let said = view.front().find(asked).map(|it| Evidence::of(it.block));
            wall(Reason::LoginWall, vec![said.unwrap_or_else(|| Evidence::of(field.block))])
        }
        _ if thin => {
            // A link “sign in” is on every page; a sentence that asks for it is not.
            let sentence = view.front().filter(|it| it.block.kind != BlockKind::Link && it.weight > 18).find(asked)?;
            wall(Reason::LoginWall, vec![Evidence::of(sentence.block)])
        }
        _ => None,
    }
}

fn leads_to_login(requested: &str, reached: &str) -> bool {
    const WORDS: [&str; 26] = [
        "login",
        "signin",
        "sign-in",
        "log-in",
        "sign_in",
        "log_in",
        "auth",
        "authenticate",
        "authorize",
        "sso",
        "anmelden",
        "anmeldung",
        "connexion",
        "iniciar-sesion",
        "accedi",
        "entrar",
        "inloggen",
        "logga-in",
        "logowanie",
        "prihlaseni",
        "accounts",
        "users",
        "wp-login.php",
        "saml",
        "oauth",
        "password",
    ];
    let is_login = |url: &str| {
        Url::parse(url).is_ok_and(|url| {
            let host = url.host_str().unwrap_or_default();
            let by_host =
                ["login.", "auth.", "accounts.", "signin.", "sso.", "id."].iter().any(|it| host.starts_with(it));
            by_host
                || url.path_segments().is_some_and(|mut segments| {
                    segments.any(|it| {
                        let segment = it.to_ascii_lowercase();
                        let bare = segment.trim_end_matches(".html").trim_end_matches(".php").trim_end_matches(".aspx");
                        WORDS.contains(&bare) || WORDS.contains(&segment.as_str())
                    })
                })
        })
    };
    is_login(reached) && !is_login(requested)
}

/// Questions about cookies and age. They hide the page only where nothing else is to be seen.
pub(super) fn judge_gates(view: &View<'_>) -> Option<RulesVerdict> {
    if view.buy_controls().any(|(_, it)| !it.block.disabled) {
        return None;
    }
    let rest =
        |topic: Topic| -> usize { view.main().filter(|(_, it)| !it.mentions(topic)).map(|(_, it)| it.weight).sum() };
    let statement = |it: &Seen<'_>| {
        [Topic::SoldOut, Topic::Discontinued, Topic::Ended, Topic::InStock]
            .iter()
            .any(|topic| it.stated(*topic).is_some())
    };
    let says_more = view.main().any(|(_, it)| statement(it));
    if !says_more
        && rest(Topic::AgeWall) < 400
        && let Some(evidence) = stated(view, Topic::AgeWall, 500)
    {
        return wall(Reason::AgeWall, vec![evidence]);
    }
    if !says_more && rest(Topic::ConsentWall) < 150 {
        let asked = view
            .front()
            .find(|it| it.mentions(Topic::ConsentWall) && it.zone == Zone::Overlay)
            .or_else(|| view.front().find(|it| it.stated(Topic::ConsentWall).is_some()))?;
        return wall(Reason::ConsentWall, vec![Evidence::of(asked.block)]);
    }
    None
}
