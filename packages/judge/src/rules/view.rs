//! A page as the rules look at it: only what a visitor sees, with the phrases in it.

use super::Signals;
use super::phrases::{self, Hit, Topic};
use super::text::{Folded, weight};
use crate::snapshot::{Block, BlockKind, PageSnapshot, Zone};
use crate::verdict::Evidence;

/// Controls that get one into contact or onto a list, but are not the thing itself.
const SIDE_DOORS: [&str; 22] = [
    "sign up",
    "sign up now",
    "sign up free",
    "sign up for free",
    "subscribe",
    "subscribe now",
    "register",
    "register now",
    "download",
    "contact seller",
    "message seller",
    "contact agent",
    "send message",
    "request info",
    "get started",
    "join free",
    "join now",
    "join us",
    "enquire now",
    "inquire now",
    "get the app",
    "shop now",
];

/// A block that can be seen.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) block: &'a Block,
    pub(super) folded: Folded,
    pub(super) hits: Vec<Hit>,
    /// The part of the page, headings such as “you may also like” taken into account.
    pub(super) zone: Zone,
    /// It addresses programs; nothing it says counts.
    pub(super) addresses_programs: bool,
    pub(super) weight: usize,
}

impl Seen<'_> {
    pub(super) fn is_of_main(&self) -> bool {
        self.zone == Zone::Main && !self.addresses_programs
    }

    /// The first phrase of this topic that is what the block is there to say.
    pub(super) fn stated(&self, topic: Topic) -> Option<&Hit> {
        self.hits.iter().find(|it| it.topic == topic && it.states())
    }

    pub(super) fn mentions(&self, topic: Topic) -> bool {
        self.hits.iter().any(|it| it.topic == topic && !it.hedged)
    }

    pub(super) fn evidence(&self, hit: &Hit) -> Evidence {
        Evidence::around(self.block, self.folded.original_character(hit.start))
    }

    fn is_control(&self) -> bool {
        matches!(self.block.kind, BlockKind::Button | BlockKind::Link)
    }
}

/// A page as the rules look at it.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) page: &'a PageSnapshot,
    pub(super) blocks: Vec<Seen<'a>>,
    pub(super) title: Folded,
    pub(super) title_hits: Vec<Hit>,
    /// How much is said in the main part.
    pub(super) main_weight: usize,
    /// It is about one thing with a price, as far as can be told.
    pub(super) is_product: bool,
    /// It is a text to be read.
    pub(super) is_article: bool,
}

impl<'a> View<'a> {
    pub(super) fn new(page: &'a PageSnapshot) -> Self {
        let mut blocks: Vec<Seen<'a>> = Vec::new();
        let mut section = Zone::Main;
        let mut had_heading = false;
        let mut continued = false;
        for block in page.blocks.iter().filter(|it| it.visible && !it.camouflaged && !it.text.is_empty()) {
            let folded = Folded::new(&block.text);
            let hits = phrases::find(&folded.text);
            let heads = |topic: Topic, least: f64| hits.iter().any(|it| it.topic == topic && it.coverage >= least);
            let is_heading = block.kind == BlockKind::Heading;
            if block.zone == Zone::Main && had_heading {
                if is_heading && heads(Topic::RelatedHeading, 0.6)
                    || block.kind == BlockKind::Text && heads(Topic::RelatedHeading, 0.95)
                {
                    section = Zone::Related;
                } else if is_heading && heads(Topic::ReviewHeading, 0.6) {
                    section = Zone::Review;
                }
            }
            had_heading |= is_heading && block.zone == Zone::Main;
            let zone = if block.zone == Zone::Main { section } else { block.zone };
            let addresses_programs = continued || hits.iter().any(|it| it.topic == Topic::Instructions);
            continued = addresses_programs && block.text.trim_end().ends_with(':');
            let weight = weight(&folded.text);
            blocks.push(Seen { block, folded, hits, zone, addresses_programs, weight });
        }
        let title = Folded::new(&page.title);
        let title_hits = phrases::find(&title.text);
        let main_weight = blocks.iter().filter(|it| it.is_of_main()).map(|it| it.weight).sum();
        let mut view = Self { page, blocks, title, title_hits, main_weight, is_product: false, is_article: false };
        view.is_product = view.looks_like_a_product();
        view.is_article = view.looks_like_an_article();
        view
    }

    pub(super) fn main(&self) -> impl Iterator<Item = (usize, &Seen<'a>)> {
        self.blocks.iter().enumerate().filter(|(_, it)| it.is_of_main())
    }

