//! The table of phrases, and where they are in a text.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::text::{Folded, is_unspaced, joins_words, weight};

/// What a phrase is a sign of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    SoldOut,
    Discontinued,
    Ended,
    ComingSoon,
    InStock,
    Buy,
    Preorder,
    Notify,
    NotFound,
    BotWall,
    GeoWall,
    LoginWall,
    ConsentWall,
    AgeWall,
    ErrorPage,
    Loading,
    Parked,
    DefaultPage,
    Instructions,
    Neutral,
    RelatedHeading,
    ReviewHeading,
    Choose,
}

const TABLES: [(Topic, &str); 23] = [
    (Topic::SoldOut, include_str!("../../phrases/sold_out.txt")),
    (Topic::Discontinued, include_str!("../../phrases/discontinued.txt")),
    (Topic::Ended, include_str!("../../phrases/ended.txt")),
    (Topic::ComingSoon, include_str!("../../phrases/coming_soon.txt")),
    (Topic::InStock, include_str!("../../phrases/in_stock.txt")),
    (Topic::Buy, include_str!("../../phrases/buy.txt")),
    (Topic::Preorder, include_str!("../../phrases/preorder.txt")),
    (Topic::Notify, include_str!("../../phrases/notify.txt")),
    (Topic::NotFound, include_str!("../../phrases/not_found.txt")),
    (Topic::BotWall, include_str!("../../phrases/bot_wall.txt")),
    (Topic::GeoWall, include_str!("../../phrases/geo_wall.txt")),
    (Topic::LoginWall, include_str!("../../phrases/login_wall.txt")),
    (Topic::ConsentWall, include_str!("../../phrases/consent_wall.txt")),
    (Topic::AgeWall, include_str!("../../phrases/age_wall.txt")),
    (Topic::ErrorPage, include_str!("../../phrases/error_page.txt")),
    (Topic::Loading, include_str!("../../phrases/loading.txt")),
    (Topic::Parked, include_str!("../../phrases/parked.txt")),
    (Topic::DefaultPage, include_str!("../../phrases/default_page.txt")),
    (Topic::Instructions, include_str!("../../phrases/instructions.txt")),
    (Topic::Neutral, include_str!("../../phrases/neutral.txt")),
    (Topic::RelatedHeading, include_str!("../../phrases/related_heading.txt")),
    (Topic::ReviewHeading, include_str!("../../phrases/review_heading.txt")),
    (Topic::Choose, include_str!("../../phrases/choose.txt")),
];
const HEDGES: &str = include_str!("../../phrases/hedges.txt");

/// A phrase in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    pub(super) topic: Topic,
    /// Its first byte in the folded text.
    pub(super) start: usize,
    end: usize,
    /// Its part of the sentence it is in, from 0 to 1.
    pub(super) coverage: f64,
    sentence_weight: usize,
    words: usize,
    /// A word beside it takes its force: a denial, a condition, another time.
    pub(super) hedged: bool,
}

impl Hit {
    /// It is what the sentence is there to say, not something mentioned in passing.
    pub(super) fn states(&self) -> bool {
        let short = match self.words {
            0 | 1 => 45,
            2 => 80,
            _ => 150,
        };
        let single_word_of_many_uses = self.words == 1 && self.topic == Topic::Ended && self.coverage < 0.6;
        !self.hedged && !single_word_of_many_uses && (self.coverage >= 0.5 || self.sentence_weight <= short)
    }
}

/// A language's phrases of one topic: `en: sold out | out of stock`.
fn parse(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .flat_map(|(_, phrases)| phrases.split(" | "))
        .map(str::trim)
        .filter(|it| !it.is_empty())
}

struct Phrases {
    automaton: AhoCorasick,
    topics: Vec<Vec<Topic>>,
    hedges: HashSet<String>,
}

/// Built once, from tables that are part of the program.
static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut topics: Vec<Vec<Topic>> = Vec::new();
    let mut patterns: Vec<String> = Vec::new();
    for (topic, table) in TABLES {
        for phrase in parse(table) {
            let folded = Folded::new(phrase).text;
            let number = *numbers.entry(folded.clone()).or_insert_with(|| {
                patterns.push(folded);
                topics.push(Vec::new());
                topics.len() - 1
            });
            if !topics[number].contains(&topic) {
                topics[number].push(topic);
            }
        }
    }
    // The tables are part of the program; a test builds this.
    #[expect(clippy::expect_used, reason = "the patterns are constants")]
    let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns).expect("constant patterns");
    let hedges = parse(HEDGES).map(|it| Folded::new(it).text).collect();
    Phrases { automaton, topics, hedges }
});

/// The phrases in a folded text: of those that overlap only the longest.
pub(super) fn find(text: &str) -> Vec<Hit> {
    let mut spans: Vec<(usize, usize, usize)> = PHRASES
        .automaton
        .find_overlapping_iter(text)
        .map(|it| (it.start(), it.end(), it.pattern().as_usize()))
        .filter(|(start, end, _)| stands_alone(text, *start, *end))
        .collect();
    spans.sort_by_key(|(start, end, _)| (std::cmp::Reverse(end - start), *start));
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut hits = Vec::new();
    for (start, end, pattern) in spans {
        if taken.iter().any(|(from, to)| start < *to && *from < end) {
            continue;
        }
        taken.push((start, end));
        let (from, to) = sentence(text, start, end);
        let sentence_weight = weight(&text[from..to]).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a sentence is shorter than 2^52")]
        let coverage = weight(&text[start..end]) as f64 / sentence_weight as f64;
        let hedged = hedged(&text[from..start], &text[end..to], &PHRASES.hedges);
        let phrase = &text[start..end];
        let words =
            if phrase.contains(is_unspaced) { phrase.chars().count().div_ceil(2) } else { phrase.split(' ').count() };
        hits.extend(PHRASES.topics[pattern].iter().map(|topic| Hit {
            topic: *topic,
            start,
            end,
            coverage,
            sentence_weight,
            words,
            hedged,
        }));
    }
    hits.sort_by_key(|it| it.start);
    hits
}

