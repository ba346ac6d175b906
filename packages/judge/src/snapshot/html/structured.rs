//! What a page says of itself for machines: JSON-LD, microdata and meta elements.

use serde_json::Value;

use super::one_line;
use super::tree::Tree;
use crate::snapshot::{StructuredFact, StructuredSource};

/// As many facts are kept of one page.
const FACTS_MAX: usize = 100;
const DEPTH_MAX: usize = 12;

/// All facts of the page, those of JSON-LD first in the order of the document.
pub(super) fn read(tree: &Tree) -> Vec<StructuredFact> {
    let mut facts = Vec::new();
    for index in tree.below(0) {
        let Some(element) = tree.element(index) else { continue };
        if element.name == "script"
            && element.word("type").starts_with("application/ld+json")
            && let Ok(value) = serde_json::from_str::<Value>(&tree.text_below(index))
        {
            json_ld(&value, None, 0, &mut facts);
        }
    }
    microdata(tree, &mut facts);
    meta(tree, &mut facts);
    facts.truncate(FACTS_MAX);
    facts
}

fn json_ld(value: &Value, named: Option<&str>, depth: usize, facts: &mut Vec<StructuredFact>) {
    if depth > DEPTH_MAX || facts.len() >= FACTS_MAX {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|it| json_ld(it, named, depth + 1, facts)),
        Value::Object(object) => {
            let text = |key: &str| match object.get(key) {
                Some(Value::String(text)) => Some(one_line(text)),
                Some(Value::Number(number)) => Some(number.to_string()),
                Some(Value::Array(items)) => items.first().and_then(Value::as_str).map(one_line),
                Some(Value::Object(inner)) => inner.get("@id").and_then(Value::as_str).map(one_line),
                _ => None,
            };
            let name = text("name").or_else(|| text("headline")).or_else(|| named.map(str::to_owned));
            if let Some(kind) = text("@type") {
                facts.push(StructuredFact {
                    source: StructuredSource::JsonLd,
                    kind: bare(&kind),
                    availability: text("availability").map(|it| bare(&it)),
                    name: name.clone(),
                    price: text("price").or_else(|| text("lowPrice")),
                });
            }
            for (key, inner) in object {
                // What the page only refers to says nothing of the page.
                let elsewhere = matches!(
                    key.as_str(),
                    "isRelatedTo"
                        | "isSimilarTo"
                        | "isAccessoryOrSparePartFor"
                        | "itemListElement"
                        | "review"
                        | "reviews"
                        | "isVariantOf"
                        | "isPartOf"
                        | "publisher"
                        | "author"
                        | "brand"
                        | "seller"
                        | "aggregateRating"
                        | "hasMerchantReturnPolicy"
                        | "shippingDetails"
                );
                if !elsewhere && (inner.is_object() || inner.is_array()) {
                    json_ld(inner, name.as_deref(), depth + 1, facts);
                }
            }
        }
        _ => {}
    }
}

fn microdata(tree: &Tree, facts: &mut Vec<StructuredFact>) {
    for index in tree.below(0) {
        let Some(element) = tree.element(index).filter(|it| it.has("itemscope")) else { continue };
        let Some(kind) = element.attribute("itemtype") else { continue };
        let mut fact = StructuredFact {
            source: StructuredSource::Microdata,
            kind: bare(kind),
            availability: None,
            name: None,
            price: None,
        };
        // Its own properties: those not inside of another item.
        let mut waiting: Vec<usize> = tree.nodes[index].children.clone();
        while let Some(inner) = waiting.pop() {
            let Some(property) = tree.element(inner) else { continue };
            if let Some(name) = property.attribute("itemprop") {
                let value = || {
                    let attribute = ["content", "href", "value"].iter().find_map(|it| property.attribute(it));
                    one_line(&attribute.map_or_else(|| tree.text_below(inner), str::to_owned))
                };
                for name in name.split_whitespace() {
                    match name {
                        "availability" => fact.availability = Some(bare(&value())),
                        "name" | "headline" => fact.name = Some(value()),
                        "price" | "lowPrice" => fact.price = Some(value()),
                        _ => {}
                    }
                }
            }
            if !property.has("itemscope") {
                waiting.extend(&tree.nodes[inner].children);
            }
        }
        facts.push(fact);
        if facts.len() >= FACTS_MAX {
            return;
        }
    }
}

fn meta(tree: &Tree, facts: &mut Vec<StructuredFact>) {
    for index in tree.below(0) {
        let Some(element) = tree.element(index).filter(|it| it.name == "meta") else { continue };
        let property =
            element.attribute("property").or(element.attribute("name")).unwrap_or_default().to_ascii_lowercase();
        let content = one_line(element.attribute("content").unwrap_or_default());
        let fact = |kind: &str, availability: Option<String>, price: Option<String>| StructuredFact {
            source: StructuredSource::Meta,
            kind: kind.to_owned(),
            availability,
            name: None,
            price,
        };
        match property.as_str() {
            "og:type" => facts.push(fact(&content, None, None)),
            "product:availability" | "og:availability" => facts.push(fact("Offer", Some(bare(&content)), None)),
            "product:price:amount" | "og:price:amount" => facts.push(fact("Offer", None, Some(content))),
            _ => {}
        }
    }
}

/// `https://schema.org/InStock` is `InStock`.
fn bare(name: &str) -> String {
    name.trim()
        .trim_end_matches('/')
        .rsplit(['/', '#'])
        .next()
        .unwrap_or_default()
        .trim_start_matches("schema:")
        .to_owned()
}
