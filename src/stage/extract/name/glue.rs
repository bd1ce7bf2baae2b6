//! Words that a page glues to a name, because its style draws them apart.

use super::LISTS;

/// `ExamplePublished`, `ExampleWriter`: a word of the page's glued to a name parts where the capital stands.
pub(super) fn unglue(word: &str) -> [&str; 2] {
    let mut last_small = false;
    for (at, c) in word.char_indices() {
        if c.is_uppercase() && last_small {
            let tail = word[at..].trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            if [&LISTS.role, &LISTS.staff, &LISTS.tail, &LISTS.quality].iter().any(|list| list.contains(tail.as_str()))
            {
                return [&word[..at], &word[at..]];
            }
        }
        last_small = c.is_lowercase();
    }
    [word, ""]
}

/// A line with such words parted from the names before them.
pub(in crate::stage::extract) fn unglued(line: &str) -> String {
    line.split_whitespace().flat_map(unglue).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_the_page_are_parted_from_a_name() {
        for (line, parted) in [
            ("Ann ExamplePolitical editor", "Ann Example Political editor"),
            ("By Ann ExamplePublished: today", "By Ann Example Published: today"),
            ("Ann McExample", "Ann McExample"),
            ("Ann Example  Bob Sample", "Ann Example Bob Sample"),
        ] {
            assert_eq!(unglued(line), parted, "{line}");
        }
    }
}
