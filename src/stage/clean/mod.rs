//! Page or scraped text to the paragraphs of the story: ordered blocks, each kept or dropped with a named reason.

use serde::{Deserialize, Serialize};

/// What a block was in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Running text.
    Paragraph,
    /// A heading, 1 to 6.
    Heading(u8),
    /// An item of a list.
    ListItem,
    /// A block quote.
    Quote,
    /// A row of a table.
    TableRow,
    /// The caption of a picture.
    Caption,
    /// Preformatted text.
    Preformatted,
}

/// Why a block is not part of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// Menus, breadcrumbs, paging.
    Navigation,
}

/// One block of the page, in document order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// What it was in the page.
    pub kind: BlockKind,
    /// Its normalised text.
    pub text: String,
    /// `None`: kept. Otherwise why it was dropped.
    pub dropped: Option<DropReason>,
}

/// What clean makes of one body.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cleaned {
    /// Every block in order.
    pub blocks: Vec<Block>,
    /// The story: normalised paragraphs, without headline, byline and furniture.
    pub paragraphs: Vec<String>,
    /// True when the page says that the rest is behind a paywall or was cut.
    pub truncated: bool,
}
