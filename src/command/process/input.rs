//! Files and standard input as batches of lines, whichever way they are packed. What a line says is no matter here.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use anyhow::Context;

use crate::command::Exit;

/// Records read ahead at once: enough that no core idles at the end of a batch for long.
pub(super) const BATCH_RECORDS: usize = 2048;
/// ... and no more bytes than this.
pub(super) const BATCH_BYTES: usize = 64 << 20;
/// Longest line kept; of a longer one only the beginning is read, and it dies as too large.
const MAX_LINE: usize = 64 << 20;

pub(in crate::command) fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    open_counted(path, &Rc::default())
}

/// Opens a file whose bytes, as they lie there, are counted when they are read; those of standard input are not.
pub(in crate::command) fn open_counted(path: &Path, read: &Rc<Cell<u64>>) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return unpack(Box::new(io::stdin().lock())).context("reading standard input");
    }
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    if path.is_dir() {
        let shown = path.display();
        return Err(Exit::Io.because(format!("{shown} is a directory; name the files in it, such as {shown}/*.jsonl")));
    }
    unpack(Box::new(Counted { file, read: read.clone() })).with_context(|| format!("reading {}", path.display()))
}

struct Counted {
    file: File,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

/// Looks at the first bytes: gzip (several members too), zstd, or plain.
fn unpack(input: Box<dyn Read>) -> io::Result<Box<dyn BufRead>> {
    let mut input = BufReader::with_capacity(1 << 20, input);
    let start = input.fill_buf()?;
    Ok(match start {
        [0x1f, 0x8b, ..] => Box::new(BufReader::with_capacity(1 << 20, flate2::bufread::MultiGzDecoder::new(input))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            Box::new(BufReader::with_capacity(1 << 20, zstd::stream::read::Decoder::with_buffer(input)?))
        }
        _ => Box::new(input),
    })
}

/// The next lines, or `None` at the end.
pub(in crate::command) fn read_batch(input: &mut dyn BufRead) -> io::Result<Option<Vec<Vec<u8>>>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH_RECORDS && bytes < BATCH_BYTES {
        match read_line(input)? {
            Some(line) => {
                bytes += line.len();
                batch.push(line);
            }
            None if batch.is_empty() => return Ok(None),
            None => break,
        }
    }
    Ok(Some(batch))
}

/// One line without its end; of a line beyond the limit, what comes after the limit is passed over.
pub(super) fn read_line(input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let read = input.take(MAX_LINE as u64).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        line.pop_if(|last| *last == b'\r');
    } else if read == MAX_LINE {
        skip_line(input)?;
    }
    Ok(Some(line))
}

/// Whether a line holds nothing: it is no record.
pub(in crate::command) fn blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, done) = match memchr::memchr(b'\n', buffer) {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if done {
            return Ok(());
        }
    }
}
