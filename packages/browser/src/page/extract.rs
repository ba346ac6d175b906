//! What the script that reads a page gives, and what it becomes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use judge::snapshot::{Block, BlockKind, Rect, StructuredFact, StructuredSource, Zone};
use serde::Deserialize;

/// The script. What it evaluates to is an [`Extract`].
pub const SCRIPT: &str = include_str!("extractor.js");

/// A page as the script read it.
#[derive(Debug, Clone, Deserialize)]
pub struct Extract {
    pub title: String,
    pub lang: String,
    pub url: String,
    pub truncated: bool,
    pub scripts: u32,
    blocks: Vec<ExtractedBlock>,
    structured: Vec<ExtractedFact>,
}

#[derive(Debug, Clone, Deserialize)]
struct ExtractedBlock {
    zone: Zone,
    kind: BlockKind,
    text: String,
    visible: bool,
    camouflaged: bool,
    disabled: bool,
    variant: bool,
    rect: Option<[f32; 4]>,
}

#[derive(Debug, Clone, Deserialize)]
struct ExtractedFact {
    source: StructuredSource,
    kind: String,
    availability: Option<String>,
    name: Option<String>,
    price: Option<String>,
}

impl Extract {
    /// A number for what the page says: two looks with the same number saw the same.
    pub fn text_hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.title.hash(&mut hasher);
        self.url.hash(&mut hasher);
        for block in &self.blocks {
            (block.visible, &block.text, block.disabled).hash(&mut hasher);
        }
        self.structured.len().hash(&mut hasher);
        hasher.finish()
    }

    /// How many characters can be seen.
    pub fn visible_characters(&self) -> usize {
        self.blocks.iter().filter(|block| block.visible).map(|block| block.text.chars().count()).sum()
    }

    /// The page's language as it says itself.
    pub fn language(&self) -> Option<String> {
        let lang = self.lang.trim();
        (!lang.is_empty() && lang.len() <= 35).then(|| lang.to_owned())
    }

    pub fn blocks(&self) -> Vec<Block> {
        let numbered = self.blocks.iter().zip(1..);
        numbered
            .map(|(block, id)| Block {
                id,
                zone: block.zone,
                kind: block.kind,
                text: block.text.clone(),
                visible: block.visible,
                camouflaged: block.camouflaged,
                disabled: block.disabled,
                variant: block.variant,
                rect: block.rect.map(|[x, y, width, height]| Rect { x, y, width, height }),
            })
            .collect()
    }

    pub fn structured(&self) -> Vec<StructuredFact> {
        let facts = self.structured.iter();
        facts
            .map(|fact| StructuredFact {
                source: fact.source,
                kind: fact.kind.clone(),
                availability: fact.availability.clone(),
                name: fact.name.clone(),
                price: fact.price.clone(),
            })
            .collect()
    }
}
