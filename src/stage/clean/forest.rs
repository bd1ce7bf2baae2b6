//! A boosted forest of small decision trees, read from its text form: numbers in, a score out.
//!
//! It never sees a page; what its numbers mean is said in [`super::evidence`].

/// A tree's node. Nodes lie in preorder: the branch for values up to the threshold follows its node.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// The number asked for; [`LEAF`] for a leaf.
    feature: u8,
    /// Where the other branch begins.
    above: u32,
    /// The threshold, or the score of a leaf.
    value: f32,
}

const LEAF: u8 = u8::MAX;

/// Trees after which a score may already be certain.
const FIRST: usize = 30;

/// The trees of one forest.
#[derive(Debug)]
pub(super) struct Forest {
    nodes: Vec<Node>,
    /// Where each tree begins.
    roots: Vec<u32>,
}

impl Forest {
    /// Reads a forest: a line a tree, its nodes in preorder, `7<0.5` for "number 7 is at most 0.5", `=0.1` for a leaf. Lines
    /// that begin with `#` are passed over, and a line that is no tree is none.
    pub(super) fn read(text: &str) -> Forest {
        let mut forest = Forest { nodes: Vec::new(), roots: Vec::new() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let start = forest.nodes.len();
            if forest.tree(line).is_some() {
                forest.roots.push(start as u32);
            } else {
                forest.nodes.truncate(start);
            }
        }
        forest
    }

    /// Adds a tree; `None` when the line is not exactly one.
    fn tree(&mut self, line: &str) -> Option<()> {
        let mut open: Vec<usize> = Vec::new(); // nodes that wait for their second branch
        let mut ended = false;
        for word in line.split_ascii_whitespace() {
            if std::mem::take(&mut ended) {
                let node = open.pop()?;
                self.nodes[node].above = self.nodes.len() as u32;
            }
            if let Some(score) = word.strip_prefix('=') {
                self.nodes.push(Node { feature: LEAF, above: 0, value: score.parse().ok()? });
                ended = true;
            } else {
                let (feature, threshold) = word.split_once('<')?;
                open.push(self.nodes.len());
                self.nodes.push(Node { feature: feature.parse().ok()?, above: 0, value: threshold.parse().ok()? });
            }
        }
        (ended && open.is_empty()).then_some(())
    }

    /// How many trees there are.
    #[cfg(test)]
    pub(super) fn trees(&self) -> usize {
        self.roots.len()
    }

    /// The numbers that are asked for.
    #[cfg(test)]
    pub(super) fn features(&self) -> impl Iterator<Item = usize> + '_ {
        self.nodes.iter().filter(|node| node.feature != LEAF).map(|node| usize::from(node.feature))
    }

    /// The score of a row: above 0 speaks for, below 0 against. Stops early once it is beyond `certain` either way.
    pub(super) fn score(&self, row: &[f32], certain: f32) -> f32 {
        let mut sum = 0.0f32;
        for (i, root) in self.roots.iter().enumerate() {
            if i == FIRST && sum.abs() > certain {
                break;
            }
            sum += self.leaf(*root, row);
        }
        sum
    }

    fn leaf(&self, root: u32, row: &[f32]) -> f32 {
        let mut at = root as usize;
        while let Some(node) = self.nodes.get(at) {
            if node.feature == LEAF {
                return node.value;
            }
            let value = row.get(usize::from(node.feature)).copied().unwrap_or(0.0);
            at = if value <= node.value { at + 1 } else { node.above as usize };
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forest_adds_up_its_trees() {
        let forest = Forest::read("# head\n0<0.5 1<2 =1 =2 =-4\n=0.25\n");
        assert_eq!(forest.roots.len(), 2);
        assert_eq!(forest.score(&[0.5, 2.0], 9.0), 1.25);
        assert_eq!(forest.score(&[0.5, 2.1], 9.0), 2.25);
        assert_eq!(forest.score(&[0.6, 0.0], 9.0), -3.75);
    }

    #[test]
    fn what_is_no_tree_is_passed_over() {
        for line in ["", "0<0.5 =1", "=1 =2", "x<1 =1 =2", "0<1 =1 =2 =3", "0 =1 =2"] {
            let forest = Forest::read(line);
            assert!(forest.roots.is_empty() && forest.nodes.is_empty(), "{line}");
        }
    }

    #[test]
    fn a_score_that_is_certain_early_costs_no_more_trees() {
        let forest = Forest::read(&"=0.1\n".repeat(100));
        assert!((forest.score(&[], 2.0) - 3.0).abs() < 1e-4);
        assert!((forest.score(&[], 4.0) - 10.0).abs() < 1e-4);
    }
}
