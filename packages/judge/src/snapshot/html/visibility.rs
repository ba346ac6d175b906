//! Whether a visitor would see an element, as far as HTML, its inline styles and the page's own plain style rules tell.

use std::collections::HashSet;

use super::tree::Element;

/// How an element hides what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Concealment {
    /// Not at all.
    #[default]
    None,
    /// It is there, and made so that nobody sees it.
    Camouflaged,
    /// It is not shown.
    Hidden,
}

const HIDDEN_CLASSES: [&str; 10] = [
    "hidden",
    "hide",
    "d-none",
    "is-hidden",
    "js-hidden",
    "invisible",
    "display-none",
    "u-hidden",
    "uk-hidden",
    "ng-hide",
];
const CAMOUFLAGE_CLASSES: [&str; 6] =
    ["sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screenreader", "offscreen"];

/// The selectors of a page's style elements that hide what they match: only those of one class, id or element.
#[derive(Debug, Default)]
pub(super) struct StyleRules {
    hidden: HashSet<String>,
    camouflaged: HashSet<String>,
}

impl StyleRules {
    /// Reads a style element's text. Rules for print and other media are left out, as are selectors of several parts.
    pub(super) fn add(&mut self, css: &str) {
        let css = without_comments(css);
        let mut depth_skipped = 0_usize;
        let mut rest = css.as_str();
        while let Some(open) = rest.find(['{', '}']) {
            if rest[open..].starts_with('}') {
                depth_skipped = depth_skipped.saturating_sub(1);
                rest = &rest[open + 1..];
                continue;
            }
            let selector = rest[..open].rsplit(';').next().unwrap_or_default().trim();
            rest = &rest[open + 1..];
            if selector.starts_with('@') {
                depth_skipped += 1;
                continue;
            }
            let close = rest.find('}').unwrap_or(rest.len());
            if depth_skipped == 0 {
                self.add_rule(selector, &rest[..close]);
            }
            rest = rest.get(close + 1..).unwrap_or_default();
        }
    }

    fn add_rule(&mut self, selectors: &str, declarations: &str) {
        let set = match of_style(declarations) {
            Concealment::None => return,
            Concealment::Hidden => &mut self.hidden,
            Concealment::Camouflaged => &mut self.camouflaged,
        };
        for selector in selectors.split(',') {
            let selector = selector.trim();
            let bare = selector.strip_prefix(['.', '#']).unwrap_or(selector);
            let simple = bare.chars().all(|it| it.is_alphanumeric() || it == '-' || it == '_');
            if simple && !bare.is_empty() {
                set.insert(selector.to_owned());
            }
        }
    }

    fn of(&self, element: &Element) -> Concealment {
        if self.hidden.is_empty() && self.camouflaged.is_empty() {
            return Concealment::None;
        }
        let classes = element.attribute("class").unwrap_or_default().split_whitespace().map(|it| format!(".{it}"));
        let id = element.attribute("id").map(|it| format!("#{it}"));
        let mut found = Concealment::None;
        for selector in classes.chain(id).chain([element.name.clone()]) {
            if self.hidden.contains(&selector) {
                return Concealment::Hidden;
            }
            if self.camouflaged.contains(&selector) {
                found = Concealment::Camouflaged;
            }
        }
        found
    }
}

fn without_comments(css: &str) -> String {
    let mut clean = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        clean.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, it)| it);
    }
    clean.push_str(rest);
    clean
}

/// How this element hides its contents, by itself.
pub(super) fn of(element: &Element, rules: &StyleRules) -> Concealment {
    let never_shown = matches!(
        element.name.as_str(),
        "script"
            | "style"
            | "template"
            | "noscript"
            | "head"
            | "iframe"
            | "object"
            | "svg"
            | "datalist"
            | "audio"
            | "video"
            | "canvas"
    );
    let closed_dialog = element.name == "dialog" && !element.has("open");
    let hidden_input = element.name == "input" && element.word("type") == "hidden";
    if never_shown || closed_dialog || hidden_input || element.has("hidden") || element.word("aria-hidden") == "true" {
        return Concealment::Hidden;
    }
    let mut by_class = Concealment::None;
    for class in element.attribute("class").unwrap_or_default().split_whitespace() {
        let class = class.to_ascii_lowercase();
        if HIDDEN_CLASSES.contains(&class.as_str()) {
            return Concealment::Hidden;
        }
        if CAMOUFLAGE_CLASSES.contains(&class.as_str()) {
            by_class = Concealment::Camouflaged;
        }
    }
    let inline = element.attribute("style").map(of_style).unwrap_or_default();
    by_class.max(inline).max(rules.of(element))
}

