//! The walk over the document that cuts it into blocks.

use super::tree::{Content, Element, Tree};
use super::visibility::{self, Concealment, StyleRules};
use super::{one_line, zones};
use crate::snapshot::{Block, BlockKind, Zone};

/// As many blocks are kept of one page.
const BLOCKS_MAX: usize = 4_000;
/// The longest text of a block, in characters.
const TEXT_MAX: usize = 600;

/// The blocks of a page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) blocks: Vec<Block>,
    /// There were more than are kept.
    pub(super) truncated: bool,
}

/// What an element inherits from those around it.
#[derive(Debug, Clone, PartialEq)]
struct Surroundings {
    zone: Zone,
    inside_content: bool,
    concealment: Concealment,
    disabled: bool,
    variant: bool,
    heading: bool,
    /// Inside of a control; its text becomes that control's label.
    control: Option<BlockKind>,
    link: bool,
    /// Choices of the list around are variants of a product.
    variant_list: bool,
}

enum Step {
    Enter(usize, Surroundings),
    Leave { surroundings: Surroundings },
}

/// Text collected since the last block ended.
#[derive(Default)]
struct Line {
    text: String,
    outside_links: usize,
    inside_links: usize,
}

struct Walk<'a> {
    tree: &'a Tree,
    rules: StyleRules,
    line: Line,
    line_of: Surroundings,
    page: Page,
}

/// Cuts the document into blocks.
pub(super) fn read(tree: &Tree) -> Page {
    let mut rules = StyleRules::default();
    for index in tree.below(0) {
        if tree
            .element(index)
            .is_some_and(|it| it.name == "style" && matches!(it.word("media").as_str(), "" | "all" | "screen"))
        {
            rules.add(&tree.text_below(index));
        }
    }
    let outermost = Surroundings {
        zone: Zone::Main,
        inside_content: false,
        concealment: Concealment::None,
        disabled: false,
        variant: false,
        heading: false,
        control: None,
        link: false,
        variant_list: false,
    };
    let mut walk = Walk { tree, rules, line: Line::default(), line_of: outermost.clone(), page: Page::default() };
    let mut steps = vec![Step::Enter(0, outermost)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Enter(index, surroundings) => walk.enter(index, &surroundings, &mut steps),
            Step::Leave { surroundings } => {
                walk.flush();
                walk.line_of = surroundings;
            }
        }
    }
    walk.flush();
    walk.page
}

