//! Bytes of a page or text to Unicode, in whatever charset they came. Also used on fetched pages.
//!
//! Never fails: bytes that are no text in the charset they claim become U+FFFD, as in every browser.

use std::str::Utf8Error;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How far into a page its charset declaration is looked for, in bytes: the HTML standard's prescan.
const PRESCAN: usize = 1024;

/// How much of a text is judged to guess its charset, in bytes from its first non-ASCII one. Higher: nothing is gained,
/// the guess has settled long before. Lower: short runs of foreign names at the head of a page mislead it.
const GUESS: usize = 64 << 10;

/// A parsed `content-type` header; of the value, not of an article.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContentType<'h> {
    /// Type and subtype, lower case, `text/html`; empty when there is none.
    pub essence: String,
    /// The charset parameter, as written.
    pub charset: Option<&'h str>,
}

impl ContentType<'_> {
    /// Reads a header value; parameters other than charset are passed over.
    pub fn parse(value: &str) -> ContentType<'_> {
        let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
        let charset = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
        });
        ContentType { essence: essence.trim().to_ascii_lowercase(), charset }
    }

    /// True for `application/json` and whatever ends in `+json`.
    pub fn is_json(&self) -> bool {
        matches!(self.essence.as_str(), "application/json" | "text/json") || self.essence.ends_with("+json")
    }

    /// True for HTML and XHTML.
    pub fn is_html(&self) -> bool {
        matches!(self.essence.as_str(), "text/html" | "application/xhtml+xml")
    }
}

/// Text of an HTML page. Order: byte order mark, `declared` (the content type's charset), the page's own declaration, a
/// guess from the bytes. The mark goes first, as in the HTML standard: nobody writes one by mistake, while server
/// configurations are often wrong. For the same reason UTF-8, the one charset that bytes can disprove, must fit them.
pub fn page_text(bytes: &[u8], declared: Option<&str>) -> String {
    let declared = declared.and_then(by_label).or_else(|| in_page(bytes));
    decoded(bytes, declared)
}

/// The same for plain text, which cannot declare a charset of its own.
pub fn plain_text(bytes: &[u8], declared: Option<&str>) -> String {
    decoded(bytes, declared.and_then(by_label))
}

/// `bytes` without a byte order mark.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    Encoding::for_bom(bytes).and_then(|(_, length)| bytes.get(length..)).unwrap_or(bytes)
}

/// The charset a label names, among those of the Encoding Standard that decode to anything.
pub(super) fn by_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
}

fn decoded(bytes: &[u8], declared: Option<&'static Encoding>) -> String {
    let encoding = match declared.filter(|e| *e != UTF_8) {
        Some(encoding) => encoding,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => return text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
            Err(error) => guess(bytes, error),
        },
    };
    // `decode` itself lets a byte order mark override the encoding, and strips it.
    encoding.decode(bytes).0.into_owned()
}

/// Of bytes that are not UTF-8 by `error`: UTF-8 all the same where they nearly are; else what their statistics look like.
fn guess(bytes: &[u8], error: Utf8Error) -> &'static Encoding {
    let cut_off = error.error_len().is_none();
    if cut_off || mostly_utf8(bytes) {
        return UTF_8;
    }
    let tail = bytes.get(Encoding::ascii_valid_up_to(bytes)..).unwrap_or_default();
    let sample = tail.get(..GUESS).unwrap_or(tail);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, sample.len() == tail.len());
    detector.guess(None, Utf8Detection::Allow)
}

/// True when more characters beyond ASCII are whole than broken: a page with a teaser cut in the middle of a character is
/// still UTF-8, while text of another charset is hardly ever UTF-8 by accident.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > broken
}

/// The charset that a page declares in its first bytes, by `<meta charset>`, `<meta http-equiv content>` or an XML
/// declaration. After the HTML standard, "prescan a byte stream to determine its encoding".
fn in_page(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..PRESCAN).unwrap_or(bytes).to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let label = in_xml_declaration(&head).or_else(|| in_meta(&head))?;
    by_label(label).map(|encoding| match encoding {
        // A page whose declaration could be read byte by byte is not UTF-16.
        e if e == UTF_16LE || e == UTF_16BE => UTF_8,
        e if e == X_USER_DEFINED => WINDOWS_1252,
        e => e,
    })
}

fn in_xml_declaration(head: &str) -> Option<&str> {
    let (declaration, _) = head.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    attribute(declaration, "encoding")
}

/// Label in the first `<meta>` that has one; comments are passed over.
fn in_meta(mut rest: &str) -> Option<&str> {
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..)?;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if let Some(meta) = rest.strip_prefix("meta") {
            let tag = meta.split('>').next().unwrap_or_default();
            if let Some(label) = attribute(tag, "charset").or_else(|| in_http_equiv(tag)) {
                return Some(label);
            }
        }
    }
    None
}

