//! The parsed document as a flat list of nodes: cheap to walk without recursion, however deep a page nests.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html5ever::interface::{ElementFlags, ExpandedName, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::{Attribute, ParseOpts, QualName, parse_document};

/// The parser gets this much at a time, and is stopped in between.
const PIECE_BYTES: usize = 4_096;
const NODES_MAX: usize = 150_000;
const DEPTH_MAX: usize = 1_000;
/// Within one tag.
const SEPARATORS_MAX: usize = 20_000;

/// A document; the node with number 0 is its root.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
}

#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) content: Content,
    pub(super) children: Vec<usize>,
    parent: Option<usize>,
    depth: usize,
}

#[derive(Debug, Default)]
pub(super) enum Content {
    /// The root, a comment and the like.
    #[default]
    Other,
    Text(String),
    Element(Element),
}

#[derive(Debug, Default)]
pub(super) struct Element {
    /// In lower case.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// The attribute's value, with upper case made lower and without white space around it; empty without one.
    pub(super) fn word(&self, name: &str) -> String {
        self.attribute(name).unwrap_or_default().trim().to_ascii_lowercase()
    }
}

impl Tree {
    /// Parses as much as can be parsed in reasonable time. `true`: that was not all, because the document nests too
    /// deep, has too many nodes, or a tag with too many attributes; the parser takes quadratic time for each.
    pub(super) fn parse(html: &str) -> (Self, bool) {
        let mut parser = parse_document(Builder::default(), ParseOpts::default());
        let mut rest = html;
        let mut steps_before = 0;
        let mut separators = 0;
        while !rest.is_empty() {
            let mut end = rest.len().min(PIECE_BYTES);
            while !rest.is_char_boundary(end) {
                end += 1;
            }
            let (piece, after) = rest.split_at(end);
            parser.process(StrTendril::from(piece));
            rest = after;
            let builder = &parser.tokenizer.sink.sink;
            if builder.steps.get() == steps_before {
                separators += piece.bytes().filter(|it| it.is_ascii_whitespace() || b"/\"'".contains(it)).count();
            } else {
                separators = 0;
            }
            steps_before = builder.steps.get();
            let too_many = builder.tree.borrow().nodes.len() > NODES_MAX;
            if too_many || builder.depth.get() > DEPTH_MAX || separators > SEPARATORS_MAX {
                break;
            }
        }
        let cut_short = !rest.is_empty();
        (parser.finish(), cut_short)
    }

    pub(super) fn element(&self, index: usize) -> Option<&Element> {
        match &self.nodes[index].content {
            Content::Element(element) => Some(element),
            _ => None,
        }
    }

    /// All text below a node, as it stands in the document.
    pub(super) fn text_below(&self, index: usize) -> String {
        let mut text = String::new();
        for node in self.below(index) {
            if let Content::Text(piece) = &self.nodes[node].content {
                text.push_str(piece);
            }
        }
        text
    }

    /// A node and all below it, in the order of the document.
    pub(super) fn below(&self, index: usize) -> impl Iterator<Item = usize> {
        let mut waiting = vec![index];
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            waiting.extend(self.nodes[next].children.iter().rev());
            Some(next)
        })
    }
}

/// A node as the parser holds it.
#[derive(Clone)]
struct Handle {
    index: usize,
    name: Option<Rc<QualName>>,
}

struct Builder {
    tree: RefCell<Tree>,
    /// The depth of the deepest node.
    depth: Cell<usize>,
    /// How often the tree was changed.
    steps: Cell<usize>,
}

impl Default for Builder {
    fn default() -> Self {
        let tree = RefCell::new(Tree { nodes: vec![Node::default()] });
        Self { tree, depth: Cell::new(0), steps: Cell::new(0) }
    }
}

impl Builder {
    fn add(&self, content: Content) -> usize {
        self.steps.update(|it| it + 1);
        let mut tree = self.tree.borrow_mut();
        tree.nodes.push(Node { content, ..Node::default() });
        tree.nodes.len() - 1
    }

    fn detach(&self, index: usize) {
        let mut tree = self.tree.borrow_mut();
        if let Some(parent) = tree.nodes[index].parent.take() {
            tree.nodes[parent].children.retain(|child| *child != index);
        }
    }

    /// Puts the child under the parent, before the child with that position; text joins text.
    fn insert(&self, parent: usize, position: usize, child: NodeOrText<Handle>) {
        self.steps.update(|it| it + 1);
        let child = match child {
            NodeOrText::AppendNode(handle) => {
                self.detach(handle.index);
                handle.index
            }
            NodeOrText::AppendText(text) => {
                let mut tree = self.tree.borrow_mut();
                let before = position.checked_sub(1).and_then(|it| tree.nodes[parent].children.get(it)).copied();
                if let Some(Content::Text(existing)) = before.map(|it| &mut tree.nodes[it].content) {
                    existing.push_str(&text);
                    return;
                }
                drop(tree);
                self.add(Content::Text(text.to_string()))
            }
        };
        let mut tree = self.tree.borrow_mut();
        let depth = tree.nodes[parent].depth + 1;
        self.depth.update(|it| it.max(depth));
        tree.nodes[child].parent = Some(parent);
        tree.nodes[child].depth = depth;
        let children = &mut tree.nodes[parent].children;
        let position = position.min(children.len());
        children.insert(position, child);
    }

    fn other(&self) -> Handle {
        Handle { index: self.add(Content::Other), name: None }
    }
}

impl TreeSink for Builder {
    type Handle = Handle;
    type Output = Tree;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Tree {
        self.tree.into_inner()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { index: 0, name: None }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        const NOTHING: ExpandedName<'static> =
            ExpandedName { ns: &html5ever::namespace_url!(""), local: &html5ever::local_name!("") };
        target.name.as_ref().map_or(NOTHING, |name| name.expanded())
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _flags: ElementFlags) -> Handle {
        let element = Element {
            name: name.local.to_ascii_lowercase().to_string(),
            attributes: attributes.into_iter().map(|it| (it.name.local.to_string(), it.value.to_string())).collect(),
        };
        Handle { index: self.add(Content::Element(element)), name: Some(Rc::new(name)) }
    }

    fn create_comment(&self, _text: StrTendril) -> Handle {
        self.other()
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Handle {
        self.other()
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(handle) = &child {
            self.detach(handle.index);
        }
        let position = self.tree.borrow().nodes[parent.index].children.len();
        self.insert(parent.index, position, child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let has_parent = self.tree.borrow().nodes[element.index].parent.is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    /// A template's contents are never shown: they go to a node outside the document.
    fn get_template_contents(&self, _target: &Handle) -> Handle {
        self.other()
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.index == other.index
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(handle) = &child {
            self.detach(handle.index);
        }
        let place = {
            let tree = self.tree.borrow();
            let parent = tree.nodes[sibling.index].parent;
            parent.and_then(|it| Some((it, tree.nodes[it].children.iter().rposition(|child| *child == sibling.index)?)))
        };
        if let Some((parent, position)) = place {
            self.insert(parent, position, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        let mut tree = self.tree.borrow_mut();
        if let Content::Element(element) = &mut tree.nodes[target.index].content {
            for attribute in attributes {
                let name = attribute.name.local.to_string();
                if !element.has(&name) {
                    element.attributes.push((name, attribute.value.to_string()));
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.index);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let mut tree = self.tree.borrow_mut();
        let children = std::mem::take(&mut tree.nodes[node.index].children);
        for child in &children {
            tree.nodes[*child].parent = Some(new_parent.index);
        }
        tree.nodes[new_parent.index].children.extend(children);
    }
}
