//! Where the page goes on behind its story: guest books, comments, teasers, the next article. The names and dates there are others'.

use crate::article::{Block, BlockKind, DropReason};

/// Where the page goes on to something else behind the story.
pub(super) struct Foot {
    /// The first heading: a bare name under it is of a guest book or a list.
    pub heading: usize,
    /// The first teaser, comment or next article: no line from here on is known for this story's.
    pub others: usize,
}

impl Foot {
    /// Of a page with its headline here.
    pub(super) fn of(blocks: &[Block], headline: Option<usize>) -> Foot {
        let kept = blocks.iter().rposition(|block| block.dropped.is_none()).unwrap_or(blocks.len());
        let behind = if headline.is_some_and(|at| at > kept) { blocks.len() } else { kept + 1 };
        let first = |found: fn(&Block) -> bool| {
            let mut rest = blocks.iter().enumerate().skip(behind);
            rest.find(|(_, block)| found(block)).map_or(blocks.len(), |(at, _)| at)
        };
        Foot { heading: first(|block| matches!(block.kind, BlockKind::Heading(_))), others: first(is_others) }
    }
}

/// True for a block that leads to another story, or belongs to one.
fn is_others(block: &Block) -> bool {
    match block.dropped {
        Some(DropReason::Related | DropReason::Comment | DropReason::NextArticle | DropReason::Sidebar) => true,
        _ => is_teaser(block),
    }
}

/// True for a headline that is a link.
pub(super) fn is_teaser(block: &Block) -> bool {
    block.dropped == Some(DropReason::LinkDense) && matches!(block.kind, BlockKind::Heading(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_foot_begins_behind_the_last_kept_block() {
        let block = |kind, dropped| Block { kind, text: "x".to_owned(), dropped };
        let heading = BlockKind::Heading(2);
        let mut blocks = vec![
            block(BlockKind::Paragraph, Some(DropReason::Related)),
            block(heading, None),
            block(BlockKind::Paragraph, None),
            block(BlockKind::Paragraph, Some(DropReason::LinkDense)),
            block(heading, Some(DropReason::OutsideContainer)),
            block(heading, Some(DropReason::LinkDense)),
        ];
        let of = |blocks: &[Block], at| (Foot::of(blocks, at).heading, Foot::of(blocks, at).others);
        assert_eq!(of(&blocks, Some(1)), (4, 5));
        assert_eq!(of(&blocks, Some(4)), (6, 6), "the story was looked for before its headline");
        blocks.iter_mut().for_each(|block| block.dropped = Some(DropReason::Related));
        assert_eq!(of(&blocks, Some(1)), (6, 6), "nothing was kept");
    }
}
