//! What was seen of a page: the same whether a browser rendered it or only its HTML was read.

pub mod html;

use serde::{Deserialize, Serialize};

/// One look at a destination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageSnapshot {
    /// The URL that was asked for.
    pub requested_url: String,
    /// Where that ended, after redirects of the server and of the page.
    pub final_url: String,
    /// What was passed on the way, in order; the last one is not the final URL itself.
    pub redirects: Vec<Redirect>,
    /// How the look ended.
    pub outcome: Outcome,
    /// The status of the main document, where there was an answer.
    pub http_status: Option<u16>,
    /// Its `Content-Type` without parameters, in lower case.
    pub content_type: Option<String>,
    /// The page's title.
    pub title: String,
    /// The page's language as it says itself, such as `de-AT`.
    pub lang: Option<String>,
    /// The pieces of text and the controls in the order of the document. Ids count from 1.
    pub blocks: Vec<Block>,
    /// What the page says of itself in JSON-LD, microdata and meta elements.
    pub structured: Vec<StructuredFact>,
    /// Some of the page was left out because it was too large.
    pub truncated: bool,
    /// Which browser rendered it, such as `Chrome/152.0.1`; `None`: only its HTML was read.
    pub browser: Option<String>,
    /// How many requests the page made.
    pub requests: u32,
    /// How many bytes came over the network.
    pub bytes: u64,
    /// How long it took.
    pub timings: Timings,
}

impl PageSnapshot {
    /// The title as a block with the number 0, so that it can be cited like one.
    pub(crate) fn title_block(&self) -> Block {
        Block {
            id: 0,
            zone: Zone::Nav,
            kind: BlockKind::Heading,
            text: self.title.clone(),
            visible: true,
            camouflaged: false,
            disabled: false,
            variant: false,
            rect: None,
        }
    }
}

/// A redirect that was followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// From where.
    pub url: String,
    /// The status that said so; `None` for one of the page itself.
    pub status: Option<u16>,
}

/// How a look at a page ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// There is a page, as far as the snapshot shows it.
    Loaded,
    /// The network failed before there was a page.
    Unreachable {
        /// In what way.
        failure: NetworkFailure,
        /// The words of whoever noticed, for people.
        detail: String,
    },
    /// The guard refused the address, or a redirect to one.
    Refused {
        /// Why.
        reason: String,
    },
    /// It is no page: a download, a picture, a document.
    NotAPage,
    /// It redirected more often than is followed, or in a circle.
    RedirectLoop,
    /// The document is larger than is read.
    TooLarge,
    /// The deadline passed before anything could be seen.
    TimedOut,
    /// The page brought the browser down, or took more memory than it may have.
    Crashed {
        /// What happened.
        detail: String,
    },
}

/// How the network failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkFailure {
    /// There is no such host.
    NameNotFound,
    /// The look-up of the host failed in some other way.
    Dns,
    /// Nobody listens there.
    ConnectionRefused,
    /// The connection ended before its time.
    ConnectionReset,
    /// Nobody answered in time.
    TimedOut,
    /// The certificate is not one to be trusted, or TLS failed.
    Tls,
    /// The answer was no HTTP.
    InvalidResponse,
    /// Anything else.
    Other,
}

/// A piece of text, or a control, as a visitor meets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Its number, by which evidence names it; from 1.
    pub id: u32,
    /// The part of the page it is in.
    pub zone: Zone,
    /// What it is.
    pub kind: BlockKind,
    /// Its text with runs of white space as one space, at most 600 characters; a control's label.
    pub text: String,
    /// A visitor can see it (also by scrolling).
    pub visible: bool,
    /// It is there, and made so that nobody sees it: no contrast, no size, out of the page, under something else.
    pub camouflaged: bool,
    /// A control that cannot be used.
    pub disabled: bool,
    /// It belongs to a choice between variants, such as sizes, and not to the product as a whole.
    pub variant: bool,
    /// Where it is, in CSS pixels from the top left of the page; `None` where only HTML was read.
    pub rect: Option<Rect>,
}

/// A part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// What the page is about.
    Main,
    /// The head of the page and its menus.
    Nav,
    /// Its foot.
    Footer,
    /// Other products and pages.
    Related,
    /// What visitors wrote.
    Review,
    /// What lies over the page: a dialog, a banner.
    Overlay,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Text.
    Text,
    /// A heading.
    Heading,
    /// A button, or something that acts as one.
    Button,
    /// A link.
    Link,
    /// A field for text.
    Field,
    /// A field for a password.
    PasswordField,
    /// One choice of several, such as an option or a radio button.
    Choice,
}

/// Where something is, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// From the left edge of the page.
    pub x: f32,
    /// From the top of the page.
    pub y: f32,
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
}

/// Something the page says of itself for machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StructuredFact {
    /// In which way.
    pub source: StructuredSource,
    /// What of: `Product`, `Offer`, `AggregateOffer`, `Article` …, as written, without the vocabulary's URL.
    pub kind: String,
    /// The `availability` of an offer as written, without the vocabulary's URL, such as `InStock`.
    pub availability: Option<String>,
    /// The name of the thing.
    pub name: Option<String>,
    /// The price as written.
    pub price: Option<String>,
}

/// In which way a page says something for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StructuredSource {
    /// A `script` of type `application/ld+json`.
    JsonLd,
    /// `itemscope` and `itemprop`.
    Microdata,
    /// A `meta` element, such as `product:availability`.
    Meta,
}

/// How long it took, in milliseconds from the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// Until the first byte of the document.
    pub first_byte_ms: Option<u32>,
    /// Until the document was parsed.
    pub content_loaded_ms: Option<u32>,
    /// Until the text no longer changed, or nothing more was waited for.
    pub settled_ms: Option<u32>,
    /// Until everything was done.
    pub total_ms: u32,
}
