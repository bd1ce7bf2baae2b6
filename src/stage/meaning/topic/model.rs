//! A linear model in a small file: for every known word how rare it is and what it says for and against each class.
//!
//! The file: `CDT1`, number of classes (u8), for each class its name (length u8, bytes), scale and bias (f32); number of words
//! (u32), for each word its hash (u32), rarity (u8, in sixteenths), number of weights (u8), and these (class u8, weight i8).
//! Little-endian, words in the order of their hashes. Every length is checked before it is used.

/// One linear classifier a class, over the same words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// What a weight of 1 stands for, and what a class has from the start.
    pub scales: Vec<(f32, f32)>,
    /// Hash, rarity and first weight of each word, by hash.
    pub words: Vec<(u32, u8, u32)>,
    /// Class and weight, word by word.
    pub weights: Vec<(u8, i8)>,
}

/// Steps of the stored rarity in one unit.
pub const RARITY_STEPS: f32 = 16.0;
const MAGIC: &[u8; 4] = b"CDT1";

impl Model {
    /// Reads a file; `None` when it is none.
    pub fn read(file: &[u8]) -> Option<Model> {
        let mut file = file.strip_prefix(MAGIC)?;
        let mut model = Model::default();
        for _ in 0..take::<1>(&mut file)?[0] {
            let length = usize::from(take::<1>(&mut file)?[0]);
            let (name, rest) = file.split_at_checked(length)?;
            file = rest;
            model.classes.push(String::from_utf8(name.to_vec()).ok()?);
            model.scales.push((f32::from_le_bytes(take(&mut file)?), f32::from_le_bytes(take(&mut file)?)));
        }
        for _ in 0..u32::from_le_bytes(take(&mut file)?) {
            let hash = u32::from_le_bytes(take(&mut file)?);
            let [rarity, count] = take(&mut file)?;
            model.words.push((hash, rarity, model.weights.len() as u32));
            for _ in 0..count {
                let [class, weight] = take(&mut file)?;
                (usize::from(class) < model.classes.len()).then_some(())?;
                model.weights.push((class, weight as i8));
            }
        }
        file.is_empty().then_some(model)
    }

    /// The file that [`Model::read`] reads. No class may have a name longer than 255 bytes, no word more than 255 weights.
    pub fn write(&self) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
        file.push(self.classes.len() as u8);
        for (name, (scale, bias)) in self.classes.iter().zip(&self.scales) {
            file.push(name.len() as u8);
            file.extend(name.as_bytes());
            file.extend(scale.to_le_bytes());
            file.extend(bias.to_le_bytes());
        }
        file.extend((self.words.len() as u32).to_le_bytes());
        for (at, (hash, rarity, _)) in self.words.iter().enumerate() {
            let weights = self.weights_of(at);
            file.extend(hash.to_le_bytes());
            file.extend([*rarity, weights.len() as u8]);
            weights.iter().for_each(|(class, weight)| file.extend([*class, *weight as u8]));
        }
        file
    }

    fn weights_of(&self, word: usize) -> &[(u8, i8)] {
        let first = self.words.get(word).map_or(0, |word| word.2 as usize);
        let end = self.words.get(word + 1).map_or(self.weights.len(), |word| word.2 as usize);
        self.weights.get(first..end).unwrap_or_default()
    }

    /// The score of each class for a bag of words: above zero it is more likely than not.
    pub fn scores(&self, bag: &[(u32, u32)]) -> Vec<f32> {
        let mut sums = vec![0.0; self.classes.len()];
        let mut square = 0.0;
        for (hash, count) in bag {
            let Ok(at) = self.words.binary_search_by_key(hash, |word| word.0) else { continue };
            let value = value(*count, f32::from(self.words[at].1) / RARITY_STEPS);
            square += value * value;
            for (class, weight) in self.weights_of(at) {
                sums[usize::from(*class)] += value * f32::from(*weight);
            }
        }
        let length = square.sqrt().max(1e-6);
        sums.iter().zip(&self.scales).map(|(sum, (scale, bias))| sum / length * scale + bias).collect()
    }
}

/// What a word counts in a text: how often it stands there, damped, times how rare it is.
pub fn value(count: u32, rarity: f32) -> f32 {
    (1.0 + (count as f32).ln()) * rarity
}

fn take<const N: usize>(file: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = file.split_first_chunk::<N>()?;
    *file = rest;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Model {
        Model {
            classes: vec!["a".to_owned(), "b".to_owned()],
            scales: vec![(0.1, -0.5), (0.2, 0.25)],
            words: vec![(7, 16, 0), (9, 32, 1)],
            weights: vec![(0, 100), (0, -20), (1, 50)],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let file = small().write();
        assert_eq!(Model::read(&file), Some(small()));
        for cut in 0..file.len() {
            assert_eq!(Model::read(&file[..cut]), None);
        }
        assert_eq!(Model::read(&[&file[..], &[0]].concat()), None);
    }

    #[test]
    fn scores_are_what_the_weights_say() {
        assert_eq!(small().scores(&[(7, 1), (8, 5)]), [100.0 * 0.1 - 0.5, 0.25]);
        assert_eq!(small().scores(&[]), [-0.5, 0.25]);
    }
}
