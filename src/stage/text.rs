//! Text of any origin to the text that is published: Unicode NFC, single spaces, no invisible left-overs, repaired where safe.
//!
//! Changes no word and no punctuation mark. What may be meant (bidi marks, joiners between letters that need them) stays; what
//! is repaired is only what cannot be meant, such as a right single quote read as three windows-1252 characters.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::html::{decode, windows_1252};

/// One paragraph, cleaned: entity left-overs and mojibake repaired, NFC, invisible characters out, white space collapsed.
pub fn normalise(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let composed = compose(&mojibake(&entities(text)));
    // A letter and its accent may look like mojibake only when they are one.
    match mojibake(&composed) {
        Cow::Borrowed(_) => composed,
        Cow::Owned(repaired) => compose(&repaired),
    }
}

/// White space collapsed and invisible characters out, which may stand between a letter and its accent; then NFC.
fn compose(text: &str) -> String {
    let collapsed = collapse(text);
    match nfc(&collapsed) {
        Cow::Borrowed(_) => collapsed,
        Cow::Owned(composed) => composed,
    }
}

/// Appends a word in lower case.
pub(in crate::stage) fn push_lower(out: &mut String, word: &str) {
    if word.is_ascii() {
        let start = out.len();
        out.push_str(word);
        out[start..].make_ascii_lowercase();
    } else {
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
}

/// The first bytes of a text, cut between characters.
pub(in crate::stage) fn head(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The last bytes of a text, cut between characters.
pub(in crate::stage) fn tail(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// True for the common case: printable ASCII, dashes, quotes and ellipses with single spaces inside, nothing that could need
/// repair.
fn is_plain(text: &str) -> bool {
    let mut before = ' ';
    for c in text.chars() {
        match c {
            ' ' if before == ' ' => return false,
            '&' => return false,
            ' '..='~' | '\u{2010}'..='\u{2027}' => before = c,
            _ => return false,
        }
    }
    before != ' ' || text.is_empty()
}

/// Composes characters (NFC) where they are not yet.
fn nfc(text: &str) -> Cow<'_, str> {
    // nothing below the combining marks can be composed any further
    let composed = |c: char| c < '\u{300}' || matches!(c, '\u{2010}'..='\u{2027}');
    if text.chars().all(composed) || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// Character references that were escaped twice. Only complete ones, `&amp;` to `&`: "R&D" and "AT&T" are words.
fn entities(text: &str) -> Cow<'_, str> {
    let complete = text.match_indices('&').any(|(at, _)| {
        let rest = &text.as_bytes()[at + 1..];
        let name = rest.iter().take(32).take_while(|b| b.is_ascii_alphanumeric() || **b == b'#').count();
        name > 1 && rest.get(name) == Some(&b';')
    });
    if complete { decode(text, true) } else { Cow::Borrowed(text) }
}

/// White space to single spaces, invisible characters out.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(c, &out, chars.peek().copied()) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Characters that show nothing and mean nothing here: controls, soft hyphens, zero-width spaces, stray byte order marks.
/// Joiners stay between letters of scripts that use them and in emoji; bidi marks stay everywhere.
fn is_invisible(c: char, before: &str, after: Option<char>) -> bool {
    match c {
        '\u{200C}' | '\u{200D}' => !(before.chars().next_back().is_some_and(joins) && after.is_some_and(joins)),
        '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{FFFC}' | '\u{180E}' => true,
        _ => c.is_control(),
    }
}

/// Beyond Latin, Greek and Cyrillic: Arabic, the Indic scripts, emoji.
fn joins(c: char) -> bool {
    c >= '\u{590}'
}

/// UTF-8 that was read as windows-1252, put right where nothing else can be meant. Sequences of three and more characters are
/// never words. Those of two could be (`IRMÃ”` in capitals), so they are repaired only when every `Ã` and `Â` of the text
/// begins one.
fn mojibake(text: &str) -> Cow<'_, str> {
    if !text.contains(is_lead) {
        return Cow::Borrowed(text);
    }
    let mut pairs = 0;
    let mut strays = 0;
    let mut found = false;
    for (at, c) in text.char_indices().filter(|(_, c)| is_lead(*c)) {
        match misread(&text[at..]) {
            Some((_, chars)) if chars > 2 => found = true,
            Some(_) if !ends_capitals(&text[..at], &text[at..]) => pairs += 1,
            _ if is_lead_of_space(c) => strays += 1,
            _ => {}
        }
    }
    let with_pairs = pairs > 0 && strays == 0;
    if found || with_pairs { Cow::Owned(repair(text, with_pairs)) } else { Cow::Borrowed(text) }
}

/// A word in capitals before a no-break space: `AMANHÃ É`. Read wrong, it would hold an `à` among capitals.
fn ends_capitals(before: &str, from: &str) -> bool {
    from.starts_with("Ã\u{A0}") && before.ends_with(char::is_uppercase)
}

fn repair(text: &str, with_pairs: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match misread(&text[at..]).filter(|(_, len)| with_pairs || *len > 2) {
            Some((meant, len)) => {
                out.push(meant);
                chars.nth(len - 2);
            }
            None => out.push(c),
        }
    }
    out
}

