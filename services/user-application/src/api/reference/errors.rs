//! The page about errors: where `doc_url` points.

use std::fmt::Write as _;

use axum::response::Html;

use super::explanations::{self, Explanation, FIELD_CODES};
use crate::assets;

/// The page without its sections, as the web application's build names it.
const TEMPLATE: &str = "reference/errors.html";

/// Stands in where the web application has not been built.
const PLAIN_TEMPLATE: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>API errors</title>\n\
     <h1>API errors</h1>\n<!-- contents -->\n<!-- sections -->\n</html>\n";

/// What each failure means and what to do about it. It can be read without JavaScript.
pub(super) async fn page() -> Html<String> {
    let template = assets::page_text(TEMPLATE).unwrap_or_else(|| PLAIN_TEMPLATE.to_owned());
    let explanations = explanations::all();
    let page = template
        .replace("<!-- contents -->", &contents(&explanations))
        .replace("<!-- sections -->", &(sections(&explanations) + &field_codes()));
    Html(page)
}

fn contents(explanations: &[Explanation]) -> String {
    let mut html = String::new();
    for Explanation { anchor, status, .. } in explanations {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            html,
            "<a href=\"#{anchor}\"><span>{}</span> <span class=\"status\">{}</span></a>",
            title(anchor),
            status.as_u16()
        );
    }
    html + "<a href=\"#field-codes\">Codes of fields</a>\n"
}

fn sections(explanations: &[Explanation]) -> String {
    let mut html = String::new();
    for Explanation { anchor, status, code, meaning, way_out } in explanations {
        let code = code.map_or_else(String::new, |code| format!(" <code>{}</code>", code.as_str()));
        let _ = writeln!(
            html,
            "<section class=\"entry\" id=\"{anchor}\" aria-labelledby=\"{anchor}-title\">\n\
             <h2 id=\"{anchor}-title\"><span class=\"status\">{}</span> <a href=\"#{anchor}\">{}</a>{code}</h2>\n\
             <p>{meaning}</p>\n<p class=\"way-out\"><strong>What to do:</strong> {way_out}</p>\n</section>",
            status.as_u16(),
            title(anchor),
        );
    }
    html
}

fn field_codes() -> String {
    let mut html = String::from(
        "<h2 class=\"section-title\" id=\"field-codes\">Codes of fields</h2>\n\
         <p class=\"lead\">Where a failure is about fields, <code>errors</code> names each one: the path to it, such as \
         <code>geo.DE</code>, one of these codes, and in <code>message</code> what to change.</p>\n\
         <div class=\"table\"><table>\n<thead><tr><th scope=\"col\">Code</th><th scope=\"col\">Meaning</th></tr></thead>\n<tbody>\n",
    );
    for (code, meaning) in FIELD_CODES {
        let _ = writeln!(html, "<tr><th scope=\"row\"><code>{code}</code></th><td>{meaning}</td></tr>");
    }
    html + "</tbody>\n</table></div>\n"
}

/// `not_found` as a heading: "Not found".
fn title(anchor: &str) -> String {
    let words = anchor.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
