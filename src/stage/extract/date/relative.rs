//! Times printed relative to the reader: `3 hours ago`, `vor 2 Tagen`, `yesterday at 15:23`. They count from the moment the page
//! was fetched; without that moment they say nothing.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::Context;
use super::scan::Token;
use super::words::{self, Meaning, Unit};

/// A relative time resolved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Relative {
    /// Minutes or hours ago: an instant to the minute.
    Instant(Timestamp, usize),
    /// Days or weeks ago, today, yesterday: a day. A clock may follow.
    Day(Date, usize),
}

/// The relative time that begins at token `at`.
pub(super) fn at(tokens: &[Token], at: usize, text: &str, context: &Context) -> Option<Relative> {
    let token = tokens.get(at)?;
    if let Some(days) = named_day(token, context) {
        return Some(Relative::Day(context.today()?.checked_sub(SignedDuration::from_hours(24 * days)).ok()?, at + 1));
    }
    let (count, 1..=3) = token.number()? else { return None };
    let unit = tokens.get(at + 1)?;
    let unit_kind = unit.senses().iter().find_map(|sense| match sense.meaning {
        Meaning::Ago(unit) => Some(unit),
        _ => None,
    })?;
    let before = text.get(..token.start)?.chars().rev().take(12).collect::<Vec<_>>();
    let before: String = before.into_iter().rev().collect::<String>().to_lowercase();
    // "3 hours agoBy Ann": where a capital is glued on, a word ends
    let after: String = text.get(unit.end..)?.chars().take(12).collect();
    let glued = after.char_indices().skip(2).find(|(_, c)| c.is_uppercase()).map_or(after.len(), |(at, _)| at);
    let after = after[..glued].to_lowercase();
    words::is_ago(&before, &after).then_some(())?;
    let count = i64::try_from(count).ok()?;
    let fetched = context.fetched?;
    let end = at + 2;
    match unit_kind {
        Unit::Minute => Some(Relative::Instant(fetched.checked_sub(SignedDuration::from_mins(count)).ok()?, end)),
        Unit::Hour => Some(Relative::Instant(fetched.checked_sub(SignedDuration::from_hours(count)).ok()?, end)),
        Unit::Day => Some(Relative::Day(back(context, count)?, end)),
        Unit::Week => Some(Relative::Day(back(context, 7 * count)?, end)),
    }
}

fn back(context: &Context, days: i64) -> Option<Date> {
    context.today()?.checked_sub(SignedDuration::from_hours(24 * days)).ok()
}

/// Days back of `today` and `yesterday`, in the language of the page only: the words are everyday ones elsewhere.
fn named_day(token: &Token, context: &Context) -> Option<i64> {
    token.senses().iter().find_map(|sense| match sense.meaning {
        Meaning::Today if context.speaks(sense.language) => Some(0),
        Meaning::Yesterday if context.speaks(sense.language) => Some(1),
        _ => None,
    })
}
