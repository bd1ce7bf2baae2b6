//! The attributes of a start tag, byte ranges only. Nothing is decoded; what is malformed is read as browsers read it.

use memchr::memchr;

/// Bytes of an element's attributes that are read; what lies behind is passed over. Higher: one hostile tag costs every query
/// of it. Lower: a large inline `data-` value hides the attributes after it.
pub(super) const ATTRIBUTE_BYTES: usize = 64 * 1024;

/// The attributes of a start tag as written: names in any case, values with character references.
pub(super) struct Attributes<'h> {
    html: &'h str,
    /// Where reading goes on; once the iterator is done, the place of the closing `>`, or the end of the page.
    pub at: usize,
}

impl<'h> Attributes<'h> {
    pub(super) fn new(html: &'h str, at: usize) -> Attributes<'h> {
        Attributes { html, at }
    }

    fn skip(&mut self, class: impl Fn(u8) -> bool) {
        let rest = &self.html.as_bytes()[self.at..];
        self.at += rest.iter().position(|b| !class(*b)).unwrap_or(rest.len());
    }

    fn here(&self) -> Option<u8> {
        self.html.as_bytes().get(self.at).copied()
    }

    fn value(&mut self) -> &'h str {
        self.skip(|b| b.is_ascii_whitespace());
        let Some(quote @ (b'"' | b'\'')) = self.here() else {
            let start = self.at;
            self.skip(|b| b != b'>' && !b.is_ascii_whitespace());
            return &self.html[start..self.at];
        };
        let start = self.at + 1;
        let end = memchr(quote, &self.html.as_bytes()[start..]).map_or(self.html.len(), |n| start + n);
        self.at = (end + 1).min(self.html.len());
        &self.html[start..end]
    }
}

impl<'h> Iterator for Attributes<'h> {
    type Item = (&'h str, &'h str);

    fn next(&mut self) -> Option<(&'h str, &'h str)> {
        self.skip(|b| b.is_ascii_whitespace() || b == b'/');
        if matches!(self.here(), None | Some(b'>')) {
            return None;
        }
        let start = self.at;
        self.at += 1; // a name may begin with any character, `=` too
        while !self.html.is_char_boundary(self.at) {
            self.at += 1;
        }
        self.skip(|b| !matches!(b, b'=' | b'>' | b'/') && !b.is_ascii_whitespace());
        let name = &self.html[start..self.at];
        self.skip(|b| b.is_ascii_whitespace());
        if self.here() != Some(b'=') {
            return Some((name, ""));
        }
        self.at += 1;
        Some((name, self.value()))
    }
}