fn in_http_equiv(tag: &str) -> Option<&str> {
    let content = attribute(tag, "content")?;
    (attribute(tag, "http-equiv")? == "content-type").then_some(())?;
    let (_, value) = content.split_once("charset")?;
    Some(
        value.trim_start().strip_prefix('=')?.trim_start().split(['"', '\'', ';', ' ']).find(|v| !v.is_empty())?.trim(),
    )
}

/// Value of the attribute `name` in the inside of a tag, which is in lower case.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/')?;
        let (found, after) = rest.split_at(end);
        let Some(value) = after.trim_start().strip_prefix('=') else {
            rest = after;
            continue;
        };
        let (value, after) = value_of(value.trim_start());
        if found == name {
            return Some(value.trim());
        }
        rest = after;
    }
}

/// An attribute's value, quoted or not, and what follows it.
fn value_of(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "<p>Der Bürgermeister grüßte höflich, während draußen die Vögel über den Fluß zogen.</p>";

    #[test]
    fn content_types_are_read_with_and_without_parameters() {
        let parsed = ContentType::parse("Text/HTML; boundary=x; Charset=\"Windows-1252\"");
        assert_eq!((parsed.essence.as_str(), parsed.charset), ("text/html", Some("Windows-1252")));
        assert!(ContentType::parse("application/vnd.feed+json").is_json());
        assert!(!ContentType::parse("").is_html());
    }

    #[test]
    fn declarations_in_the_page_are_found_in_every_form() {
        let cases = [
            ("<meta charset=windows-1251>", Some("windows-1251")),
            ("<html><head><META CHARSET = 'KOI8-R' />", Some("KOI8-R")),
            ("<meta content=\"text/html; charset=big5\" http-equiv=\"Content-Type\">", Some("Big5")),
            ("<meta http-equiv=content-type content='text/html;charset = euc-jp'>", Some("EUC-JP")),
            ("<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><html>", Some("ISO-8859-2")),
            ("<!-- <meta charset=big5> --><meta charset=gbk>", Some("GBK")),
            ("<meta charset=utf-16le>", Some("UTF-8")),
            ("<meta name=description content='a charset=big5 page'>", None),
            ("<meta charset=nonsense>", None),
            ("<meta charset", None),
            ("<meta charset=\"", None),
            ("<!-- <meta charset=big5>", None),
        ];
        for (page, expected) in cases {
            assert_eq!(in_page(page.as_bytes()).map(Encoding::name), expected, "{page}");
        }
        let late = format!("{}<meta charset=big5>", " ".repeat(PRESCAN));
        assert_eq!(in_page(late.as_bytes()), None);
    }

    #[test]
    fn a_page_is_read_by_header_then_declaration_then_guess() {
        let bytes = WINDOWS_1252.encode(LINE).0;
        assert_eq!(page_text(&bytes, Some("windows-1252")), LINE);
        assert_eq!(page_text(&bytes, None), LINE, "guessed");
        let declared = [b"<meta charset=koi8-r>".as_slice(), &bytes].concat();
        assert!(page_text(&declared, None).ends_with("Fluъ zogen.</p>"), "the page goes before the guess");
        assert!(page_text(&declared, Some("latin1")).ends_with(LINE), "the header goes before the page");
        assert_eq!(plain_text(&bytes, Some("no such charset")), LINE);
    }

    #[test]
    fn a_byte_order_mark_goes_before_everything() {
        let utf8 = ["\u{feff}", LINE].concat();
        assert_eq!(page_text(utf8.as_bytes(), Some("windows-1252")), LINE);
        let utf16: Vec<u8> = utf8.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(page_text(&utf16, None), LINE);
    }

    #[test]
    fn valid_utf8_is_never_taken_for_something_else_even_cut_off() {
        assert_eq!(plain_text("Ж".as_bytes(), None), "Ж");
        let cut = &"naïve Ж".as_bytes()[..8];
        assert_eq!(plain_text(cut, None), "naïve \u{fffd}");
    }

    #[test]
    fn a_claim_of_utf8_must_fit_the_bytes() {
        let (bytes, _, _) = WINDOWS_1252.encode(LINE);
        assert_eq!(page_text(&bytes, Some("utf-8")), LINE, "a server that says UTF-8 of everything");
        let one_broken = [LINE.as_bytes(), b"<p>\xc3</p>", LINE.as_bytes()].concat();
        for declared in [None, Some("utf-8")] {
            assert_eq!(page_text(&one_broken, declared), format!("{LINE}<p>\u{fffd}</p>{LINE}"));
        }
    }

    #[test]
    fn the_guess_looks_past_a_long_ascii_head() {
        let russian = "Мэр города открыл новый мост через реку и поблагодарил строителей за работу.";
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(russian);
        let page = [" ".repeat(3 * GUESS).as_bytes(), &bytes].concat();
        assert!(page_text(&page, None).ends_with(russian));
    }
}
