//! What the words of a block say for certain, whatever rules and forest made of it. It stands behind both, so that it changes
//! nothing but the blocks it drops.

use super::candidate::Candidate;
use super::measure::is_word;
use super::{phrase, portrait, rule};
use crate::article::{BlockKind, DropReason};
use crate::stage::extract::is_makers;

/// Weight up to which a block can be furniture, such as a label with the headline of another story.
const LONGEST: u32 = 140;

/// Drops kept blocks that are rows of labels, calls to follow or to write, labelled links, labels of lists, who wrote it, a
/// picture's caption, or the author's portrait.
pub(super) fn judge(candidates: &mut [Candidate]) {
    let kept = (0..candidates.len()).filter(|i| candidates[*i].block.dropped.is_none());
    let named = kept.filter_map(|i| Some((i, said(&candidates[i])?)));
    let makers = makers(candidates).into_iter().map(|i| (i, DropReason::Byline));
    let captions = captions(candidates).into_iter().map(|i| (i, DropReason::Caption));
    let portraits = portrait::told(candidates).into_iter().map(|i| (i, DropReason::AuthorBox));
    let found: Vec<(usize, DropReason)> = named.chain(makers).chain(captions).chain(portraits).collect();
    for (i, reason) in &found {
        candidates[*i].block.dropped = Some(*reason);
    }
    if !found.is_empty() {
        rule::headings(candidates);
    }
}

/// Lines above the first paragraph that say who made the piece.
fn makers(candidates: &[Candidate]) -> Vec<usize> {
    let first = candidates.iter().position(Candidate::is_solid).unwrap_or(0);
    let is_line = |c: &Candidate| c.block.dropped.is_none() && c.block.kind == BlockKind::Paragraph;
    let fits = |c: &Candidate| is_line(c) && c.measure.weight <= MAKERS && is_makers(&c.block.text);
    (0..first).filter(|i| fits(&candidates[*i])).collect()
}

/// Weight up to which a line can be a byline.
const MAKERS: u32 = 90;

/// Captions that name the maker of their picture. Where they are all there is to read, the pictures are the story.
fn captions(candidates: &[Candidate]) -> Vec<usize> {
    let is_caption = |c: &Candidate| c.block.kind == BlockKind::Caption;
    if candidates.iter().filter(|c| c.is_solid() && !is_caption(c)).nth(TOLD - 1).is_none() {
        return Vec::new();
    }
    let fits = |c: &Candidate| {
        let kept = c.block.dropped.is_none() && is_caption(c);
        kept && rule::credited(&c.block.text, &c.measure).is_some()
    };
    (0..candidates.len()).filter(|i| fits(&candidates[*i])).collect()
}

/// Paragraphs of running text from which on a page tells its story in them.
const TOLD: usize = 3;

/// Who wrote it and where to write to: `김하늘 기자 sky@example.com`, `Ann Example ann.example@example.com`. Nothing but a name, of which
/// the address holds a part, or a name with the word for a reporter, which may be glued to it.
fn is_writers(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let Some((mail, names)) = words.split_last() else { return false };
    let Some((user, _)) = mail.split_once('@') else { return false };
    let user = user.to_lowercase();
    let is_name = |word: &&str| word.chars().all(|c| is_word(c) || c == '-') && !word.starts_with(char::is_lowercase);
    let is_held = |word: &&str| word.chars().count() >= LEAST_NAME && user.contains(&word.to_lowercase());
    let is_role = |word: &str| phrase::whole(&phrase::key(word)) == Some(DropReason::Byline);
    let is_glued = |word: &&str| !word.is_ascii() && word.char_indices().skip(1).any(|(at, _)| is_role(&word[at..]));
    let fits = match names {
        [] => false,
        [name] => is_glued(name),
        names => names.iter().any(|word| is_held(word) || is_role(word)),
    };
    fits && names.len() <= MOST_NAMES && names.iter().all(is_name)
}

/// Letters from which on a name is known in an address, and words of a name at most.
const LEAST_NAME: usize = 3;
const MOST_NAMES: usize = 4;

/// A line that is nothing but the label of a list of other stories or of the way there.
fn label(c: &Candidate) -> Option<DropReason> {
    let is_line = matches!(c.block.kind, BlockKind::Paragraph | BlockKind::Heading(_));
    let is_label = |reason: &DropReason| matches!(reason, DropReason::Related | DropReason::Navigation);
    phrase::whole(c.key()).filter(is_label).filter(|_| is_line)
}

fn said(c: &Candidate) -> Option<DropReason> {
    if c.measure.weight > LONGEST {
        return None;
    }
    let link = || phrase::labelled(&c.block.text).filter(|_| !c.measure.closed);
    let writers = || is_writers(&c.block.text).then_some(DropReason::Byline);
    let named = phrase::row(c.key()).or_else(|| phrase::around(&c.block.text, c.key()));
    named.or_else(link).or_else(|| label(c)).or_else(writers)
}

