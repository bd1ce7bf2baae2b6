//! Pages out of a web archive (WARC 1.0 and 1.1, ISO 28500): every HTTP response with a page in it is a raw record, whose
//! headers say what it is and where it was read. What is no page is passed over. Each record is bounded.

use std::io::{self, BufRead, Read};
use std::path::Path;

use bytes::Bytes;

use crate::record::{Headers, Record};

/// Largest record kept, in bytes; larger ones would die as too large anyway.
const MAX_RECORD: u64 = 32 << 20;
/// Longest head of a record or of its HTTP response, in bytes.
const MAX_HEAD: u64 = 64 << 10;

/// Whether a file is an archive, by its name.
pub fn is_archive(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    [".warc", ".warc.gz", ".warc.zst"].iter().any(|end| name.ends_with(end))
}

/// The next page; `None` at the end.
///
/// # Errors
/// When the archive cannot be read or is none.
pub fn next(input: &mut dyn BufRead) -> io::Result<Option<Record>> {
    while let Some(head) = head(input)? {
        let length: u64 = field(&head, "content-length").and_then(|n| n.parse().ok()).ok_or_else(|| broken("no length"))?;
        let response = field(&head, "warc-type").is_some_and(|kind| kind.eq_ignore_ascii_case("response"));
        if !response || length > MAX_RECORD {
            skip(input, length)?;
            continue;
        }
        let mut block = Vec::new();
        if input.take(length).read_to_end(&mut block)? as u64 != length {
            return Err(broken("it ends in the middle of a record"));
        }
        if let Some(page) = page(&head, &block) {
            return Ok(Some(page));
        }
    }
    Ok(None)
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not a web archive: {what}"))
}

/// Name and value of every line of a head.
type Head = Vec<(String, String)>;

/// The head of the next record; blank lines before it are passed over.
fn head(input: &mut dyn BufRead) -> io::Result<Option<Head>> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.take(MAX_HEAD).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if !line.trim_ascii().is_empty() {
            break;
        }
    }
    if !line.starts_with(b"WARC/") {
        return Err(broken("a record does not begin with WARC/"));
    }
    let (mut lines, mut room) = (Vec::new(), MAX_HEAD);
    loop {
        line.clear();
        let read = input.take(room).read_until(b'\n', &mut line)? as u64;
        room -= read;
        if read == 0 || room == 0 {
            return Err(broken("a head without an end"));
        }
        if line.trim_ascii().is_empty() {
            return Ok(Some(lines));
        }
        lines.extend(named(&line));
    }
}

fn named(line: &[u8]) -> Option<(String, String)> {
    let line = String::from_utf8_lossy(line);
    let (name, value) = line.split_once(':')?;
    Some((name.trim().to_lowercase(), value.trim().to_owned()))
}

fn field<'h>(head: &'h Head, name: &str) -> Option<&'h str> {
    head.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

fn skip(input: &mut dyn BufRead, length: u64) -> io::Result<()> {
    match io::copy(&mut input.take(length), &mut io::sink())? {
        skipped if skipped == length => Ok(()),
        _ => Err(broken("it ends in the middle of a record")),
    }
}

/// The raw record of an HTTP response that holds a page.
fn page(head: &Head, block: &[u8]) -> Option<Record> {
    let end = memchr::memmem::find(block, b"\r\n\r\n").filter(|end| (*end as u64) < MAX_HEAD)?;
    let (http, body) = (block.get(..end)?, block.get(end + 4..)?);
    let mut lines = http.split(|b| *b == b'\n');
    let status = String::from_utf8_lossy(lines.next()?).split_whitespace().nth(1)?.parse::<u16>().ok()?;
    let http: Head = lines.filter_map(named).collect();
    let kind = field(&http, "content-type").unwrap_or_default().to_lowercase();
    if !(200..300).contains(&status) || !(kind.starts_with("text/html") || kind.starts_with("application/xhtml+xml")) {
        return None;
    }
    let chunked = field(&http, "transfer-encoding").is_some_and(|encoding| encoding.eq_ignore_ascii_case("chunked"));
    // Crawlers differ in whether they keep the chunks: where they do not, the first line is no size.
    let raw = if chunked { unchunked(body).unwrap_or_else(|| body.to_vec()) } else { body.to_vec() };
    let mut headers: Headers = Vec::new();
    let mut say = |name: &str, value: &str| headers.push((name.to_owned(), Some(Bytes::copy_from_slice(value.as_bytes()))));
    say("content-type", field(&http, "content-type")?);
    // Some unpack and leave the header: it counts only where the bytes agree.
    if raw.starts_with(&[0x1f, 0x8b]) {
        say("content-encoding", "gzip");
    }
    if let Some(url) = field(head, "warc-target-uri") {
        say("url", url.trim_matches(['<', '>']));
    }
    if let Some(date) = field(head, "warc-date") {
        say("fetched_at", date);
    }
    Some(Record { headers, raw: Some(raw.into()), ..Record::default() })
}

