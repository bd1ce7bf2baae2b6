//! A response body as it comes in: counted, unpacked by the piece, and given up at the first byte over a limit.
//!
//! Never holds more than the limits allow, whatever length the server announces or packs.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use super::FetchError;
use crate::stage::decode::excerpt;

/// Most bytes that one packed byte may become. Real pages stay under 30.
const MAX_RATIO: u64 = 100;

/// Unpacked bytes from which the ratio counts; a small page of blanks packs better than any bomb.
const RATIO_FROM: u64 = 256 << 10;

/// Takes a body's pieces and gives the bytes they make.
pub struct Unpacker {
    packed: u64,
    max_packed: u64,
    max_body: u64,
    sink: Sink,
}

enum Sink {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

/// Bytes up to a limit; what goes over it is an error and is not kept.
struct Bounded {
    bytes: Vec<u8>,
    limit: u64,
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.full = (self.bytes.len() + piece.len()) as u64 > self.limit;
        if self.full {
            return Err(io::Error::other("over the limit"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Unpacker {
    /// For a body packed as `encoding`, the value of `content-encoding`; limits in bytes.
    pub fn new(encoding: &str, max_packed: u64, max_body: u64) -> Result<Unpacker, FetchError> {
        let bounded = Bounded { bytes: Vec::new(), limit: 0, full: false };
        let sink = match encoding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Sink::Plain(bounded),
            "gzip" | "x-gzip" => Sink::Gzip(Box::new(MultiGzDecoder::new(bounded))),
            _ => {
                let detail = format!("content-encoding is {}; only gzip, once, was asked for", excerpt(encoding));
                return Err(FetchError::NotAPage(detail));
            }
        };
        Ok(Unpacker { packed: 0, max_packed, max_body, sink })
    }

    /// Refuses a body by the length the server announces, before any of it is read.
    pub fn announce(&self, length: u64) -> Result<(), FetchError> {
        if length > self.max_packed { Err(self.over_packed()) } else { Ok(()) }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), FetchError> {
        self.packed += piece.len() as u64;
        if self.packed > self.max_packed {
            return Err(self.over_packed());
        }
        let limit = self.max_body.min(RATIO_FROM.max(self.packed.saturating_mul(MAX_RATIO)));
        let written = match &mut self.sink {
            Sink::Plain(bounded) => {
                bounded.limit = limit;
                bounded.write_all(piece)
            }
            Sink::Gzip(decoder) => {
                decoder.get_mut().limit = limit;
                decoder.write_all(piece).and_then(|()| decoder.flush())
            }
        };
        written.map_err(|error| self.broken(&error))
    }

    /// The whole body, unpacked.
    pub fn finish(mut self) -> Result<Vec<u8>, FetchError> {
        if self.packed == 0 {
            return Ok(Vec::new());
        }
        if let Sink::Gzip(decoder) = &mut self.sink
            && let Err(error) = decoder.try_finish()
        {
            return Err(self.broken(&error));
        }
        Ok(std::mem::take(&mut self.bounded().bytes))
    }

    fn bounded(&mut self) -> &mut Bounded {
        match &mut self.sink {
            Sink::Plain(bounded) => bounded,
            Sink::Gzip(decoder) => decoder.get_mut(),
        }
    }

    fn over_packed(&self) -> FetchError {
        FetchError::TooLarge(format!("more than {} bytes as sent; see fetch.max_packed", self.max_packed))
    }

    fn broken(&mut self, error: &io::Error) -> FetchError {
        if !self.bounded().full {
            return FetchError::NotAPage(format!("gzip body does not unpack: {}", error.to_string().to_lowercase()));
        }
        let limit = self.bounded().limit;
        FetchError::TooLarge(match limit == self.max_body {
            true => format!("more than {limit} bytes unpacked; see fetch.max_body"),
            false => format!("{} packed bytes became more than {limit}: a bomb", self.packed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack(encoding: &str, body: &[u8], piece: usize) -> Result<Vec<u8>, FetchError> {
        let mut unpacker = Unpacker::new(encoding, 100_000, 1_000_000)?;
        for piece in body.chunks(piece) {
            unpacker.push(piece)?;
        }
        unpacker.finish()
    }

    #[test]
    fn bodies_unpack_in_pieces_of_any_size() {
        let page: Vec<u8> = (0..20_000u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let packed = [gzip(&page[..1000]), gzip(&page[1000..])].concat();
        for piece in [1, 7, 4096, usize::MAX] {
            assert!(unpack("gzip", &packed, piece).unwrap() == page, "pieces of {piece}");
        }
        assert_eq!(unpack("", b"plain", 2).unwrap(), b"plain");
        assert_eq!(unpack("gzip", b"", 2).unwrap(), b"");
    }

    #[test]
    fn a_body_cut_short_or_packed_otherwise_is_no_page() {
        let packed = gzip(b"a page of some length that is cut");
        for cut in [1, 9, 20, packed.len() - 9, packed.len() - 1] {
            assert!(matches!(unpack("gzip", &packed[..cut], 5), Err(FetchError::NotAPage(_))), "cut at {cut}");
        }
        for encoding in ["br", "gzip, gzip", "gzip,gzip", "deflate", "?"] {
            assert!(matches!(unpack(encoding, &packed, 5), Err(FetchError::NotAPage(_))), "{encoding}");
        }
        assert!(matches!(unpack("gzip", b"not packed", 5), Err(FetchError::NotAPage(_))));
    }

    #[test]
    fn every_limit_has_both_edges() {
        assert_eq!(unpack("", &[1; 100_000], 999).unwrap().len(), 100_000);
        assert!(matches!(unpack("", &[1; 100_001], 999), Err(FetchError::TooLarge(_))));
        let blanks = |n| gzip(&vec![b' '; n]);
        assert_eq!(unpack("gzip", &blanks(RATIO_FROM as usize), 999).unwrap().len(), RATIO_FROM as usize);
        let bomb = unpack("gzip", &blanks(RATIO_FROM as usize + 1), 999).unwrap_err();
        assert!(matches!(&bomb, FetchError::TooLarge(d) if d.ends_with("a bomb")), "{bomb}");
        let lines: Vec<u8> = (0..200_000u32).flat_map(|n| [n as u8, (n >> 8) as u8, 0, 0, 0, 0]).collect();
        let large = unpack("gzip", &gzip(&lines), 999).unwrap_err();
        assert!(matches!(&large, FetchError::TooLarge(_)), "{large}");
        let unpacker = Unpacker::new("", 10, 10).unwrap();
        assert!(unpacker.announce(10).is_ok() && unpacker.announce(11).is_err());
    }

    #[test]
    fn a_bomb_is_given_up_before_it_is_held() {
        let bomb = gzip(&vec![0; 64 << 20]);
        let mut unpacker = Unpacker::new("gzip", 1 << 20, 20 << 20).unwrap();
        let failed = bomb.chunks(16 << 10).find_map(|piece| unpacker.push(piece).err());
        assert!(matches!(failed, Some(FetchError::TooLarge(_))), "{failed:?}");
        assert!(unpacker.bounded().bytes.capacity() <= 4 << 20);
    }
}
