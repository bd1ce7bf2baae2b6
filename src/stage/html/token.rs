//! HTML text to tags and runs of text, byte ranges only: nothing is copied or decoded.
//!
//! Every byte is looked at a constant number of times. The one danger to that are searches for an end that is not there
//! (`-->`, `</script`): each kind of search that failed once is not tried again, since what was not found from here cannot be
//! found from further on.

use memchr::{memchr, memmem};

use super::Tag;
use super::attribute::Attributes;

/// A byte range of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    pub(super) fn of(self, html: &str) -> &str {
        html.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// What the page consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A run of text, character references still in it.
    Text(Span),
    /// A start tag. `attributes` runs from behind the name to the closing `>`; the name stands right before it.
    Start { tag: Tag, name: Span, attributes: Span, self_closing: bool },
    /// An end tag.
    End { tag: Tag, name: Span },
}

/// Reads a page from front to back.
pub(super) struct Tokens<'h> {
    html: &'h str,
    at: usize,
    no_comment_end: bool,
    no_cdata_end: bool,
    no_raw_end: [bool; Tag::COUNT],
    /// Bytes looked at so far, those looked at again included.
    pub work: u64,
}

impl<'h> Tokens<'h> {
    pub(super) fn new(html: &'h str) -> Tokens<'h> {
        Tokens { html, at: 0, no_comment_end: false, no_cdata_end: false, no_raw_end: [false; Tag::COUNT], work: 0 }
    }

    fn bytes(&self) -> &'h [u8] {
        self.html.as_bytes()
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes().get(self.at + ahead).copied()
    }

    /// The next token, `None` at the end of the page.
    pub(super) fn next(&mut self) -> Option<Token> {
        let before = self.at;
        let token = self.token();
        self.work += (self.at - before) as u64 + 1;
        token
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            if self.at >= self.html.len() {
                return None;
            }
            if self.bytes()[self.at] != b'<' {
                return Some(self.text(self.at));
            }
            match self.peek(1) {
                Some(b) if b.is_ascii_alphabetic() => return Some(self.start_tag()),
                Some(b'/') if self.peek(2).is_some_and(|b| b.is_ascii_alphabetic()) => return Some(self.end_tag()),
                Some(b'!') => {
                    if let Some(text) = self.declaration() {
                        return Some(text);
                    }
                }
                Some(b'?') => self.skip_to_bracket(2),
                Some(b'/') if self.peek(2).is_some() => self.skip_to_bracket(2),
                _ => return Some(self.text(self.at + 1)),
            }
        }
    }

    /// Text from here to the next `<` at or after `from`.
    fn text(&mut self, from: usize) -> Token {
        let start = self.at;
        self.at = memchr(b'<', &self.bytes()[from..]).map_or(self.html.len(), |n| from + n);
        Token::Text(Span::new(start, self.at))
    }

    /// Passes over something in angle brackets that is no tag.
    fn skip_to_bracket(&mut self, opening: usize) {
        let from = (self.at + opening).min(self.html.len());
        self.at = memchr(b'>', &self.bytes()[from..]).map_or(self.html.len(), |n| from + n + 1);
    }

    /// Comment, CDATA section or doctype; only CDATA yields text. An unclosed comment ends at the next `>`, so that a page cut
    /// or broken there keeps its rest.
    fn declaration(&mut self) -> Option<Token> {
        let rest = &self.bytes()[self.at..];
        if rest.starts_with(b"<!--") {
            self.comment();
            return None;
        }
        if !rest.starts_with(b"<![CDATA[") || self.no_cdata_end {
            self.skip_to_bracket(2);
            return None;
        }
        let Some(end) = memmem::find(rest, b"]]>") else {
            self.no_cdata_end = true;
            self.work += rest.len() as u64;
            self.skip_to_bracket(2);
            return None;
        };
        let start = self.at + 9;
        let text = Span::new(start, (self.at + end).max(start));
        self.at += end + 3;
        Some(Token::Text(text))
    }

    fn comment(&mut self) {
        let body = self.at + 4;
        let rest = &self.bytes()[body..];
        if rest.starts_with(b">") || rest.starts_with(b"->") {
            self.skip_to_bracket(4);
            return;
        }
        let end = if self.no_comment_end { None } else { memmem::find(rest, b"--") };
        let mut end = end;
        while let Some(dashes) = end {
            let after = rest[dashes..].iter().take_while(|b| **b == b'-').count();
            let tail = &rest[dashes + after..];
            if tail.starts_with(b">") || tail.starts_with(b"!>") {
                self.skip_to_bracket(4 + dashes + after);
                return;
            }
            end = memmem::find(tail, b"--").map(|n| dashes + after + n);
        }
        self.work += if self.no_comment_end { 0 } else { rest.len() as u64 };
        self.no_comment_end = true;
        self.skip_to_bracket(4);
    }

    fn name(&self, start: usize) -> (Tag, Span) {
        let rest = &self.bytes()[start..];
        let len = rest.iter().position(|b| ends_name(*b)).unwrap_or(rest.len());
        (tag_of(&rest[..len]), Span::new(start, start + len))
    }

    fn start_tag(&mut self) -> Token {
        let (tag, name) = self.name(self.at + 1);
        let mut attributes = Attributes::new(self.html, name.end as usize);
        while attributes.next().is_some() {}
        let end = attributes.at;
        self.at = (end + 1).min(self.html.len());
        let self_closing = end > name.end as usize && self.bytes()[end - 1] == b'/';
        Token::Start { tag, name, attributes: Span::new(name.end as usize, end), self_closing }
    }

    fn end_tag(&mut self) -> Token {
        let (tag, name) = self.name(self.at + 2);
        let from = name.end as usize;
        self.at = memchr(b'>', &self.bytes()[from..]).map_or(self.html.len(), |n| from + n + 1);
        Token::End { tag, name }
    }

    /// The content of a raw element whose start tag was just read; goes on behind its end tag. Without one, `script` and
    /// `style` reach to the end of the page, as in browsers; any other ends at the next tag, since a forgotten `</title>` must
    /// not swallow the story.
    pub(super) fn raw_text(&mut self, tag: Tag) -> Span {
        let start = self.at;
        match self.find_raw_end(tag) {
            Some(end) => {
                self.work += (end - start) as u64;
                self.at = end;
                self.skip_to_bracket(2);
                Span::new(start, end)
            }
            None => {
                let to_end = matches!(tag, Tag::Script | Tag::Style);
                let end = if to_end { None } else { memchr(b'<', &self.bytes()[start..]) };
                self.at = end.map_or(self.html.len(), |n| start + n);
                Span::new(start, self.at)
            }
        }
    }

    fn find_raw_end(&mut self, tag: Tag) -> Option<usize> {
        if self.no_raw_end[tag as usize] {
            return None;
        }
        let name = tag.name().as_bytes();
        for at in memmem::find_iter(&self.bytes()[self.at..], b"</") {
            let rest = &self.bytes()[self.at + at + 2..];
            let ends = rest.get(name.len()).is_none_or(|b| ends_name(*b));
            if ends && rest.len() >= name.len() && rest[..name.len()].eq_ignore_ascii_case(name) {
                return Some(self.at + at);
            }
        }
        self.no_raw_end[tag as usize] = true;
        self.work += (self.html.len() - self.at) as u64;
        None
    }
}