/// Where one of somebody's own phrases is in a folded text.
pub(super) fn find_own(text: &str, phrase: &str) -> Option<usize> {
    let phrase = Folded::new(phrase).text;
    if phrase.is_empty() {
        return None;
    }
    text.match_indices(&phrase).map(|(start, _)| start).find(|start| stands_alone(text, *start, start + phrase.len()))
}

/// It is not a part of longer words.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let first = text[start..end].chars().next();
    let last = text[start..end].chars().next_back();
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let joined = |inner: Option<char>, outer: Option<char>| {
        matches!((inner, outer), (Some(inner), Some(outer))
            if inner.is_alphanumeric() && outer.is_alphanumeric() && !joins_words(inner) && !joins_words(outer))
    };
    !joined(first, before) && !joined(last, after)
}

/// The sentence, or the part of a list, around a phrase.
fn sentence(text: &str, start: usize, end: usize) -> (usize, usize) {
    let ends = |position: usize, letter: char| match letter {
        '!' | '?' | '。' | '！' | '？' | '؟' | '।' | '|' | '•' | '·' | ':' | ';' | '\n' => true,
        '.' => text[position + 1..].chars().next().is_none_or(char::is_whitespace),
        '-' => text[..position].ends_with(' ') && text[position + 1..].starts_with(' '),
        _ => false,
    };
    let from =
        text[..start].char_indices().rev().find(|(at, it)| ends(*at, *it)).map_or(0, |(at, it)| at + it.len_utf8());
    let to = text[end..].char_indices().find(|(at, it)| ends(end + at, *it)).map_or(text.len(), |(at, _)| end + at);
    (from, to)
}

fn hedged(before: &str, after: &str, hedges: &HashSet<String>) -> bool {
    let word = |it: &str| it.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '\'').to_owned();
    let before: Vec<String> = before.split_whitespace().rev().take(12).map(word).collect();
    let conditional = |it: &str| {
        matches!(
            it,
            "if" | "when"
                | "whenever"
                | "once"
                | "unless"
                | "until"
                | "before"
                | "wenn"
                | "falls"
                | "sobald"
                | "si"
                | "quand"
                | "cuando"
                | "se"
                | "quando"
                | "als"
        )
    };
    let near = before.iter().take(3).any(|it| hedges.contains(it));
    // A condition holds for a whole clause.
    let conditioned = before.iter().any(|it| conditional(it));
    let afterwards = after.split_whitespace().take(2).map(word).any(|it| {
        matches!(
            it.as_str(),
            "last"
                | "yesterday"
                | "quickly"
                | "fast"
                | "twice"
                | "items"
                | "products"
                | "elsewhere"
                | "soon"
                | "schnell"
                | "artikel"
        )
    });
    near || conditioned || afterwards
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(text: &str) -> Vec<(Topic, bool)> {
        find(&Folded::new(text).text).iter().map(|it| (it.topic, it.states())).collect()
    }

    #[test]
    fn the_longest_phrase_wins() {
        assert_eq!(topics("Not in stock"), [(Topic::SoldOut, true)]);
        assert_eq!(topics("In stock"), [(Topic::InStock, true)]);
        assert_eq!(topics("Notify me when back in stock"), [(Topic::Notify, true)]);
        assert_eq!(topics("Nicht verfügbar"), [(Topic::SoldOut, true)]);
        assert_eq!(topics("Almost sold out!"), [(Topic::Neutral, true)]);
    }

    #[test]
    fn words_beside_a_phrase_take_its_force() {
        for text in [
            "It is not yet sold out",
            "If this is sold out we refund you",
            "Der Artikel ist nicht ausverkauft",
            "This was sold out for a year",
        ] {
            assert!(topics(text).iter().all(|(_, states)| !states), "{text}: {:?}", topics(text));
        }
    }

    #[test]
    fn a_phrase_is_no_part_of_a_word() {
        assert_eq!(topics("Unsold outfits"), []);
        assert_eq!(topics("この商品は売り切れです"), [(Topic::SoldOut, true)]);
        assert_eq!(topics("현재 품절입니다"), [(Topic::SoldOut, true)]);
    }

    #[test]
    fn every_table_has_many_languages() {
        for (topic, table) in TABLES {
            let languages: HashSet<&str> = table
                .lines()
                .filter(|it| !it.starts_with('#'))
                .filter_map(|it| it.split_once(':'))
                .map(|it| it.0)
                .collect();
            let enough = if matches!(topic, Topic::DefaultPage) { 5 } else { 18 };
            assert!(languages.len() >= enough, "{topic:?} has {}", languages.len());
            if matches!(topic, Topic::SoldOut | Topic::Buy | Topic::InStock | Topic::NotFound) {
                assert!(languages.len() >= 30, "{topic:?} has {}", languages.len());
            }
        }
    }
}
