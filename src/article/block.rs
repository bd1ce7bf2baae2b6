//! One block of a page or text, and why it is not part of the story. Part of the contract of the record between the two halves;
//! who judges blocks is `stage::clean`, nothing here does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a block was in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// Menus, breadcrumbs, paging, tables of contents.
    Navigation,
    /// The foot of the page.
    Footer,
    /// A column beside the story.
    Sidebar,
    /// Cookie and privacy notices.
    Consent,
    /// Share buttons, social media links.
    Share,
    /// Invitations to subscribe, register or donate.
    Newsletter,
    /// Links to other stories, "read more" boxes.
    Related,
    /// Advertising.
    Ad,
    /// Readers' comments.
    Comment,
    /// A portrait of the author.
    AuthorBox,
    /// Tags, topics, categories.
    TagList,
    /// Copyright and legal notices.
    Copyright,
    /// "Subscribe to read on".
    Paywall,
    /// Forms, buttons, players, polls.
    Control,
    /// Dialogs and overlays.
    Dialog,
    /// Not shown to a reader.
    Hidden,
    /// The caption of a picture; kept apart from the text.
    Caption,
    /// Said before: a repeated lede, a pull quote.
    Repeated,
    /// The headline of the story itself.
    Headline,
    /// Who wrote it.
    Byline,
    /// Who reported, wrote, edited: the line after the story.
    Credit,
    /// When it was published or changed, how long it takes to read.
    Stamp,
    /// Belongs to the next article of an endless page.
    NextArticle,
    /// Outside the part of the page that holds the story.
    OutsideContainer,
    /// Mostly links.
    LinkDense,
    /// A heading with nothing of the story under it.
    LoneHeading,
    /// A scrap of text before, between or after paragraphs.
    Fragment,
    /// A sentence that pages carry around stories, in none of the groups above.
    BoilerplatePhrase,
}

/// One block of the page, in document order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Block {
    /// What it was in the page.
    pub kind: BlockKind,
    /// Its normalised text.
    pub text: String,
    /// `None`: kept. Otherwise why it was dropped.
    pub dropped: Option<DropReason>,
}
