//! A day that touches its neighbours because the page's style alone draws them apart: `De Santis10 Marzo 20262 minuti`.

use std::borrow::Cow;

use crate::stage::extract::date::{self, Context};

/// A line in which a day can be read: as it is, or with blanks before the day and behind the year, where only they let one be read.
pub(super) fn unstuck<'t>(text: &'t str, context: &Context) -> Cow<'t, str> {
    if text.len() > super::MAX_LINE || !text.contains("19") && !text.contains("20") {
        return Cow::Borrowed(text);
    }
    if !date::find(text, context).is_empty() {
        return Cow::Borrowed(text);
    }
    let parted = part(text);
    if parted.len() > text.len() && !date::find(&parted, context).is_empty() {
        return Cow::Owned(parted);
    }
    Cow::Borrowed(text)
}

/// Blanks between small letters and a number, and behind the four digits of a year that a number follows.
fn part(text: &str) -> String {
    let mut parted = String::with_capacity(text.len() + 4);
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (number, behind) = digits.split_at(length);
        parted.push_str(before);
        if before.ends_with(char::is_lowercase) {
            parted.push(' ');
        }
        let year = (5..=6).contains(&length) && (number.starts_with("19") || number.starts_with("20"));
        let (one, other) = number.split_at(if year { 4 } else { length });
        parted.push_str(one);
        if year {
            parted.push(' ');
        }
        parted.push_str(other);
        rest = behind;
    }
    parted.push_str(rest);
    parted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_parted_only_where_none_can_be_read_otherwise() {
        let it = Context { language: Some("it"), ..Context::default() };
        for (text, parted) in [
            ("di Anna Esempio10 Marzo 20262 minuti", "di Anna Esempio 10 Marzo 2026 2 minuti"),
            ("Ann Example5 February 20263 min read", "Ann Example 5 February 2026 3 min read"),
            ("di Anna Esempio 10 Marzo 2026", "di Anna Esempio 10 Marzo 2026"),
            ("Milano, via Esempio10, 20123", "Milano, via Esempio10, 20123"),
        ] {
            assert_eq!(unstuck(text, &it), parted);
        }
    }
}
