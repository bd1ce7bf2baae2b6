//! Bytes to Unicode code points.

/// Bytes between two counts that are kept. Smaller: more memory; larger: more bytes to count at each question.
const STEP: usize = 128;

/// Answers how many code points stand before a byte of a text.
pub struct Offsets<'t> {
    text: &'t [u8],
    /// Code points before each `STEP`th byte; empty for ASCII, where both counts are one.
    counts: Vec<u32>,
}

impl<'t> Offsets<'t> {
    /// Counts once through the text.
    pub fn new(text: &'t str) -> Offsets<'t> {
        let text = text.as_bytes();
        let mut counts = Vec::new();
        if !text.is_ascii() {
            let mut sum = 0;
            for block in text.chunks(STEP) {
                counts.push(sum);
                sum += begun(block);
            }
            counts.push(sum);
        }
        Offsets { text, counts }
    }

    /// Code points before `byte`, which must not lie behind the text's end.
    pub fn of(&self, byte: usize) -> u32 {
        let Some(before) = self.counts.get(byte / STEP) else { return byte as u32 };
        before + begun(self.text.get(byte / STEP * STEP..byte).unwrap_or_default())
    }
}

/// Code points that begin in these bytes.
fn begun(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_counting_would() {
        for text in ["", "plain", "„äß“ 日本 ", &"é1日😀".repeat(200), &"x".repeat(500)] {
            let offsets = Offsets::new(text);
            for (points, (byte, _)) in text.char_indices().chain([(text.len(), ' ')]).enumerate() {
                assert_eq!(offsets.of(byte), points as u32);
            }
        }
    }
}
