//! Lines that say who made a piece and nothing else: names behind a word such as `By`, or an office and its house.

use super::{LISTS, Part, parts, people, without_lead};

/// True for `Words: Ann Example. Pictures: Bob Sample` and for `Political reporter, Quay News`.
pub(in crate::stage::extract) fn is_makers(line: &str) -> bool {
    let named = || parts(line).iter().all(|part| !matches!(part, Part::Other(_))) && !people(line).is_empty();
    without_lead(line).0.is_some() && named() || is_office_line(line)
}

/// An office or newsroom, and the house it belongs to.
fn is_office_line(line: &str) -> bool {
    let mut parts = line.split([',', '|', '•', '·']).map(str::trim);
    let first: Vec<String> = parts.next().unwrap_or("").split_whitespace().map(str::to_lowercase).collect();
    let office = first.last().is_some_and(|word| LISTS.role.contains(word.as_str()))
        && first.iter().rev().skip(1).all(|word| LISTS.quality.contains(word.as_str()));
    let newsroom = matches!(first.as_slice(), [only] if LISTS.newsroom.contains(only.as_str()));
    let rest: Vec<&str> = parts.collect();
    let whole = if rest.is_empty() { office && first.len() > 1 } else { office || newsroom };
    whole && rest.len() < 3 && rest.into_iter().all(is_house)
}

/// The name of a newspaper, agency or channel.
fn is_house(name: &str) -> bool {
    let is_named = |word: &str| word.starts_with(char::is_uppercase) || LISTS.particle.contains(word);
    name.split_whitespace().all(is_named)
        && name.split_whitespace().any(|word| LISTS.outlet.contains(word.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_makers_holds_names_behind_a_lead_or_an_office() {
        for line in [
            "De nuestros corresponsales Ana Ejemplo y Luis Muestra",
            "Words: Ann Example. Pictures: Bob Sample",
            "Political reporter, Quay News",
            "Redação, O Correio Online",
            "Senior political correspondent",
        ] {
            assert!(is_makers(line), "{line}");
        }
        for line in [
            "Words: a short history of the dictionary",
            "Redação do exame terá novo tema",
            "By the harbour wall",
            "Reporter",
            "Editor, mother and sailor",
            "Nurse, Quay",
            "De nuestros mares",
        ] {
            assert!(!is_makers(line), "{line}");
        }
        let names: Vec<_> =
            people("Words: Ann Example. Pictures: Bob Sample").into_iter().map(|author| author.name).collect();
        assert_eq!(names, ["Ann Example"]);
    }
}