/// What the declarations of a style say.
fn of_style(style: &str) -> Concealment {
    let declarations: Vec<(String, String)> = style
        .split(';')
        .filter_map(|it| it.split_once(':'))
        .map(|(name, value)| {
            let value = value.to_ascii_lowercase().replace("!important", "");
            (name.trim().to_ascii_lowercase(), value.trim().to_owned())
        })
        .collect();
    let value = |name: &str| declarations.iter().rev().find(|(key, _)| key == name).map(|(_, it)| it.as_str());
    let number = |name: &str| value(name).and_then(number_of);

    if value("display") == Some("none")
        || matches!(value("visibility"), Some("hidden" | "collapse"))
        || value("content-visibility") == Some("hidden")
    {
        return Concealment::Hidden;
    }
    let small = |name: &str| number(name).is_some_and(|it| (0.0..=1.0).contains(&it) && value(name) != Some("1em"));
    let far = |name: &str| number(name).is_some_and(|it| it <= -500.0);
    let clipped = value("clip")
        .is_some_and(|it| it.starts_with("rect(") && it.matches(['0', '1']).count() >= 2 && !it.contains("auto"))
        || value("clip-path").is_some_and(|it| {
            ["inset(100%", "inset(50%", "circle(0", "polygon(0 0, 0 0"].iter().any(|start| it.starts_with(start))
        });
    let no_size =
        value("overflow") == Some("hidden") && ["width", "height", "max-height", "max-width"].into_iter().any(small);
    let background = value("background-color").or(value("background"));
    let same_color = match (value("color").map(color), background.map(color)) {
        (Some(text), Some(behind)) => text == behind,
        (Some(text), None) => text == "transparent",
        _ => false,
    };
    let scaled_away = value("transform")
        .is_some_and(|it| it.contains("scale(0)") || it.contains("translate") && it.contains("-9999"));
    let tiny = number("font-size").is_some_and(|it| it <= 1.0)
        && !value("font-size").is_some_and(|it| it.ends_with("em"))
        || matches!(value("font-size"), Some("0em" | "0rem"));
    let transparent = number("opacity")
        .is_some_and(|it| it <= 0.05 && !value("opacity").is_some_and(|it| it.ends_with('%') && it != "0%"));
    let out_of_page =
        ["left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top"].into_iter().any(far);
    if clipped || no_size || same_color || scaled_away || tiny || transparent || out_of_page {
        return Concealment::Camouflaged;
    }
    Concealment::None
}

/// The number a value begins with.
fn number_of(value: &str) -> Option<f32> {
    let end = value.find(|it: char| !(it.is_ascii_digit() || matches!(it, '.' | '-' | '+'))).unwrap_or(value.len());
    value[..end].parse().ok()
}

/// A colour in one spelling, as far as there are usual ones.
fn color(value: &str) -> String {
    let compact: String = value.chars().filter(|it| !it.is_whitespace()).collect();
    match compact.as_str() {
        "white" | "#fff" | "#ffffff" | "rgb(255,255,255)" => "white".into(),
        "black" | "#000" | "#000000" | "rgb(0,0,0)" => "black".into(),
        "transparent" | "rgba(0,0,0,0)" | "#0000" | "#00000000" => "transparent".into(),
        _ => compact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_that_hide_are_recognised() {
        for style in ["display:none", "color:red; DISPLAY : none !important", "visibility:hidden"] {
            assert_eq!(of_style(style), Concealment::Hidden, "{style}");
        }
        for style in [
            "font-size:0",
            "font-size:1px",
            "opacity:0",
            "position:absolute;left:-9999px",
            "text-indent:-9999px",
            "color:#fff;background:#ffffff",
            "color:transparent",
            "height:0;overflow:hidden",
            "clip:rect(0,0,0,0)",
            "clip-path:inset(100%)",
            "transform:scale(0)",
        ] {
            assert_eq!(of_style(style), Concealment::Camouflaged, "{style}");
        }
        for style in [
            "",
            "display:block",
            "opacity:1",
            "opacity:.5",
            "font-size:1em",
            "font-size:1.2rem",
            "left:-10px",
            "margin:0",
            "color:#fff;background:#c00",
        ] {
            assert_eq!(of_style(style), Concealment::None, "{style}");
        }
    }

    #[test]
    fn plain_rules_of_the_page_hide_and_those_for_print_do_not() {
        let mut rules = StyleRules::default();
        rules.add("/* x{ */ .gone, #off { display: none } @media print { .paper { display:none } } .faint{opacity:0} a .deep{display:none}");
        assert!(rules.hidden.contains(".gone") && rules.hidden.contains("#off"));
        assert!(rules.camouflaged.contains(".faint"));
        assert_eq!(rules.hidden.len(), 2);
    }
}
