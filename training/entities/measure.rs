//! Precision, recall and F1 of names: exact spans, as the CoNLL scorer counts them.

use copydesk::stage::meaning::entity::tagger::Name;

use crate::corpus::Allowed;

/// Counts for each kind: right, found, wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally([[u32; 3]; 4]);

impl Tally {
    /// Adds a document.
    pub fn add(&mut self, found: &[Name], allowed: &[Allowed]) {
        let wanted = names(allowed);
        for (start, end, kind) in &wanted {
            self.0[*kind][2] += 1;
            self.0[*kind][0] += u32::from(found.iter().any(|n| (n.start, n.end, n.kind) == (*start, *end, *kind)));
        }
        found.iter().for_each(|name| self.0[name.kind][1] += 1);
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Tally) {
        self.0.iter_mut().flatten().zip(other.0.iter().flatten()).for_each(|(own, other)| *own += other);
    }

    /// F1 over some kinds, in percent.
    pub fn f1(&self, kinds: &[usize]) -> f64 {
        let sum = |at: usize| f64::from(kinds.iter().map(|kind| self.0[*kind][at]).sum::<u32>());
        200.0 * sum(0) / (sum(1) + sum(2)).max(1.0)
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = |part: u32, whole: u32| 100.0 * f64::from(part) / f64::from(whole.max(1));
        write!(f, "F1 {:.2} (all four {:.2})", self.f1(&[0, 1, 2]), self.f1(&[0, 1, 2, 3]))?;
        for (name, kind) in ["PER", "ORG", "LOC", "MISC"].iter().zip(0..) {
            let [right, found, wanted] = self.0[kind];
            let (p, r) = (share(right, found), share(right, wanted));
            write!(f, "  {name} {:.1} (P {p:.1} R {r:.1})", self.f1(&[kind]))?;
        }
        Ok(())
    }
}

/// The names that labels spell out.
pub fn names(allowed: &[Allowed]) -> Vec<(usize, usize, usize)> {
    let mut names: Vec<(usize, usize, usize)> = Vec::new();
    for (at, allowed) in allowed.iter().enumerate() {
        let label = allowed.trailing_zeros() as usize;
        if allowed.count_ones() != 1 || label == 0 {
            continue;
        }
        match names.last_mut() {
            Some((_, end, kind)) if *end == at && label == 2 + 2 * *kind => *end += 1,
            _ => names.push((at, at + 1, (label - 1) / 2)),
        }
    }
    names
}
