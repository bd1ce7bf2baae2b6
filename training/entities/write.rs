//! Weights to a weights file: quantised, the weakest features left out.

use copydesk::stage::meaning::entity::lexicon::ENTRY;
use copydesk::stage::meaning::entity::model::{LABELS, MAGIC, Model, ModelError, SLOT, VERSION, slot};

use crate::crf::{Row, Weights};

/// How full the table of slots is at most. Fuller: a feature that is not there, as most are not, is searched for long (at 0.85 over
/// 20 slots, at 0.55 under 3). Emptier: a larger file.
const FILLED: f64 = 0.55;

/// A model of these weights, with at most `slots` slots.
pub fn model(weights: &Weights, lexicon: &[u8], slots: usize) -> Result<Model, ModelError> {
    Model::read(bytes(weights, lexicon, slots))
}

/// The bytes of the weights file.
pub fn bytes(weights: &Weights, lexicon: &[u8], slots: usize) -> Vec<u8> {
    // "none" is always 0: only differences between labels count
    let relative = |row: &Row| -> [f32; LABELS - 1] { std::array::from_fn(|label| row[label + 1] - row[0]) };
    let strength = |row: &[f32; LABELS - 1]| row.iter().map(|weight| weight.abs()).fold(0.0, f32::max);
    let mut rows: Vec<(u32, [f32; LABELS - 1])> =
        weights.features.iter().map(|(key, row)| (*key, relative(row))).collect();
    rows.sort_by(|a, b| strength(&b.1).total_cmp(&strength(&a.1)).then(a.0.cmp(&b.0)));
    // one weight in two thousand is cut off so that the rest is finer
    let top = rows.get(rows.len() / 2000).map_or(1.0, |(_, row)| strength(row)).max(1e-3);
    let step = top / 127.0;
    rows.retain(|(_, row)| strength(row) > step);
    let slots = ((rows.len() as f64 / FILLED) as usize + 1).min(slots);
    rows.truncate((slots as f64 * FILLED) as usize);
    let mut table = vec![[0u8; SLOT]; slots];
    for (key, row) in rows {
        let (mut at, check) = slot(key, slots);
        while table[at][..2] != [0, 0] {
            at = (at + 1) % slots;
        }
        table[at][..2].copy_from_slice(&check.to_le_bytes());
        for (byte, weight) in table[at][2..].iter_mut().zip(row) {
            *byte = (weight / step).round().clamp(-127.0, 127.0) as i8 as u8;
        }
    }
    let mut bytes = MAGIC.to_vec();
    for word in [VERSION, step.to_bits(), (lexicon.len() / ENTRY) as u32, slots as u32] {
        bytes.extend(word.to_le_bytes());
    }
    weights.transitions.iter().flatten().for_each(|weight| bytes.extend(weight.to_le_bytes()));
    bytes.extend_from_slice(lexicon);
    bytes.extend(table.concat());
    bytes
}
