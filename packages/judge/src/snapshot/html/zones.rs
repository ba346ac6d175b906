//! Which part of a page an element begins, by its name, role and the words of its class and id.

use super::tree::Element;
use crate::snapshot::Zone;

const RELATED: &[&str] = &[
    "related",
    "recommended",
    "recommendation",
    "recommendations",
    "recommends",
    "similar",
    "upsell",
    "upsells",
    "crosssell",
    "crosssells",
    "bestseller",
    "bestsellers",
    "suggestion",
    "suggestions",
    "alternatives",
    "sidebar",
    "trending",
    "empfehlungen",
    "aehnliche",
    "similaires",
    "relacionados",
    "correlati",
    "recos",
];
const RELATED_PAIRS: &[(&str, &str)] = &[
    ("cross", "sell"),
    ("up", "sell"),
    ("also", "like"),
    ("also", "bought"),
    ("also", "viewed"),
    ("may", "like"),
    ("recently", "viewed"),
    ("more", "products"),
    ("more", "items"),
    ("other", "products"),
    ("bought", "together"),
    ("read", "more"),
    ("more", "articles"),
];
const REVIEW: &[&str] = &[
    "review",
    "reviews",
    "comment",
    "comments",
    "testimonial",
    "testimonials",
    "ugc",
    "bewertung",
    "bewertungen",
    "kommentare",
    "avis",
    "opiniones",
    "recensioni",
    "feedback",
    "qna",
    "disqus",
    "guestbook",
];
const NAV: &[&str] =
    &["nav", "navbar", "navigation", "menu", "megamenu", "breadcrumb", "breadcrumbs", "topbar", "masthead"];
const OVERLAY: &[&str] = &[
    "modal",
    "popup",
    "overlay",
    "lightbox",
    "cookie",
    "cookies",
    "cookiebanner",
    "cookiebar",
    "consent",
    "gdpr",
    "cmp",
    "interstitial",
    "agegate",
    "ageverification",
    "onetrust",
    "cookiebot",
    "didomi",
    "usercentrics",
    "toast",
];
const OVERLAY_PAIRS: &[(&str, &str)] =
    &[("age", "gate"), ("age", "verification"), ("age", "check"), ("privacy", "banner")];
const WHOLE_HEADER: &[&str] = &[
    "header",
    "site-header",
    "page-header-top",
    "siteheader",
    "main-header",
    "global-header",
    "app-header",
    "top-header",
];
const WHOLE_FOOTER: &[&str] =
    &["footer", "site-footer", "sitefooter", "page-footer", "main-footer", "global-footer", "app-footer"];

/// The part of the page this element is the beginning of; `None`: it belongs to the part around it.
pub(super) fn begun_by(element: &Element, around: Zone) -> Option<Zone> {
    if matches!(element.name.as_str(), "html" | "body" | "head") {
        return None;
    }
    // What is inside of these is never something else again.
    if matches!(around, Zone::Overlay | Zone::Nav | Zone::Footer) {
        return None;
    }
    match element.word("role").as_str() {
        "dialog" | "alertdialog" => return Some(Zone::Overlay),
        "main" => return Some(Zone::Main),
        "navigation" | "banner" | "menu" | "menubar" => return Some(Zone::Nav),
        "contentinfo" => return Some(Zone::Footer),
        "complementary" => return Some(Zone::Related),
        _ => {}
    }
    match element.name.as_str() {
        "main" => return Some(Zone::Main),
        "nav" => return Some(Zone::Nav),
        "dialog" => return Some(Zone::Overlay),
        "aside" if around == Zone::Main => return Some(Zone::Related),
        _ => {}
    }
    by_words(element).or_else(|| covers_the_page(element).then_some(Zone::Overlay))
}

/// A header or footer of the page; inside of an article or the main part they are of that part.
pub(super) fn of_page_frame(element: &Element, inside_content: bool) -> Option<Zone> {
    match element.name.as_str() {
        "header" if !inside_content => Some(Zone::Nav),
        "footer" if !inside_content => Some(Zone::Footer),
        _ => None,
    }
}

fn by_words(element: &Element) -> Option<Zone> {
    // Controls and inline text carry such words for other reasons: a button "add-review", a link "menu-item".
    if !matches!(
        element.name.as_str(),
        "div"
            | "section"
            | "ul"
            | "ol"
            | "article"
            | "table"
            | "form"
            | "header"
            | "footer"
            | "li"
            | "dl"
            | "p"
            | "fieldset"
            | "center"
            | "tr"
            | "td"
    ) {
        return None;
    }
    for attribute in ["class", "id", "data-section", "data-component"] {
        for name in element.attribute(attribute).unwrap_or_default().split_whitespace() {
            let whole = name.to_ascii_lowercase();
            if WHOLE_HEADER.contains(&whole.as_str()) {
                return Some(Zone::Nav);
            }
            if WHOLE_FOOTER.contains(&whole.as_str()) {
                return Some(Zone::Footer);
            }
            let words = words_of(name);
            let has = |list: &[&str]| words.iter().any(|it| list.contains(&it.as_str()));
            let pairs = |list: &[(&str, &str)]| {
                words.windows(2).any(|it| list.iter().any(|(first, second)| it[0] == *first && it[1] == *second))
            };
            // State words such as `no-sidebar`, `has-overlay`, `without-reviews` say what else there is.
            let state =
                words.first().is_some_and(|it| matches!(it.as_str(), "no" | "has" | "with" | "without" | "is" | "js"));
            if state
                || words.iter().any(|it| {
                    matches!(
                        it.as_str(),
                        "trigger" | "toggle" | "summary" | "wrapper" | "open" | "layout" | "container" | "page"
                    )
                })
            {
                continue;
            }
            if has(OVERLAY) || pairs(OVERLAY_PAIRS) {
                return Some(Zone::Overlay);
            }
            if has(REVIEW) {
                return Some(Zone::Review);
            }
            if has(RELATED) || pairs(RELATED_PAIRS) {
                return Some(Zone::Related);
            }
            if has(NAV) {
                return Some(Zone::Nav);
            }
        }
    }
    None
}

/// `relatedProducts`, `related-products` and `related_products` are the words `related` and `products`.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous_lower = false;
    let mut inside = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            inside = false;
            previous_lower = false;
            continue;
        }
        if !inside || (letter.is_uppercase() && previous_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
        inside = true;
        previous_lower = letter.is_lowercase();
    }
    words
}

fn covers_the_page(element: &Element) -> bool {
    let style: String = element
        .attribute("style")
        .unwrap_or_default()
        .to_ascii_lowercase()
        .chars()
        .filter(|it| !it.is_whitespace())
        .collect();
    let full = style.contains("inset:0")
        || style.contains("top:0") && style.contains("bottom:0")
        || style.contains("height:100%")
        || style.contains("height:100vh");
    style.contains("position:fixed") && (full || style.contains("bottom:0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_words() {
        assert_eq!(words_of("relatedProducts"), ["related", "products"]);
        assert_eq!(words_of("c-review__list--XL"), ["c", "review", "list", "xl"]);
        assert!(words_of("--").is_empty());
    }
}
