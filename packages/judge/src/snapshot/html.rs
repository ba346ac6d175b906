//! A snapshot from HTML alone, for where no browser is at hand: what a visitor would see of it without scripts, as far
//! as the document itself tells.

mod blocks;
mod structured;
mod tree;
mod visibility;
mod zones;

use self::tree::Tree;
use super::{Outcome, PageSnapshot, Redirect, Timings};

/// How the HTML came here.
#[derive(Debug, Clone, Default)]
pub struct Document<'a> {
    /// The URL that was asked for.
    pub requested_url: &'a str,
    /// The URL the HTML came from, after redirects.
    pub final_url: &'a str,
    /// The redirects between them.
    pub redirects: Vec<Redirect>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Its `Content-Type`, as sent.
    pub content_type: Option<&'a str>,
    /// Some of the HTML was left out because it was too large.
    pub truncated: bool,
}

/// The snapshot of a page of which only the HTML was read. What is no HTML by its `Content-Type` is [`Outcome::NotAPage`].
///
/// Counts one request and the bytes of the text; whoever fetched it knows the timings and fills them in.
pub fn snapshot(html: &str, document: &Document<'_>) -> PageSnapshot {
    let content_type =
        document.content_type.map(|it| it.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let is_page = content_type
        .as_deref()
        .is_none_or(|it| matches!(it, "" | "text/html" | "application/xhtml+xml" | "text/plain"));
    let mut snapshot = PageSnapshot {
        requested_url: document.requested_url.to_owned(),
        final_url: document.final_url.to_owned(),
        redirects: document.redirects.clone(),
        outcome: if is_page { Outcome::Loaded } else { Outcome::NotAPage },
        http_status: document.status,
        content_type,
        title: String::new(),
        lang: None,
        blocks: Vec::new(),
        structured: Vec::new(),
        truncated: document.truncated,
        browser: None,
        requests: 1,
        bytes: html.len() as u64,
        timings: Timings::default(),
    };
    if is_page {
        let (tree, cut_short) = Tree::parse(html);
        let (title, lang) = head(&tree);
        snapshot.title = title;
        snapshot.lang = lang;
        let page = blocks::read(&tree);
        snapshot.blocks = page.blocks;
        snapshot.truncated |= page.truncated || cut_short;
        snapshot.structured = structured::read(&tree);
    }
    snapshot
}

/// The document's title and language.
fn head(tree: &Tree) -> (String, Option<String>) {
    let mut title = None;
    let mut lang = None;
    for index in tree.below(0) {
        let Some(element) = tree.element(index) else { continue };
        match element.name.as_str() {
            "html" => lang = element.attribute("lang").map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned),
            "title" if title.is_none() => title = Some(one_line(&tree.text_below(index))),
            _ => {}
        }
    }
    (title.unwrap_or_default(), lang)
}

/// The text with runs of white space as one space, and none around it.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
