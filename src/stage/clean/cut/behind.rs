//! What stands behind the notice that ends a story: offers, services, what a subscription holds. Running text it leaves alone.

use super::{AFTER, How, notice};
use crate::article::{Block, DropReason};
use crate::stage::clean::measure::{Measure, ends_sentence, is_running};

/// Names the scraps behind a notice that ends the story.
pub(in crate::stage::clean) fn drop_behind(blocks: &mut [Block]) {
    let told = |b: &Block| b.dropped.is_none() && is_running(&Measure::of(&b.text));
    let Some(last) = blocks.iter().rposition(told) else { return };
    let ends = |b: &Block| b.dropped.is_some() && matches!(notice(&b.text), Some(How::Begins | How::Holds));
    let Some(at) = blocks[last + 1..].iter().take(AFTER).position(ends) else { return };
    for b in blocks[last + 1 + at..].iter_mut().filter(|b| b.dropped.is_none() && !ends_sentence(&b.text)) {
        b.dropped = Some(DropReason::Paywall);
    }
}

#[cfg(test)]
mod tests {
    use crate::stage::clean::{Anchors, page};
    use crate::stage::html::{Budget, parse};

    const STORY: &str =
        "The harbour council voted on Monday night to keep the old crane for ten more years, officials said.";

    fn followed_by(after: &str) -> Vec<String> {
        let nav = "<nav><ul><li><a href=/>Home</a><li><a href=/n>News</a></ul></nav>";
        let story =
            ["first", "second", "third", "fourth"].map(|n| format!("<p>For the {n} time, {STORY}</p>")).concat();
        let html = format!("{nav}<main><article><h1>Crane stays</h1>{story}{after}</article></main>");
        page(&parse(&html, &Budget::default()).unwrap(), &Anchors::default()).paragraphs
    }

    #[test]
    fn behind_a_notice_stands_no_scrap_of_the_story() {
        let items = "<ul><li>40,000 crowns in cash</li><li>A second crane on loan</li></ul>";
        assert_eq!(followed_by(items).len(), 6);
        for notice in [
            "You have read all of your free articles this month. Subscribe now for the whole harbour, every single day.",
            "Cet article est réservé aux abonnés. Il vous reste 60 % de cet article à lire.",
        ] {
            assert_eq!(followed_by(&format!("<p>{notice}</p>{items}")).len(), 4, "{notice}");
        }
    }
}