#[cfg(test)]
mod tests {
    use super::super::plain::candidate;
    use super::super::{Anchors, page, text};
    use super::{BlockKind, Candidate, DropReason, judge};
    use crate::stage::html::{Budget, parse};

    const STORY: [&str; 3] = [
        "The harbour council voted on Monday night to keep the old crane for ten more years, officials said.",
        "The mayor, who had wanted to sell it, said after the vote that she would look for the money elsewhere.",
        "Fishermen will land their catch at the ferry terminal until the crane has been painted, she said.",
    ];

    #[test]
    fn what_is_certain_goes_from_pages_and_from_scraped_text() {
        for furniture in [
            "Kommentare Drucken Teilen",
            "Lesen Sie auch: Warum die Sauna in Brakel zu bleibt",
            "À lire aussi : Sécheresse, les nappes toujours au plus bas",
            "Follow Ann Example on Twitter @annexample",
            "Thanks for reading The Quay Letter! Subscribe for free to get the next one.",
            "Mehr Nachrichten aus der Region gibt es jeden Abend im Newsletter. Hier kostenlos anmelden",
            "The Reuters Daily Briefing newsletter provides all the news you need to start your day. Sign up here.",
            "Cieszymy się, że jesteś z nami. Zapisz się na newsletter, aby otrzymywać najlepsze treści",
            "Tu suscripción se está usando en otro dispositivo",
            "Läs också: Därför är bastun i Lund stängd",
            "Les også: Derfor er badstua stengt",
            "Læs også: Derfor er saunaen lukket",
            "Lue myös: Siksi sauna pysyy kiinni",
            "Čtěte také: Proč zůstane sauna zavřená",
            "Kapcsolódó cikk: Ezért marad zárva a szauna",
            "Citește și: De ce rămâne închisă sauna",
            "Читайте також: Чому сауна зачинена",
            "קראו גם: למה הסאונה נשארת סגורה",
            "यह भी पढ़ें: क्यों बंद रहेगा स्नानघर",
            "Baca juga: Mengapa sauna tetap ditutup",
            "Inhaltsverzeichnis",
            "김하늘 기자 sky@example.com",
            "김하늘기자 sky@example.com",
            "ΔΙΑΒΑΣΤΕ ΕΠΙΣΗΣ: Κλειστή η σάουνα",
            "HABERİN DEVAMI İÇİN TIKLAYINIZ",
            "Ann Example a.example@example.com",
            "Have you been affected? Email us at news@example.com or call 01632 960000",
        ] {
            let [one, two, three] = STORY;
            let html =
                format!("<main><h1>Crane stays</h1><p>{one}</p><p>{furniture}</p><p>{two}</p><p>{three}</p></main>");
            let doc = parse(&html, &Budget::default()).unwrap();
            assert_eq!(page(&doc, &Anchors::default()).paragraphs, STORY, "{furniture}");
            let lines = [one, two, furniture, three].join("\n\n");
            assert_eq!(text(&lines, None).paragraphs, STORY, "{furniture}");
        }
    }

    #[test]
    fn a_caption_that_names_the_photographer_is_none_of_the_story_and_one_among_captions_is() {
        let caption = "The old crane as the fishermen see it from the terminal on a calm morning. (Photo: Bob Sample)";
        let dropped = |told: &[&str]| {
            let mut candidates: Vec<Candidate> = told.iter().map(|text| candidate((*text).to_owned())).collect();
            candidates.push(candidate(caption.to_owned()));
            candidates.last_mut().unwrap().block.kind = BlockKind::Caption;
            judge(&mut candidates);
            candidates.last().unwrap().block.dropped
        };
        assert_eq!(dropped(&STORY), Some(DropReason::Caption));
        assert_eq!(dropped(&STORY[..1]), None);
    }

    #[test]
    fn an_address_in_a_sentence_or_beside_another_name_is_no_writers_line() {
        for text in [
            "Anmeldung unter info@example.com",
            "Rathaus Lindenau, Telefon 07123 44, info@example.com",
            "Kontakt: Ann Example ann@example.com",
            "Harbour Office office@example.com is open",
            "info@example.com",
        ] {
            assert!(!super::is_writers(text), "{text}");
        }
    }

    #[test]
    fn who_made_it_is_no_paragraph_above_the_story_and_one_within() {
        let [one, two, three] = STORY;
        for line in [
            "Words: Ann Example. Pictures: Bob Sample",
            "De nuestros corresponsales Ana Ejemplo y Luis Muestra",
            "Political reporter, Quay News",
        ] {
            let html = |above: &str, within: &str| {
                let nav = "<nav><ul><li><a href=/>Home</a><li><a href=/n>News</a></ul></nav>";
                format!(
                    "{nav}<main><h1>Crane stays</h1><p>{above}</p><p>{one}</p><p>{within}</p><p>{two}</p><p>{three}</p></main>"
                )
            };
            let kept = |html: &str| page(&parse(html, &Budget::default()).unwrap(), &Anchors::default()).paragraphs;
            assert_eq!(kept(&html(line, "It stays.")), [one, "It stays.", two, three], "{line}");
        }
    }
}