impl Walk<'_> {
    fn enter(&mut self, index: usize, around: &Surroundings, steps: &mut Vec<Step>) {
        let node = &self.tree.nodes[index];
        match &node.content {
            Content::Text(text) => self.text(text, around),
            Content::Other => steps.extend(node.children.iter().rev().map(|it| Step::Enter(*it, around.clone()))),
            Content::Element(element) => {
                let within = self.surroundings_within(element, around);
                if within.concealment == Concealment::Hidden && never_text(&element.name) {
                    return;
                }
                match element.name.as_str() {
                    "br" | "hr" => return self.flush(),
                    "input" | "textarea" => return self.input(element, &within),
                    "select" => return self.select(index, element, &within),
                    "img" => return self.image(element, &within),
                    _ => {}
                }
                let own_block = !is_inline(&element.name)
                    || within.control != around.control
                    || within.zone != around.zone
                    || within.concealment != around.concealment
                    || within.disabled != around.disabled
                    || within.variant != around.variant;
                if own_block {
                    self.flush();
                    self.line_of = within.clone();
                    steps.push(Step::Leave { surroundings: around.clone() });
                    if within.control.is_some()
                        && around.control.is_none()
                        && self.tree.text_below(index).trim().is_empty()
                    {
                        self.label(element, &within);
                    }
                } else if element.has("class") && !self.line.text.ends_with(char::is_whitespace) {
                    self.line.text.push(' ');
                }
                steps.extend(node.children.iter().rev().map(|it| Step::Enter(*it, within.clone())));
            }
        }
    }

    fn surroundings_within(&self, element: &Element, around: &Surroundings) -> Surroundings {
        let mut within = around.clone();
        let name = element.name.as_str();
        within.concealment = around.concealment.max(visibility::of(element, &self.rules));
        within.zone = zones::begun_by(element, around.zone)
            .or_else(|| {
                matches!(around.zone, Zone::Main)
                    .then(|| zones::of_page_frame(element, around.inside_content))
                    .flatten()
            })
            .unwrap_or(around.zone);
        within.inside_content |= matches!(name, "main" | "article" | "section") || element.word("role") == "main";
        let classes = zones::words_of(element.attribute("class").unwrap_or_default());
        let class = |words: &[&str]| classes.iter().any(|it| words.contains(&it.as_str()));
        within.heading |= matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") || element.word("role") == "heading";
        within.variant_list |=
            class(&["swatch", "swatches", "variant", "variants", "variation", "variations", "sizes"])
                || class(&["size", "color", "colour"])
                    && class(&["selector", "picker", "list", "options", "select", "option", "grid"])
                || element.word("role") == "radiogroup";
        if around.control.is_none() {
            within.control = control_of(element, &class, within.variant_list);
            within.variant |= within.control == Some(BlockKind::Choice) && within.variant_list;
        }
        within.link |= name == "a" && element.has("href");
        let may_be_disabled =
            within.control.is_some() || matches!(name, "fieldset" | "option" | "optgroup" | "li" | "label" | "a");
        within.disabled |= may_be_disabled
            && (element.has("disabled")
                || element.word("aria-disabled") == "true"
                || class(&["disabled"]) && !class(&["not"])
                || element.word("style").replace(' ', "").contains("pointer-events:none"));
        within
    }

    fn text(&mut self, text: &str, around: &Surroundings) {
        if text.trim().is_empty() {
            if !self.line.text.is_empty() && !self.line.text.ends_with(' ') {
                self.line.text.push(' ');
            }
            return;
        }
        // A block holds about as much as is kept of it; what follows is the next block.
        if self.line.text.len() > TEXT_MAX * 4 {
            self.flush();
        }
        self.line_of = around.clone();
        let letters = text.chars().filter(|it| !it.is_whitespace()).count();
        if around.link {
            self.line.inside_links += letters;
        } else {
            self.line.outside_links += letters;
        }
        self.line.text.push_str(text);
    }

    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = one_line(&line.text);
        if text.is_empty() {
            return;
        }
        let kind = match self.line_of.control {
            Some(control) => control,
            None if self.line_of.heading => BlockKind::Heading,
            None if line.inside_links > 0 && line.outside_links == 0 => BlockKind::Link,
            None => BlockKind::Text,
        };
        let surroundings = self.line_of.clone();
        self.push(kind, &text, &surroundings);
    }

    fn push(&mut self, kind: BlockKind, text: &str, surroundings: &Surroundings) {
        let mut rest: Vec<char> = text.chars().collect();
        while !rest.is_empty() {
            let Ok(id) = u32::try_from(self.page.blocks.len() + 1) else { return };
            if self.page.blocks.len() >= BLOCKS_MAX {
                self.page.truncated = true;
                return;
            }
            let after = rest.split_off(cut(&rest));
            self.page.blocks.push(Block {
                id,
                zone: surroundings.zone,
                kind,
                text: rest.iter().collect::<String>().trim().to_owned(),
                visible: surroundings.concealment == Concealment::None,
                camouflaged: surroundings.concealment == Concealment::Camouflaged,
                disabled: surroundings.disabled,
                variant: surroundings.variant,
                rect: None,
            });
            rest = after;
        }
    }

    fn input(&mut self, element: &Element, within: &Surroundings) {
        self.flush();
        let label = ["aria-label", "placeholder", "title", "name"]
            .iter()
            .find_map(|it| element.attribute(it))
            .unwrap_or_default();
        match element.word("type").as_str() {
            "hidden" => {}
            "submit" | "button" | "reset" | "image" => {
                let label = ["value", "aria-label", "alt", "title"]
                    .iter()
                    .find_map(|it| element.attribute(it))
                    .unwrap_or("Submit");
                self.push(BlockKind::Button, &one_line(label), within);
            }
            "password" => self.push(BlockKind::PasswordField, non_empty(&one_line(label), "password"), within),
            "radio" | "checkbox" => {
                let label = element.attribute("aria-label").or(element.attribute("value")).unwrap_or_default();
                if element.word("type") == "radio" && label != "on" {
                    self.push(BlockKind::Choice, &one_line(label), within);
                }
            }
            _ => self.push(BlockKind::Field, non_empty(&one_line(label), "text"), within),
        }
    }

    fn select(&mut self, index: usize, element: &Element, within: &Surroundings) {
        self.flush();
        let name = ["name", "id", "class", "aria-label"]
            .iter()
            .filter_map(|it| element.attribute(it))
            .collect::<Vec<_>>()
            .join(" ");
        let words = zones::words_of(&name);
        let other = |word: &String| {
            matches!(
                word.as_str(),
                "qty"
                    | "quantity"
                    | "country"
                    | "lang"
                    | "language"
                    | "locale"
                    | "currency"
                    | "sort"
                    | "orderby"
                    | "region"
                    | "month"
                    | "year"
                    | "day"
                    | "state"
                    | "menge"
                    | "land"
            )
        };
        let variant = within.zone == Zone::Main && !words.iter().any(other);
        for option in self.tree.below(index) {
            let Some(choice) = self.tree.element(option).filter(|it| it.name == "option") else { continue };
            let text = one_line(&self.tree.text_below(option));
            // The first option is often no choice but the question.
            if text.is_empty() || choice.attribute("value").is_some_and(|it| it.trim().is_empty()) {
                continue;
            }
            let disabled = within.disabled || choice.has("disabled");
            let concealment = within.concealment.max(visibility::of(choice, &self.rules));
            self.push(BlockKind::Choice, &text, &Surroundings { variant, disabled, concealment, ..within.clone() });
        }
    }

    fn image(&mut self, element: &Element, within: &Surroundings) {
        // A picture says something only where it is all there is, as in a button.
        if within.control.is_some()
            && self.line.text.trim().is_empty()
            && let Some(alternative) = element.attribute("alt")
        {
            self.text(alternative, within);
        }
    }

    /// A control without text has its label in an attribute.
    fn label(&mut self, element: &Element, within: &Surroundings) {
        if let Some(label) = ["aria-label", "title", "value"].iter().find_map(|it| element.attribute(it)) {
            self.text(label, within);
        }
    }
}

