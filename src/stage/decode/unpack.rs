//! Takes one layer of gzip or zstd off a value, up to a limit. Never unpacks further than the limit, whatever the packed
//! bytes promise, and never a second layer.

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;

use super::{excerpt, reject};
use crate::outcome::{Reason, Rejection};

/// Largest zstd window, as a power of two: 16 MiB. Higher: a few bytes make the decoder reserve the window they name.
/// Lower: levels above 19 no longer unpack.
const WINDOW_LOG: u32 = 24;

/// How a value is packed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
        }
    }

    /// By the first bytes.
    fn of(bytes: &[u8]) -> Option<Packing> {
        match bytes {
            [0x1f, 0x8b, ..] => Some(Packing::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// By the `content-encoding` header.
    fn named(encoding: &str) -> Result<Option<Packing>, Rejection> {
        match encoding.to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Packing::Gzip)),
            "zstd" => Ok(Some(Packing::Zstd)),
            _ => Err(bad(format!("content-encoding is {}; send gzip, zstd or nothing, once", excerpt(encoding)))),
        }
    }
}

/// How a value is packed, by its first bytes.
pub(super) fn packing(value: &[u8]) -> Option<&'static str> {
    Packing::of(value).map(Packing::name)
}

/// The value without its packing, which the first bytes show or `encoding` names; at most `limit` bytes.
pub(super) fn unpack<'v>(value: &'v [u8], encoding: Option<&str>, limit: u64) -> Result<Cow<'v, [u8]>, Rejection> {
    let seen = Packing::of(value);
    if let Some(named) = Packing::named(encoding.unwrap_or_default())?
        && seen != Some(named)
        && !value.is_empty()
    {
        let name = named.name();
        return Err(bad(format!("content-encoding is {name}, but the value does not begin like {name}")));
    }
    let Some(packing) = seen else { return plain(value, limit) };
    let bytes = match read(packing, value, limit) {
        Ok(bytes) => bytes,
        Err(error) => return Err(bad(format!("{} value does not unpack: {}", packing.name(), cause(&error)))),
    };
    if bytes.len() as u64 > limit {
        return Err(too_large(format!("{} value unpacks to more than {limit} bytes", packing.name())));
    }
    match Packing::of(&bytes) {
        Some(inner) => Err(bad(format!("{} inside {}; pack once", inner.name(), packing.name()))),
        None => Ok(Cow::Owned(bytes)),
    }
}

fn plain(value: &[u8], limit: u64) -> Result<Cow<'_, [u8]>, Rejection> {
    if value.len() as u64 > limit {
        return Err(too_large(format!("the value has {} bytes, more than {limit}", value.len())));
    }
    Ok(Cow::Borrowed(value))
}

/// Unpacks `limit` bytes and one more, by which the caller sees that there would be more.
fn read(packing: Packing, value: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = limit.saturating_add(1);
    match packing {
        Packing::Gzip => MultiGzDecoder::new(value).take(most).read_to_end(&mut bytes)?,
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(value)?;
            decoder.window_log_max(WINDOW_LOG)?;
            decoder.take(most).read_to_end(&mut bytes)?
        }
    };
    Ok(bytes)
}

fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => error.to_string().to_lowercase(),
    }
}

fn bad(detail: String) -> Rejection {
    reject(Reason::BadCompression, detail)
}

fn too_large(what: String) -> Rejection {
    reject(Reason::TooLarge, format!("{what}; raise decode.max_body or send less"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn reason(value: &[u8], encoding: Option<&str>) -> Reason {
        unpack(value, encoding, 1000).unwrap_err().reason
    }

    #[test]
    fn packed_values_are_known_by_their_first_bytes() {
        assert_eq!(&*unpack(&gzip(b"story"), None, 1000).unwrap(), b"story");
        assert_eq!(&*unpack(&zstd::encode_all(&b"story"[..], 3).unwrap(), None, 1000).unwrap(), b"story");
        assert_eq!(&*unpack(b"story", Some("identity"), 1000).unwrap(), b"story");
        let two_members = [gzip(b"sto"), gzip(b"ry")].concat();
        assert_eq!(&*unpack(&two_members, Some("GZIP"), 1000).unwrap(), b"story");
    }

    #[test]
    fn what_does_not_unpack_is_bad_compression() {
        let (gz, zst) = (gzip(&[7; 500]), zstd::encode_all(&[7u8; 500][..], 3).unwrap());
        for cut in [2, 9, gz.len() - 9, gz.len() - 1] {
            assert_eq!(reason(&gz[..cut], None), Reason::BadCompression, "gzip cut at {cut}");
        }
        for cut in [4, 6, zst.len() - 1] {
            assert_eq!(reason(&zst[..cut], None), Reason::BadCompression, "zstd cut at {cut}");
        }
        assert_eq!(reason(b"{}", Some("gzip")), Reason::BadCompression);
        assert_eq!(reason(&gz, Some("zstd")), Reason::BadCompression);
        assert_eq!(reason(&gz, Some("gzip, gzip")), Reason::BadCompression);
        assert_eq!(reason(&gz, Some("br")), Reason::BadCompression);
        assert_eq!(reason(&gzip(&gz), None), Reason::BadCompression);
        assert!(unpack(&gz[..20], None, 1000).unwrap_err().detail.contains("ends too early"));
    }

    #[test]
    fn a_value_at_the_limit_passes_and_one_byte_more_does_not() {
        assert_eq!(unpack(&gzip(&[b' '; 1000]), None, 1000).unwrap().len(), 1000);
        assert_eq!(reason(&gzip(&[b' '; 1001]), None), Reason::TooLarge);
        assert_eq!(reason(&[b' '; 1001], None), Reason::TooLarge);
    }

    #[test]
    fn a_bomb_costs_no_more_than_the_limit() {
        let gz = gzip(&vec![0; 64 << 20]);
        let bytes = read(Packing::Gzip, &gz, 100_000).unwrap();
        assert!(bytes.len() == 100_001 && bytes.capacity() < 400_000, "{}", bytes.capacity());
        let zst = zstd::encode_all(&vec![0u8; 64 << 20][..], 19).unwrap();
        assert!(read(Packing::Zstd, &zst, 100_000).unwrap().capacity() < 400_000);
    }

    #[test]
    fn a_zstd_frame_that_wants_a_huge_window_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(b"story").unwrap();
        encoder.flush().unwrap();
        let frame = encoder.finish().unwrap();
        assert_eq!(reason(&frame, None), Reason::BadCompression);
    }
}
