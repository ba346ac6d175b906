//! `GET /api/evaluations/{evaluationId}/artifacts/text`

use data_ops::types::EvaluationId;
use judge::snapshot::{Block, BlockKind, PageSnapshot, Zone};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    artifact,
    view::{ArtifactKind, RectView},
};
use crate::api::{
    access::{Authorized, permission::EvaluationsRead},
    failure::ApiError,
    input::{Json, PathId},
    responses::{AnyFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// What a visitor could read on the page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageText {
    #[schema(inline)]
    evaluation_id: EvaluationId,
    /// The page's title: the block 0 of evidence.
    title: String,
    /// The page's language as it says itself.
    #[schema(required)]
    lang: Option<String>,
    /// Whether some of the page was left out because it was too large.
    truncated: bool,
    /// The visible pieces of text and the controls, in the order of the page.
    blocks: Vec<PageBlock>,
}

/// A piece of text, or a control, that a visitor could see.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageBlock {
    /// Its number, by which evidence names it. Numbers of what cannot be seen are missing.
    id: u32,
    /// The part of the page it is in.
    zone: PageZone,
    /// What it is.
    kind: PageBlockKind,
    /// Its text, at most 600 characters; a control's label.
    text: String,
    /// Whether it is a control that cannot be used.
    disabled: bool,
    /// Whether it belongs to a choice between variants, such as sizes.
    variant: bool,
    /// Whether it is among the words that decided the verdict.
    is_evidence: bool,
    /// Where it is; null where no browser showed the page.
    #[schema(required)]
    rect: Option<RectView>,
}

/// A part of a page.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PageZone {
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
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PageBlockKind {
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

/// Read the text of an evaluation
///
/// What a visitor could read on the page, in the numbered blocks that evidence names. Two of these tell what changed in between.
#[utoipa::path(
    get,
    path = "/api/evaluations/{evaluationId}/artifacts/text",
    operation_id = "getEvaluationText",
    tag = "evaluations",
    params(WorkspaceChoice, ("evaluationId" = String, Path, description = "The evaluation's id.")),
    responses((status = 200, description = "The text.", body = PageText), WorkspaceFailure, AnyFailure)
)]
pub(crate) async fn text(caller: Authorized<EvaluationsRead>, PathId(id): PathId) -> Result<Json<PageText>, ApiError> {
    let (evaluation, snapshot) = artifact::read(&caller.services, caller.workspace.id, &id, ArtifactKind::Text).await?;
    let page: PageSnapshot = serde_json::from_slice(&snapshot).map_err(ApiError::internal)?;
    let is_seen = |block: &Block| block.visible && !block.camouflaged;
    let cited: Vec<u32> = evaluation.evidence.iter().filter_map(|evidence| evidence.block).collect();
    // Cited is what can be seen; what would not be seen would still have to be shown.
    let blocks = page.blocks.into_iter().filter(|block| is_seen(block) || cited.contains(&block.id));
    Ok(Json(PageText {
        evaluation_id: evaluation.id,
        title: page.title,
        lang: page.lang,
        truncated: page.truncated,
        blocks: blocks.map(|block| PageBlock::of(block, &cited)).collect(),
    }))
}

impl PageBlock {
    fn of(block: Block, cited: &[u32]) -> Self {
        let zone = match block.zone {
            Zone::Main => PageZone::Main,
            Zone::Nav => PageZone::Nav,
            Zone::Footer => PageZone::Footer,
            Zone::Related => PageZone::Related,
            Zone::Review => PageZone::Review,
            Zone::Overlay => PageZone::Overlay,
        };
        let kind = match block.kind {
            BlockKind::Text => PageBlockKind::Text,
            BlockKind::Heading => PageBlockKind::Heading,
            BlockKind::Button => PageBlockKind::Button,
            BlockKind::Link => PageBlockKind::Link,
            BlockKind::Field => PageBlockKind::Field,
            BlockKind::PasswordField => PageBlockKind::PasswordField,
            BlockKind::Choice => PageBlockKind::Choice,
        };
        Self {
            id: block.id,
            zone,
            kind,
            text: block.text,
            disabled: block.disabled,
            variant: block.variant,
            is_evidence: cited.contains(&block.id),
            rect: block.rect.map(|rect| RectView { x: rect.x, y: rect.y, width: rect.width, height: rect.height }),
        }
    }
}