fn non_empty<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

/// Where to end the first block of the text: after the last sentence, or word, that still fits.
fn cut(text: &[char]) -> usize {
    if text.len() <= TEXT_MAX {
        return text.len();
    }
    let from = TEXT_MAX / 2;
    let window = &text[from..TEXT_MAX];
    let sentence = window.iter().rposition(|it| matches!(it, '.' | '!' | '?' | '。' | '！' | '？'));
    let word = || window.iter().rposition(|it| it.is_whitespace());
    sentence.or_else(word).map_or(TEXT_MAX, |it| from + it + 1)
}

fn control_of(element: &Element, class: &dyn Fn(&[&str]) -> bool, in_variant_list: bool) -> Option<BlockKind> {
    let name = element.name.as_str();
    let role = element.word("role");
    if matches!(role.as_str(), "radio" | "option") {
        return Some(BlockKind::Choice);
    }
    if in_variant_list && matches!(name, "button" | "label" | "li" | "a") {
        return Some(BlockKind::Choice);
    }
    let looks_like_one = class(&["btn", "button", "cta"]) && matches!(name, "a" | "span" | "div" | "label" | "summary");
    let custom_element = name.contains('-') && name.contains("button");
    let acts = role == "button"
        || name == "button"
        || custom_element
        || (looks_like_one && !class(&["group", "wrapper", "container", "row", "bar"]));
    acts.then_some(BlockKind::Button)
}

/// Elements whose text is never shown, not even hidden: programs and styles.
fn never_text(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "head"
            | "iframe"
            | "object"
            | "svg"
            | "datalist"
            | "audio"
            | "video"
            | "canvas"
            | "noscript"
    )
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "q"
            | "rp"
            | "rt"
            | "ruby"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
            | "nobr"
            | "slot"
    )
}
