//! Lines of labelled fields, as the press of East Asia prints them: `来源：新华社 作者：李文博 王晓燕`.
//!
//! A word before a colon names a field. Only a field that names authors holds any; a source may be an agency; nothing else is
//! read.

use super::{LISTS, Part, part, pieces, split};

/// Longest label, in characters. Longer: a sentence with a colon in it.
const MAX_LABEL: usize = 8;

/// Shortest word that is a whole name where a blank may as well part family and given name, in characters.
const WHOLE_NAME: usize = 4;

/// Longest such word, in characters. Longer: a piece of a headline.
const LONGEST_NAME: usize = 5;

/// Longest name behind the first of a field, in characters.
const NAME: usize = 3;

/// What a label says its field is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Author,
    Source,
    Other,
}

/// A field: where its label begins, where its value begins, and what it is.
type Mark = (usize, usize, Kind);

/// True when a field of the line names its authors.
pub(in crate::stage::extract) fn names_authors(text: &str) -> bool {
    marks(text).iter().any(|(.., kind)| *kind == Kind::Author)
}

/// The parts of a line of fields, its authors first; `None` where there are no fields.
pub(super) fn parts(text: &str) -> Option<Vec<Part>> {
    let marks = marks(text);
    let first = marks.first()?;
    let ends = marks.iter().skip(1).map(|mark| mark.0).chain([text.len()]);
    let fields: Vec<(Kind, &str)> =
        marks.iter().zip(ends).map(|(mark, end)| (mark.2, text[mark.1..end].trim())).collect();
    let values = |kind: Kind| fields.iter().filter(move |field| field.0 == kind).map(|field| field.1);
    let mut parts: Vec<Part> = values(Kind::Author).flat_map(split).flat_map(named).map(part).collect();
    if parts.is_empty() {
        // the name may stand before the first field, without a label of its own
        parts.extend(pieces(&text[..first.0]));
    }
    parts.extend(values(Kind::Source).map(|value| Part::Other(value.to_owned())));
    Some(parts)
}

/// The names of an author's field: blanks part them, unless one would stand alone with a single sign (`王 伟`). What is longer
/// than a name tells where its bearer lives, and what stands behind it is no name either.
fn named(piece: &str) -> Vec<&str> {
    let words = piece.split_whitespace().filter(|word| !LISTS.label.contains(word));
    if !is_unspaced(piece) || piece.split_whitespace().any(|word| word.chars().count() < 2) {
        return vec![piece];
    }
    let names = words.enumerate().take_while(|(at, word)| *at == 0 || word.chars().count() <= NAME);
    names.map(|(_, word)| word).collect()
}

/// The names of a piece without a label: blanks part them only where each is too long to be half a name.
pub(super) fn whole_names(piece: &str) -> Vec<&str> {
    let whole = |word: &str| (WHOLE_NAME..=LONGEST_NAME).contains(&word.chars().count());
    if is_unspaced(piece) && piece.split_whitespace().all(whole) {
        return piece.split_whitespace().collect();
    }
    vec![piece]
}

/// Every field of a line, in order.
fn marks(text: &str) -> Vec<Mark> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut marks: Vec<Mark> = Vec::new();
    for (at, colon) in text.match_indices([':', '：']) {
        let before = text[..at].trim_end();
        let start =
            before.char_indices().rev().take_while(|(_, c)| is_sign(*c)).last().map_or(before.len(), |(at, _)| at);
        let label = &before[start..];
        if (1..=MAX_LABEL).contains(&label.chars().count()) {
            marks.push((start, at + colon.len(), kind(label)));
        }
    }
    let begun = text.split_whitespace().next().filter(|word| *word != text && is_unspaced(word));
    if let Some(word) = begun.filter(|word| marks.is_empty() && word.chars().count() > 1 && kind(word) == Kind::Author)
    {
        marks.push((0, word.len(), Kind::Author));
    }
    marks
}

/// What a label names: `本报记者` ends with a label, and is one.
fn kind(label: &str) -> Kind {
    let ends = |known: &&'static str| known.chars().count() > 1 && label.ends_with(*known);
    if LISTS.label.contains(label) || LISTS.label.iter().any(ends) {
        Kind::Author
    } else if LISTS.source.iter().any(|known| label.ends_with(known)) {
        Kind::Source
    } else {
        Kind::Other
    }
}

/// True for text of Han, kana or Hangul and blanks alone.
fn is_unspaced(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_sign(c))
}

/// Han, kana and Hangul.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use super::super::{Part, parts, people};

    #[test]
    fn only_the_fields_of_authors_name_people() {
        for (line, names) in [
            ("来源：新华网 作者：陈志远 周敏", "陈志远; 周敏"),
            ("来源: 新华网  作者: 陈志远", "陈志远"),
            ("作者：王 伟", "王 伟"),
            ("本报记者：陈志远、周敏", "陈志远; 周敏"),
            ("记者 陈志远 周敏", "陈志远; 周敏"),
            ("作者：记者 陈志远", "陈志远"),
            ("作者：陈志远 江苏南通 职员", "陈志远"),
            ("更新时间", ""),
            ("【收藏】", ""),
            ("陈志远 来源：人民网", "陈志远"),
            ("来源：人民网", ""),
            ("责任编辑：赵明", ""),
            ("（责任编辑：赵明）", ""),
            ("作者：陈志远 责任编辑：赵明", "陈志远"),
            ("田中一太郎　鈴木花子", "田中一太郎; 鈴木花子"),
            ("鈴木 花子", "鈴木 花子"),
            ("長谷川 健太郎", "長谷川 健太郎"),
        ] {
            let found: Vec<_> = people(line).into_iter().map(|author| author.name).collect();
            assert_eq!(found.join("; "), names, "{line}");
        }
    }

    #[test]
    fn a_source_is_told_apart_and_a_sentence_has_no_fields() {
        assert_eq!(parts("来源：新华社 责任编辑：赵明"), [Part::Other("新华社".to_owned())]);
        assert!(super::marks("Reporter: Ann Example, Source: Wire").is_empty());
        assert!(super::marks("Автор: Анна Примерова").is_empty());
    }
}