/// True for what stands behind the name of a tag.
pub(super) fn ends_name(b: u8) -> bool {
    matches!(b, b' ' | b'>' | b'/' | b'\n' | b'\t' | b'\r' | 0x0C)
}

/// The tag of a name in any case.
fn tag_of(name: &[u8]) -> Tag {
    let mut lower = [0u8; 10];
    match lower.get_mut(..name.len()) {
        Some(lower) => {
            lower.copy_from_slice(name);
            lower.make_ascii_lowercase();
            Tag::from_name(lower)
        }
        None => Tag::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<String> {
        let mut tokens = Tokens::new(html);
        let mut out = Vec::new();
        while let Some(token) = tokens.next() {
            match token {
                Token::Text(span) => out.push(format!("\"{}\"", span.of(html))),
                Token::End { name, .. } => out.push(format!("/{}", name.of(html))),
                Token::Start { tag, name, attributes, self_closing } => {
                    let pairs: Vec<_> =
                        Attributes::new(html, attributes.start as usize).map(|(n, v)| format!(" {n}={v}")).collect();
                    let slash = if self_closing { "/" } else { "" };
                    out.push(format!("{}{}{slash}", name.of(html), pairs.concat()));
                    if tag.is_raw() {
                        out.push(format!("raw:{}", tokens.raw_text(tag).of(html)));
                    }
                }
            }
        }
        out
    }

    #[test]
    fn tags_text_and_attributes() {
        assert_eq!(read("<P>a < b</p >"), ["P", "\"a \"", "\"< b\"", "/p"]);
        assert_eq!(read("<a href='x>y' B=1 c d = \"2\"e=3>t"), ["a href=x>y B=1 c= d=2 e=3", "\"t\""]);
        assert_eq!(read("<img src=a/b.png/><br/>"), ["img src=a/b.png//", "br/"]);
        assert_eq!(read("<a title=it's \"odd\" =x>"), ["a title=it's \"odd\"=x"]);
        assert_eq!(read("<é><a é=é>"), ["\"<é>\"", "a é=é"]);
    }

    #[test]
    fn what_is_no_tag_is_passed_over_or_text() {
        assert_eq!(read("<!DOCTYPE html><?xml version='1'?></ x>a<!-- b > -- c -->d"), ["\"a\"", "\"d\""]);
        assert_eq!(read("<!-->a<!--->b<!--x--!>c<!---->d"), ["\"a\"", "\"b\"", "\"c\"", "\"d\""]);
        assert_eq!(read("a<![CDATA[ <b> & ]]>c"), ["\"a\"", "\" <b> & \"", "\"c\""]);
        assert_eq!(read("<"), ["\"<\""]);
        assert_eq!(read("</"), ["\"</\""]);
        assert_eq!(read("1<2<3"), ["\"1\"", "\"<2\"", "\"<3\""]);
    }

    #[test]
    fn a_missing_end_does_not_swallow_the_page() {
        assert_eq!(read("<!-- a > b"), ["\" b\""]);
        assert_eq!(read("<title>T<p>x"), ["title", "raw:T", "p", "\"x\""]);
        assert_eq!(read("<script>a<p>x"), ["script", "raw:a<p>x"]);
        assert_eq!(read("<p a=\"x>y"), ["p a=x>y"]);
    }

    #[test]
    fn raw_text_ends_at_its_own_end_tag_only() {
        assert_eq!(read("<script>if (a</b/) '</p>'</SCRIPT >x"), ["script", "raw:if (a</b/) '</p>'", "\"x\""]);
        assert_eq!(read("<style></styles></style>"), ["style", "raw:</styles>"]);
    }
}
