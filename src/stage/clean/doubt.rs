//! What is open to doubt: the blocks on which a second opinion is asked. It gives none.

use super::candidate::Candidate;
use crate::article::DropReason;

/// Reasons that are open to doubt: what was judged by form, place or class name. What the words say for certain, what other
/// stages read and what is a matter of order is settled.
fn is_open(reason: DropReason) -> bool {
    use DropReason::{Caption, Footer, Fragment, Hidden, LinkDense, LoneHeading, Navigation, OutsideContainer};
    use DropReason::{Related, Repeated, Sidebar};
    let by_form = matches!(reason, Fragment | LinkDense | LoneHeading | OutsideContainer | Repeated);
    by_form || matches!(reason, Caption | Footer | Hidden | Navigation | Related | Sidebar)
}

/// Whether a second opinion on a block can change anything: what the rules kept, and what they dropped though it is no link.
pub(super) fn is_doubtful(c: &Candidate) -> bool {
    match c.block.dropped {
        None => true,
        Some(reason) if !is_open(reason) => false,
        Some(DropReason::LinkDense) => c.measure.weight >= 20,
        Some(_) => c.measure.weight >= 12 && c.measure.link_share() < 0.6,
    }
}

/// The same for a line, of which less is known: that it was said before remains settled.
pub(super) fn is_doubtful_line(c: &Candidate) -> bool {
    is_doubtful(c) && c.block.dropped != Some(DropReason::Repeated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::clean::plain;

    #[test]
    fn what_is_certain_is_not_open_to_doubt() {
        let mut line = plain::candidate("The harbour council voted on Monday night.".to_owned());
        assert!(is_doubtful(&line));
        line.block.dropped = Some(DropReason::OutsideContainer);
        assert!(is_doubtful(&line));
        line.block.dropped = Some(DropReason::Repeated);
        assert!(is_doubtful(&line) && !is_doubtful_line(&line));
        line.block.dropped = Some(DropReason::NextArticle);
        assert!(!is_doubtful(&line));
    }
}
