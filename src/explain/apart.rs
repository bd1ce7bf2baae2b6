//! Two texts word by word: which words only one of them has. For people who look at both; it decides nothing.

use std::ops::Range;

use serde::Serialize;

/// Largest table of the comparison, in cells of two bytes. Texts that need a larger one count as different from where they
/// part to where they meet again.
const CELLS: usize = 8 << 20;

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Its words, with the space after them.
    pub text: String,
    /// True when only this text has them.
    pub only: bool,
}

/// Both texts in pieces, by the longest common subsequence of their words. Time and memory: words of the one times
/// words of the other, and at most `CELLS`.
pub fn apart(a: &str, b: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (a, b) = (words(a), words(b));
    let same = |(x, y): &(&&str, &&str)| x.trim_end() == y.trim_end();
    let head = a.iter().zip(&b).take_while(same).count();
    let (rest_a, rest_b) = (a.get(head..).unwrap_or_default(), b.get(head..).unwrap_or_default());
    let tail = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(same).count();
    let middle = |words: &[&str]| head..words.len() - tail;
    let (only_a, only_b) = differing(&a, middle(&a), &b, middle(&b));
    (pieces(&a, &only_a), pieces(&b, &only_b))
}

/// Words with the space after them; scripts without spaces by the character.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let mut from = 0;
        for (at, c) in word.char_indices() {
            if ('\u{2e80}'..='\u{fffd}').contains(&c) {
                let end = at + c.len_utf8();
                words.extend([word.get(from..at), word.get(at..end)].into_iter().flatten().filter(|w| !w.is_empty()));
                from = end;
            }
        }
        words.extend(word.get(from..).filter(|rest| !rest.is_empty()));
    }
    words
}

/// For each word of both whether only its text has it; outside of the middles none.
fn differing(a: &[&str], middle_a: Range<usize>, b: &[&str], middle_b: Range<usize>) -> (Vec<bool>, Vec<bool>) {
    let (mut only_a, mut only_b) = (vec![false; a.len()], vec![false; b.len()]);
    only_a.get_mut(middle_a.clone()).into_iter().for_each(|part| part.fill(true));
    only_b.get_mut(middle_b.clone()).into_iter().for_each(|part| part.fill(true));
    let (x, y) = (a.get(middle_a.clone()).unwrap_or_default(), b.get(middle_b.clone()).unwrap_or_default());
    for (i, j) in common(x, y) {
        only_a.get_mut(middle_a.start + i).into_iter().for_each(|only| *only = false);
        only_b.get_mut(middle_b.start + j).into_iter().for_each(|only| *only = false);
    }
    (only_a, only_b)
}

/// The longest common subsequence, as pairs of places.
fn common(x: &[&str], y: &[&str]) -> Vec<(usize, usize)> {
    let width = y.len() + 1;
    if x.is_empty() || y.is_empty() || (x.len() + 1).saturating_mul(width) > CELLS {
        return Vec::new();
    }
    let same = |i: usize, j: usize| matches!((x.get(i), y.get(j)), (Some(x), Some(y)) if x.trim_end() == y.trim_end());
    // Length of the longest one of what follows i and j. It fits: both factors of 8 Mi cells cannot exceed 16 bits.
    let mut longest = vec![0_u16; (x.len() + 1) * width];
    let at = |longest: &[u16], i: usize, j: usize| longest.get(i * width + j).copied().unwrap_or_default();
    for i in (0..x.len()).rev() {
        for j in (0..y.len()).rev() {
            let best = if same(i, j) {
                at(&longest, i + 1, j + 1).saturating_add(1)
            } else {
                at(&longest, i + 1, j).max(at(&longest, i, j + 1))
            };
            longest.get_mut(i * width + j).into_iter().for_each(|cell| *cell = best);
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < x.len() && j < y.len() {
        if same(i, j) {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if at(&longest, i + 1, j) >= at(&longest, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Words of a kind that stand together are one piece.
fn pieces(words: &[&str], only: &[bool]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (word, only) in words.iter().zip(only) {
        match pieces.last_mut().filter(|last| last.only == *only) {
            Some(last) => last.text.push_str(word),
            None => pieces.push(Piece { text: (*word).to_owned(), only: *only }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both texts with what only one has in brackets.
    fn marked(a: &str, b: &str) -> (String, String) {
        let (one, other) = apart(a, b);
        let mark = |pieces: Vec<Piece>| {
            pieces.iter().map(|p| if p.only { format!("[{}]", p.text) } else { p.text.clone() }).collect::<String>()
        };
        (mark(one), mark(other))
    }

    #[test]
    fn words_of_only_one_text_are_marked() {
        let (one, other) = marked("The old mill was sold on Monday.", "The mill was sold for nine crowns on Monday.");
        assert_eq!(one, "The [old ]mill was sold on Monday.");
        assert_eq!(other, "The mill was sold [for nine crowns ]on Monday.");
        assert_eq!(marked("a b", "a b"), ("a b".into(), "a b".into()));
        assert_eq!(marked("", "a"), (String::new(), "[a]".into()));
        assert_eq!(marked("a\n\nb", "a b"), ("a\n[\n]b".into(), "a b".into()), "a space of another kind is no word");
    }

    #[test]
    fn scripts_without_spaces_are_compared_by_the_character() {
        assert_eq!(marked("橋は閉鎖", "橋は再開"), ("橋は[閉鎖]".into(), "橋は[再開]".into()));
    }

    #[test]
    fn nothing_is_lost_and_texts_of_any_size_have_an_answer() {
        let text = |n: usize, step: usize| (0..n).map(|i| format!("w{} ", i * step % 97)).collect::<String>();
        for (a, b) in [(text(200, 3), text(150, 5)), (text(20_000, 1), text(20_000, 7))] {
            let (one, other) = apart(&a, &b);
            let joined = |pieces: &[Piece]| pieces.iter().map(|p| p.text.as_str()).collect::<String>();
            assert_eq!((joined(&one), joined(&other)), (a, b));
            let kept = |pieces: &[Piece]| {
                let same = pieces.iter().filter(|p| !p.only).map(|p| p.text.as_str());
                same.collect::<String>().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(kept(&one), kept(&other), "what is not marked is the same on both sides");
        }
    }
}
