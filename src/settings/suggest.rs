//! "Did you mean": the nearest of a few known names. Pure.

/// The name nearest to `word`, when it is near enough to be meant: a third of its letters wrong at most.
pub(super) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = word.chars().count().max(3) / 3;
    let distances = names.into_iter().map(|name| (distance(word, name), name));
    distances.filter(|(d, _)| *d <= allowed).min_by_key(|(d, _)| *d).map(|(_, name)| name)
}

/// Edits that lead from one word to the other: insert, delete, replace, swap two neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replace.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_near_and_other_words_are_not() {
        let names = ["brokers", "group", "memory", "window"];
        assert_eq!(nearest("brokres", names), Some("brokers"));
        assert_eq!(nearest("memroy", names), Some("memory"));
        assert_eq!(nearest("groups", names), Some("group"));
        assert_eq!(nearest("latency", names), None);
        assert_eq!(nearest("", names), None);
    }

    #[test]
    fn distances_are_those_of_the_definition() {
        for (a, b, d) in [("", "abc", 3), ("ab", "ba", 1), ("kitten", "sitting", 3), ("same", "same", 0)] {
            assert_eq!(distance(a, b), d, "{a} {b}");
        }
    }
}