/// A body without its chunk marks; `None` when it has none.
fn unchunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = memchr::memchr(b'\n', body)?;
        let line = std::str::from_utf8(body.get(..end)?).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        body = body.get(end + 1..)?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(body.get(..size)?);
        body = body.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Body;
    use crate::settings::Decode;
    use crate::stage::decode::decode;

    fn record(kind: &str, url: &str, block: &str) -> String {
        let length = block.len();
        format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-03-10T14:05:00Z\r\n\
             Content-Length: {length}\r\n\r\n{block}\r\n\r\n"
        )
    }

    fn http(kind: &str, more: &str, body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}\r\n{body}")
    }

    fn pages(archive: &str) -> Vec<Record> {
        let mut input = archive.as_bytes();
        std::iter::from_fn(|| next(&mut input).unwrap()).collect()
    }

    #[test]
    fn pages_come_out_with_their_address_and_what_is_no_page_is_passed_over() {
        let archive = [
            record("warcinfo", "-", "software: crawler"),
            record("response", "https://daily.test/mill", &http("text/html; charset=utf-8", "", "<p>The mill of Korva.")),
            record("response", "https://daily.test/a.png", &http("image/png", "", "PNG")),
            record("request", "https://daily.test/b", "GET /b HTTP/1.1\r\n\r\n"),
            record("response", "https://daily.test/404", &http("text/html", "", "x").replace("200 OK", "404 No")),
            record("response", "https://daily.test/c", &http("text/html", "Transfer-Encoding: chunked\r\n", "4\r\n<p>T\r\n3;x\r\nwo.\r\n0\r\n\r\n")),
            record("response", "https://daily.test/d", &http("text/html", "Transfer-Encoding: chunked\r\n", "<p>No chunks here.")),
        ]
        .concat();
        let pages = pages(&archive);
        let read: Vec<_> =
            pages.iter().map(|p| decode(p.raw.as_deref(), &p.headers, &Decode::default()).unwrap()).collect();
        let urls: Vec<_> = read.iter().map(|article| article.head.url.as_deref().unwrap()).collect();
        assert_eq!(urls, ["https://daily.test/mill", "https://daily.test/c", "https://daily.test/d"]);
        assert_eq!(read[0].body, Body::Html("<p>The mill of Korva.".into()));
        assert_eq!(read[0].head.fetched_at.as_deref(), Some("2026-03-10T14:05:00Z"));
        assert_eq!(read[1].body, Body::Html("<p>Two.".into()));
        assert_eq!(read[2].body, Body::Html("<p>No chunks here.".into()));
    }

    #[test]
    fn what_is_no_archive_or_is_torn_is_an_error() {
        let torn = record("response", "https://daily.test/mill", &http("text/html", "", "<p>The mill."));
        for archive in ["{\"id\":1}\n", "WARC/1.0\r\nWARC-Type: response\r\n\r\n", &torn[..torn.len() - 9]] {
            let mut input = archive.as_bytes();
            assert!(next(&mut input).is_err(), "{archive}");
        }
        assert_eq!(pages("").len(), 0);
        let endless = format!("WARC/1.0\r\nx: {}", "y".repeat(200_000));
        assert!(next(&mut endless.as_bytes()).is_err());
    }

    #[test]
    fn archives_are_known_by_name() {
        assert!(is_archive(Path::new("a/CC-NEWS-1.WARC.gz")) && !is_archive(Path::new("a.jsonl.gz")));
    }
}
