//! What is said of a destination, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::snapshot::{Block, Rect, Zone};

/// Whether a destination still offers what a link promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// It does, and something on the page says so.
    Available,
    /// There is a page, and it says that the offer is not to be had.
    NotAvailable,
    /// It could not be told; nothing follows from it.
    Unknown,
    /// There is no such page, or no way to it.
    Broken,
}

impl Verdict {
    /// As in JSON and in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::NotAvailable => "NOT_AVAILABLE",
            Self::Unknown => "UNKNOWN",
            Self::Broken => "BROKEN",
        }
    }

    /// The verdict of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Available, Self::NotAvailable, Self::Unknown, Self::Broken].into_iter().find(|it| it.code() == code)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Available => "available",
            Self::NotAvailable => "not available",
            Self::Unknown => "unknown",
            Self::Broken => "broken",
        })
    }
}

/// How lasting a broken destination is, as far as one look can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It was taken away, or set up wrongly: it will not come back by itself.
    Hard,
    /// It may work again in a minute.
    Transient,
}

impl Severity {
    /// As in JSON and in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Transient => "transient",
        }
    }
}

/// Who had the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// The fixed rules.
    Rules,
    /// A language model, where the rules could not tell.
    Ai,
    /// A person who corrected it.
    Override,
}

impl DecidedBy {
    /// As in JSON and in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Ai => "ai",
            Self::Override => "override",
        }
    }
}

/// The longest text of a piece of evidence, in characters.
pub const EVIDENCE_TEXT_MAX: usize = 160;

/// The words of the page that decided it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The number of the block in the snapshot; 0: the title.
    pub block: u32,
    /// The part of the page it is in.
    pub zone: Zone,
    /// Its words, at most [`EVIDENCE_TEXT_MAX`] characters.
    pub text: String,
    /// Where it is on the page, if a browser rendered it.
    pub rect: Option<Rect>,
}

impl Evidence {
    /// The whole block, shortened to what is kept.
    pub fn of(block: &Block) -> Self {
        Self { block: block.id, zone: block.zone, text: shorten(&block.text, 0), rect: block.rect }
    }

    /// The part of the block around the character with this number.
    pub fn around(block: &Block, character: usize) -> Self {
        let from = if block.text.chars().count() <= EVIDENCE_TEXT_MAX { 0 } else { character.saturating_sub(60) };
        Self { text: shorten(&block.text, from), ..Self::of(block) }
    }
}