    /// Blocks of the main part and of what lies over it.
    pub(super) fn front(&self) -> impl Iterator<Item = &Seen<'a>> {
        self.blocks.iter().filter(|it| !it.addresses_programs && matches!(it.zone, Zone::Main | Zone::Overlay))
    }

    /// The title, or a piece of it, says this.
    pub(super) fn title_states(&self, topic: Topic) -> Option<&Hit> {
        self.title_hits.iter().find(|it| it.topic == topic && it.states() && it.coverage >= 0.4)
    }

    /// Controls of the main part to get the thing, usable or not.
    pub(super) fn buy_controls(&self) -> impl Iterator<Item = (usize, &Seen<'a>)> {
        self.main().filter(|(index, seen)| {
            let least = if seen.block.kind == BlockKind::Button { 0.45 } else { 0.7 };
            let labelled =
                seen.hits.iter().any(|it| matches!(it.topic, Topic::Buy | Topic::Preorder) && it.coverage >= least);
            let other = seen.hits.iter().any(|it| {
                matches!(
                    it.topic,
                    Topic::SoldOut
                        | Topic::Discontinued
                        | Topic::Ended
                        | Topic::Notify
                        | Topic::Neutral
                        | Topic::LoginWall
                )
            });
            seen.is_control() && labelled && !other && !seen.block.variant && !self.is_of_a_mailing_list(*index)
        })
    }

    /// The control gets one the thing itself, and not only into contact.
    pub(super) fn is_front_door(&self, seen: &Seen<'_>) -> bool {
        !SIDE_DOORS.contains(&seen.folded.text.as_str())
    }

    /// A control right after a field for a mail address belongs to a newsletter, or to a waiting list.
    fn is_of_a_mailing_list(&self, index: usize) -> bool {
        self.blocks[index.saturating_sub(2)..index].iter().any(|it| {
            it.block.kind == BlockKind::Field && (it.folded.text.contains("mail") || it.folded.text.contains('@'))
        }) && !self.is_front_door(&self.blocks[index])
    }

    /// A heading stands between the two blocks, so that they are about different things.
    pub(super) fn are_parted(&self, one: usize, other: usize) -> bool {
        let (from, to) = (one.min(other), one.max(other));
        let statement = |it: &&Seen<'_>| it.hits.iter().any(Hit::states);
        self.blocks[from + 1..to]
            .iter()
            .filter(|it| it.zone == Zone::Main && it.block.kind == BlockKind::Heading)
            .any(|it| !statement(&it))
    }

    fn looks_like_a_product(&self) -> bool {
        let said = self.page.structured.iter().any(|it| {
            let kind = it.kind.to_ascii_lowercase();
            kind.starts_with("product")
                || matches!(kind.as_str(), "offer" | "aggregateoffer" | "og:product" | "jobposting" | "event")
        });
        said || self.main().any(|(_, it)| it.weight <= 120 && has_price(&it.block.text))
    }

    fn looks_like_an_article(&self) -> bool {
        let said = self.page.structured.iter().any(|it| {
            let kind = it.kind.to_ascii_lowercase();
            kind == "article" || kind.ends_with("article") || kind == "blogposting"
        });
        let long = self.main().filter(|(_, it)| it.block.kind == BlockKind::Text && it.weight > 180).count();
        said || (!self.is_product && long >= 3)
    }

    /// What there is to hold other opinions against.
    pub(super) fn signals(&self) -> Signals {
        let ids = |topics: &[Topic]| -> Vec<u32> {
            self.main()
                .filter(|(_, it)| !it.block.variant && topics.iter().any(|topic| it.stated(*topic).is_some()))
                .map(|(_, it)| it.block.id)
                .collect()
        };
        let mut positive = ids(&[Topic::InStock]);
        positive.extend(self.buy_controls().filter(|(_, it)| !it.block.disabled).map(|(_, it)| it.block.id));
        positive.sort_unstable();
        positive.dedup();
        Signals {
            buy_control: self.buy_controls().any(|(_, it)| !it.block.disabled && self.is_front_door(it)),
            positive,
            negative: ids(&[Topic::SoldOut, Topic::Discontinued, Topic::Ended, Topic::NotFound]),
            instructions: self.blocks.iter().filter(|it| it.addresses_programs).map(|it| it.block.id).collect(),
        }
    }
}

/// A number beside a sign or name of a currency.
pub(super) fn has_price(text: &str) -> bool {
    const SIGNS: &str = "$€£¥₹₽₩₺₫₴₪฿₱₦₸₼₾";
    const NAMES: [&str; 26] = [
        "EUR", "USD", "GBP", "CHF", "zł", "PLN", "Kč", "CZK", "kr", "SEK", "NOK", "DKK", "Ft", "HUF", "lei", "RON",
        "лв", "BGN", "руб", "грн", "TL", "SAR", "AED", "円", "元", "R$",
    ];
    let near_digit = |at: usize, length: usize| {
        let before = text[..at].chars().rev().find(|it| !it.is_whitespace());
        let after = text[at + length..].chars().find(|it| !it.is_whitespace());
        before.is_some_and(|it| it.is_ascii_digit() || matches!(it, '-' | '–'))
            || after.is_some_and(|it| it.is_ascii_digit())
    };
    let by_sign = text.char_indices().any(|(at, it)| SIGNS.contains(it) && near_digit(at, it.len_utf8()));
    let by_name = || {
        NAMES.iter().any(|name| {
            text.match_indices(name).any(|(at, _)| {
                let inside = |it: Option<char>| it.is_some_and(char::is_alphabetic);
                let whole = !inside(text[..at].chars().next_back()) && !inside(text[at + name.len()..].chars().next());
                whole && near_digit(at, name.len())
            })
        })
    };
    by_sign || by_name()
}