/// True for characters that make one with a no-break space behind them, if misread: `à` is `Ã` and such a space.
pub(super) fn is_lead_of_space(c: char) -> bool {
    matches!(c, 'Ã' | 'Â')
}

/// The windows-1252 character of a UTF-8 lead byte that occurs in mojibake: `Â`, `Ã`, `â`, `ð` and the like.
fn is_lead(c: char) -> bool {
    matches!(c, '\u{C2}'..='\u{F4}')
}

/// The character that the sequence at the start of `text` was before it was misread, and the characters it takes.
fn misread(text: &str) -> Option<(char, usize)> {
    let mut chars = text.chars();
    let lead = chars.next().filter(|c| is_lead(*c))? as u32 as u8;
    let len = match lead {
        0xC2 | 0xC3 => 2, // other two-byte letters are too close to real words: "Ä°", "Å¡"
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    if len > 2 && is_french(chars.as_str()) {
        return None;
    }
    let mut bytes = [lead, 0, 0, 0];
    for byte in &mut bytes[1..len] {
        *byte = chars.next().and_then(continuation)?;
    }
    let meant = std::str::from_utf8(&bytes[..len]).ok()?.chars().next()?;
    Some((meant, len))
}

/// A no-break space and a mark, as French sets them behind any letter: `« un été »`, `il a chanté –`.
fn is_french(after: &str) -> bool {
    after.strip_prefix('\u{A0}').is_some_and(|after| after.starts_with(['»', '–', '—', '…', '€', '“', '”', '‘', '’']))
}

/// The byte 0x80 to 0xBF that windows-1252 shows as `c`.
fn continuation(c: char) -> Option<u8> {
    (0x80..=0xBFu8).find(|byte| windows_1252(*byte) == c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_invisible_characters() {
        for (raw, clean) in [
            ("plain text", "plain text"),
            ("  a\u{A0}\u{2009}b\tc\r\nd\u{2028}e ", "a b c d e"),
            ("co\u{AD}op\u{200B}er\u{FEFF}ate\u{0}\u{7F}", "cooperate"),
            ("e\u{301}te\u{301}", "été"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("a\u{200D}b", "ab"),
            ("👩\u{200D}🚀", "👩\u{200D}🚀"),
            ("\u{200F}שלום\u{200F}", "\u{200F}שלום\u{200F}"),
        ] {
            assert_eq!(normalise(raw), clean);
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!((head("aéb", 2), head("aéb", 3), head("aéb", 9)), ("a", "aé", "aéb"));
        assert_eq!((tail("aéb", 2), tail("aéb", 3), tail("aéb", 9)), ("b", "éb", "aéb"));
    }

    #[test]
    fn entity_left_overs_are_decoded_once() {
        assert_eq!(normalise("Q&amp;A, it&#8217;s &ldquo;so&rdquo;"), "Q&A, it’s “so”");
        assert_eq!(normalise("R&D, AT&T; and a&b=1"), "R&D, AT&T; and a&b=1");
        assert_eq!(normalise("a &lt;b&gt; c"), "a <b> c");
    }

    #[test]
    fn mojibake_is_repaired_only_where_nothing_else_can_be_meant() {
        assert_eq!(normalise("itâ€™s â€œsoâ€\u{9D} â€“ no"), "it’s “so” – no");
        assert_eq!(normalise("cafÃ© et thÃ©"), "café et thé");
        assert_eq!(normalise("15Â °C"), "15Â °C");
        assert_eq!(normalise("10Â\u{A0}€"), "10 €");
        assert_eq!(normalise("‘IRMÃ” E “NÃO”"), "‘IRMÃ” E “NÃO”");
        assert_eq!(normalise("AMANHÃ\u{A0}É, cafÃ©"), "AMANHÃ É, cafÃ©");
        assert_eq!(normalise("château, Îles, ÂGE"), "château, Îles, ÂGE");
        assert_eq!(normalise("« un été\u{A0}», chanté\u{A0}– déjà\u{A0}…"), "« un été », chanté – déjà …");
        assert_eq!(normalise("ì\u{A0}„ì²´"), "전체");
    }

    #[test]
    fn blanks_around_a_text_change_nothing() {
        for text in ["plain", "é", "\u{301}x", "\u{200D}👩", "a &amp; b", "cafÃ©", "Ã", "", "&", "می\u{200C}"] {
            assert_eq!(normalise(&format!(" \n{text}\n ")), normalise(text), "{text:?}");
        }
    }

    #[test]
    fn normalising_twice_changes_nothing_more() {
        for text in ["itâ€™s  cafÃ©", "e\u{301} \u{AD} x", "plain", "日本\u{3000}語", "a&amp;b", "a\0\u{301}"]
        {
            let once = normalise(text);
            assert_eq!(normalise(&once), once);
        }
    }
}