fn shorten(text: &str, from: usize) -> String {
    let mut characters = text.chars().skip(from);
    let mut short: String = characters.by_ref().take(EVIDENCE_TEXT_MAX).collect();
    if characters.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $text:literal;)+) => {
        /// Why a verdict is what it is. Each has a stable code for programs and a text for people.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $name,)+
        }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As in JSON and in the database, in snake_case.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            fn text(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

reasons! {
    /// There is a control to buy, book, order or apply, and it can be used.
    BuyControl = "buy_control", "it can be bought, booked or ordered";
    /// It can be ordered before it is there.
    Preorder = "preorder", "it can be ordered in advance";
    /// The page says in words that it is in stock.
    InStock = "in_stock", "the page says it is in stock";
    /// At least one variant can be had.
    VariantAvailable = "variant_available", "at least one variant can be had";
    /// Only the data for machines says that it is in stock.
    StructuredInStock = "structured_in_stock", "the page's data for machines says it is in stock";
    /// An ordinary page with content, such as an article.
    Content = "content", "an ordinary page with content";
    /// A file such as a document or a picture is served.
    File = "file", "a file is served";
    /// A phrase the owner gave for available.
    CustomAvailable = "custom_available", "a phrase chosen for this link says it is available";

    /// Sold out.
    OutOfStock = "out_of_stock", "it is sold out";
    /// No variant can be had.
    AllVariantsOut = "all_variants_out", "every variant is sold out";
    /// Taken out of the range for good.
    Discontinued = "discontinued", "it is no longer offered";
    /// The job is filled, the flat let, the event over.
    OfferEnded = "offer_ended", "the offer has ended";
    /// Not yet to be had.
    ComingSoon = "coming_soon", "it is not to be had yet";
    /// The control to buy cannot be used.
    BuyControlDisabled = "buy_control_disabled", "the control to buy it cannot be used";
    /// Only the data for machines says that it is sold out.
    StructuredOutOfStock = "structured_out_of_stock", "the page's data for machines says it is sold out";
    /// A page saying that there is no such page, with a status of success.
    SoftNotFound = "soft_not_found", "the page says that there is no such page";
    /// Redirected to the home page.
    RedirectedHome = "redirected_home", "it redirects to the home page";
    /// Redirected to a list of other things.
    RedirectedListing = "redirected_listing", "it redirects to a list of other offers";
    /// The domain is for sale, or the account is closed.
    Parked = "parked", "the site is no longer in use";
    /// A phrase the owner gave for not available.
    CustomNotAvailable = "custom_not_available", "a phrase chosen for this link says it is not available";

    /// Status 404.
    NotFound = "not_found", "there is no such page";
    /// Status 410.
    Gone = "gone", "the page was removed";
    /// Redirects without end.
    RedirectLoop = "redirect_loop", "it redirects without end";
    /// A certificate that is not to be trusted, or no TLS at all.
    TlsError = "tls_error", "its certificate is not to be trusted";
    /// Status 5xx.
    ServerError = "server_error", "its server reports an error";
    /// No such host.
    NameNotFound = "name_not_found", "there is no such host";
    /// The look-up of the host failed.
    DnsError = "dns_error", "its host cannot be looked up";
    /// Nobody listens.
    ConnectionRefused = "connection_refused", "its server refuses connections";
    /// Cut off.
    ConnectionReset = "connection_reset", "its server cuts the connection off";
    /// No answer in time.
    TimedOut = "timed_out", "it does not answer in time";
    /// No HTTP.
    InvalidResponse = "invalid_response", "its server does not answer with HTTP";
    /// Some other failure of the network.
    NetworkError = "network_error", "it cannot be reached";

    /// The guard refused the address.
    RefusedByGuard = "refused_by_guard", "its address is not one we may visit";
    /// A test for people stands before the page.
    BotWall = "bot_wall", "the site asks visitors to prove that they are people";
    /// Not shown where the check comes from.
    GeoWall = "geo_wall", "the site does not show it in our country";
    /// Only for those who signed in.
    LoginWall = "login_wall", "the site asks visitors to sign in";
    /// Nothing is shown before consent.
    ConsentWall = "consent_wall", "the site shows nothing before consent to cookies";
    /// Nothing is shown before a statement of age.
    AgeWall = "age_wall", "the site asks for the visitor's age";
    /// Status 403 without further words.
    Forbidden = "forbidden", "the site does not let us in";
    /// Status 429.
    RateLimited = "rate_limited", "the site asks us to come less often";
    /// Status 451.
    LegalBlock = "legal_block", "the site may not show it for legal reasons";
    /// Some other status.
    UnexpectedStatus = "unexpected_status", "its server answers in an unexpected way";
    /// A page that says that something went wrong, or that work is being done.
    ErrorPage = "error_page", "the page reports an error";
    /// The page a server shows before it is set up.
    DefaultPage = "default_page", "the server shows the page it came with";
    /// Nothing to be seen.
    Empty = "empty", "the page is empty";
    /// It was still loading, or needs a browser.
    NotRendered = "not_rendered", "the page had not finished loading";
    /// It is no page, and no file either.
    NotAPage = "not_a_page", "it is not a page";
    /// Larger than is read.
    TooLarge = "too_large", "the page is too large";
    /// It brought the browser down.
    Crashed = "crashed", "the page brings the browser down";
    /// Redirected to another site's home page.
    RedirectedElsewhere = "redirected_elsewhere", "it redirects to another site";
    /// The page says both.
    Conflict = "conflict", "the page contradicts itself";
    /// The page says neither.
    NoSignal = "no_signal", "nothing on the page says whether it can be had";
}

impl Reason {
    /// The reason of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.code() == code)
    }

    /// The verdict this reason leads to.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::BuyControl
            | Self::Preorder
            | Self::InStock
            | Self::VariantAvailable
            | Self::StructuredInStock
            | Self::Content
            | Self::File
            | Self::CustomAvailable => Verdict::Available,
            Self::OutOfStock
            | Self::AllVariantsOut
            | Self::Discontinued
            | Self::OfferEnded
            | Self::ComingSoon
            | Self::BuyControlDisabled
            | Self::StructuredOutOfStock
            | Self::SoftNotFound
            | Self::RedirectedHome
            | Self::RedirectedListing
            | Self::Parked
            | Self::CustomNotAvailable => Verdict::NotAvailable,
            _ if self.severity().is_some() => Verdict::Broken,
            _ => Verdict::Unknown,
        }
    }

    /// How lasting it is, for the reasons that mean broken.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::NotFound | Self::Gone | Self::RedirectLoop | Self::TlsError => Some(Severity::Hard),
            Self::ServerError
            | Self::NameNotFound
            | Self::DnsError
            | Self::ConnectionRefused
            | Self::ConnectionReset
            | Self::TimedOut
            | Self::InvalidResponse
            | Self::NetworkError => Some(Severity::Transient),
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}
