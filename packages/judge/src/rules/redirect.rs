//! Redirects that lead away from what was asked for: to the home page, or to a list of other things.

use url::Url;

use super::RulesVerdict;
use super::text::Folded;
use super::view::View;
use crate::snapshot::BlockKind;
use crate::verdict::{Evidence, Reason};

pub(super) fn judge(view: &View<'_>) -> Option<RulesVerdict> {
    let requested = Url::parse(&view.page.requested_url).ok()?;
    let reached = Url::parse(&view.page.final_url).ok()?;
    let asked = segments(&requested);
    let got = segments(&reached);
    if asked.is_empty() || asked == got && requested.host_str() == reached.host_str() {
        return None;
    }
    let evidence = || {
        let heading =
            view.main().find(|(_, it)| it.block.kind == BlockKind::Heading).map(|(_, it)| Evidence::of(it.block));
        heading.into_iter().collect::<Vec<_>>()
    };
    let same_site = site(&requested) == site(&reached);
    if got.is_empty() {
        // A page within a page, or one that is told what to show.
        let tells_more = reached.fragment().is_some_and(|it| it.len() > 1) || names_it(&reached, &asked);
        if tells_more || is_about(view, &asked) {
            return None;
        }
        return Some(if same_site {
            RulesVerdict::of(Reason::RedirectedHome, 0.88, evidence())
        } else {
            RulesVerdict::of(Reason::RedirectedElsewhere, 0.7, evidence())
        });
    }
    if !same_site || is_about(view, &asked) {
        return None;
    }
    let upwards = got.len() < asked.len() && asked[..got.len()] == got[..];
    let listing = got.iter().any(|it| is_listing_word(it))
        && !asked.last().is_some_and(|it| is_listing_word(it))
        && !same_kind(&asked, &got);
    let is_list = upwards || listing;
    let has_own_offer = view.page.structured.iter().any(|it| it.kind == "Product") && view.buy_controls().count() == 1;
    (is_list && !has_own_offer)
        .then(|| RulesVerdict::of(Reason::RedirectedListing, if upwards { 0.82 } else { 0.8 }, evidence()))
}

/// The path without what only says in which language or by which file.
fn segments(url: &Url) -> Vec<String> {
    url.path_segments()
        .into_iter()
        .flatten()
        .map(str::to_lowercase)
        .filter(|it| !it.is_empty())
        .enumerate()
        .filter(|(index, it)| {
            let locale = *index < 2
                && match it.as_bytes() {
                    [a, b] => {
                        a.is_ascii_alphabetic()
                            && b.is_ascii_alphabetic()
                            && !matches!(it.as_str(), "p" | "dp" | "go" | "ad" | "tv")
                    }
                    [a, b, b'-' | b'_', c, d] => [a, b, c, d].iter().all(|letter| letter.is_ascii_alphabetic()),
                    _ => false,
                };
            let file = matches!(
                it.as_str(),
                "index.html"
                    | "index.htm"
                    | "index.php"
                    | "index.aspx"
                    | "default.aspx"
                    | "home"
                    | "home.html"
                    | "homepage"
                    | "index"
                    | "start"
                    | "startseite"
                    | "accueil"
                    | "inicio"
            );
            !locale && !file
        })
        .map(|(_, it)| it)
        .collect()
}

/// The last two labels of the host, or three where the last two are short.
fn site(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_owned();
    if host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
        return host;
    }
    let labels: Vec<&str> = host.rsplit('.').collect();
    let short_pair = labels.len() > 2 && labels[0].len() == 2 && labels[1].len() <= 3;
    let count = if short_pair { 3 } else { 2 };
    labels.into_iter().take(count).rev().collect::<Vec<_>>().join(".")
}

fn is_listing_word(segment: &str) -> bool {
    matches!(
        segment,
        "category"
            | "categories"
            | "c"
            | "cat"
            | "collections"
            | "collection"
            | "search"
            | "catalog"
            | "catalogue"
            | "catalogsearch"
            | "listing"
            | "listings"
            | "shop"
            | "store"
            | "products"
            | "all"
            | "browse"
            | "kategorie"
            | "kategorien"
            | "suche"
            | "categorie"
            | "categoria"
            | "categorias"
            | "recherche"
            | "busqueda"
            | "buscar"
            | "jobs"
            | "events"
            | "sale"
            | "new"
            | "zoeken"
            | "kategori"
            | "kategoria"
            | "tag"
            | "tags"
            | "department"
            | "departments"
    )
}

/// Both are of the kind `/products/one-thing`.
fn same_kind(asked: &[String], got: &[String]) -> bool {
    let product_word = |it: &String| {
        matches!(
            it.as_str(),
            "product"
                | "products"
                | "p"
                | "dp"
                | "item"
                | "items"
                | "produkt"
                | "produkte"
                | "produit"
                | "producto"
                | "prodotto"
                | "job"
                | "jobs"
                | "event"
                | "events"
        )
    };
    let after = |path: &[String]| path.iter().position(product_word).is_some_and(|it| it + 1 < path.len());
    after(asked) && after(got)
}

/// The address that was reached names what was asked for, as `/?page=lamp` does.
fn names_it(reached: &Url, asked: &[String]) -> bool {
    let query = reached.query().unwrap_or_default().to_lowercase();
    asked.last().is_some_and(|it| it.len() > 2 && query.contains(it.as_str()))
}

/// The words of the address that was asked for are those of the page's heading: it has moved, and is still the same.
fn is_about(view: &View<'_>, asked: &[String]) -> bool {
    let Some(last) = asked.last() else { return false };
    let folded = Folded::new(last).text;
    let words: Vec<&str> = folded
        .split(|it: char| !it.is_alphanumeric())
        .filter(|it| it.chars().count() > 2 && !matches!(*it, "html" | "htm" | "php" | "aspx" | "the" | "and" | "for"))
        .collect();
    if words.is_empty() {
        return false;
    }
    let headings = view
        .main()
        .filter(|(_, it)| it.block.kind == BlockKind::Heading)
        .take(2)
        .map(|(_, it)| it.folded.text.as_str());
    std::iter::once(view.title.text.as_str()).chain(headings).any(|text| {
        let found =
            words.iter().filter(|word| text.split(|it: char| !it.is_alphanumeric()).any(|it| it == **word)).count();
        found * 3 >= words.len() * 2 && (words.len() > 1 || words[0].chars().count() > 4)
    })
}
