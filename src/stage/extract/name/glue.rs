//! Words that a page glues to a name, because its style draws them apart.

use super::LISTS;
use crate::article::Author;
use crate::stage::extract::date;
use crate::stage::quick::Set;

/// `ExamplePublished`, `ExampleWriter`: a word of the page's glued to a name parts where the capital stands.
pub(super) fn unglue(word: &str) -> [&str; 2] {
    let mut last_small = false;
    for (at, c) in word.char_indices() {
        if c.is_uppercase() && last_small {
            let tail = word[at..].trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            let listed = |list: &&Set<&str>| list.contains(tail.as_str());
            if [&LISTS.role, &LISTS.staff, &LISTS.tail, &LISTS.quality].iter().any(listed) || date::is_label(&tail) {
                return [&word[..at], &word[at..]];
            }
        }
        last_small = c.is_lowercase();
    }
    [word, ""]
}

/// A line with a blank behind the names of these people, where the page's style alone drew one.
pub(in crate::stage::extract) fn apart(line: &str, people: &[Author]) -> String {
    let mut line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    for name in people.iter().map(|author| author.name.as_str()) {
        if let Some(end) = line.find(name).map(|at| at + name.len())
            && line[end..].starts_with(char::is_uppercase)
            && line[..end].ends_with(char::is_lowercase)
        {
            line.insert(end, ' ');
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::people;
    use super::*;

    #[test]
    fn only_what_is_glued_to_a_name_is_parted() {
        for (line, parted) in [
            ("Ann ExamplePolitical editor", "Ann Example Political editor"),
            ("By Ann ExamplePublished: today", "By Ann Example Published: today"),
            ("Ana EjemploPublicado el", "Ana Ejemplo Publicado el"),
            ("Ann McExample", "Ann McExample"),
            ("By Ann Example, InfoWorld", "By Ann Example, InfoWorld"),
            ("Ann Example  Bob Sample", "Ann Example Bob Sample"),
        ] {
            assert_eq!(apart(line, &people(line)), parted, "{line}");
        }
    }
}
