//! The publication time where only a script holds it, whatever the script is. Read as text: no script is run, none is parsed.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// The publication time in the data of any script: `"datePublished":"2022-04-20`, `\"publishedAt\":\"2022-04-20`.
pub(super) fn scripted(script: &str) -> Option<String> {
    static KEYS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        AhoCorasick::new([
            "datePublished",
            "publishedDate",
            "publishDate",
            "first_publication_date",
            "published_at",
            "publishedAt",
            "publish_date",
            "publicationDate",
            "published_time",
            "firstPublished",
        ])
        .ok()
    });
    KEYS.as_ref()?.find_iter(script).take(20).find_map(|found| {
        let rest = script.get(found.end()..)?;
        let start = rest.bytes().take(16).position(|b| b.is_ascii_digit())?;
        let signs = rest.get(..start)?;
        let value: String = rest
            .get(start..)?
            .chars()
            .take_while(|c| !matches!(c, '"' | '\\' | '<' | '&' | ',' | '}'))
            .take(40)
            .collect();
        let is_value = signs.contains(':') && signs.chars().all(|c| !c.is_alphanumeric() || "quot".contains(c));
        (is_value && (value.starts_with("20") || value.starts_with("19"))).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_behind_a_known_key_is_read_however_it_is_quoted() {
        for (script, expected) in [
            (r#"{"datePublished":"2022-04-20T06:00:00Z"}"#, Some("2022-04-20T06:00:00Z")),
            (r#"data = "{\"publishedAt\":\"2022-04-20\"}""#, Some("2022-04-20")),
            ("{&quot;publish_date&quot;:&quot;2022-04-20&quot;}", Some("2022-04-20")),
            (r#"{"datePublished":null,"publishedDate":"1999-12-31"}"#, Some("1999-12-31")),
            (r#"{"datePublished":"soon"}"#, None),
            (r#"{"updated":"2022-04-20"}"#, None),
        ] {
            assert_eq!(scripted(script).as_deref(), expected, "{script}");
        }
    }
}
