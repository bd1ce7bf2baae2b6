//! Datelines of East Asia, where words are not parted.

use std::sync::LazyLock;

use super::{Line, WORDS};
use crate::stage::extract::agency;
use crate::stage::extract::date::{self, Context};
use crate::stage::table;

static BEFORE: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(WORDS, "before"));
static BEHIND: LazyLock<Vec<&'static str>> = LazyLock::new(|| table::group(WORDS, "behind"));

/// The dateline that a paragraph begins with: `新华社北京4月20日电`, `(서울=연합뉴스)`, `【ロンドン共同】`.
pub(super) fn unspaced(head: &str, context: &Context) -> Option<Line> {
    let (place, agency, day) = if let Some(rest) = head.strip_prefix(['(', '（']).filter(|rest| rest.contains('=')) {
        let (inner, _) = rest.split_once([')', '）'])?;
        let (place, agency) = inner.split_once('=')?;
        (place, agency::bracketed(agency)?, None)
    } else if let Some(rest) = head.strip_prefix(['【', '［', '[']) {
        let (inner, _) = rest.split_once(['】', '］', ']'])?;
        let (place, agency) = BEHIND.iter().find_map(|agency| Some((inner.strip_suffix(agency)?, *agency)))?;
        let place = place.trim_end_matches(|c: char| c.is_numeric() || matches!(c, '日' | '月' | '＝' | '=' | ' '));
        (place, agency::bracketed(agency)?, None)
    } else {
        let rest = BEFORE.iter().find_map(|agency| Some((head.strip_prefix(agency)?, *agency)));
        let (rest, agency) = rest?;
        let (inner, _) = rest.split_once(['电', '電'])?;
        let digit = inner.find(char::is_numeric)?;
        let day = date::month_day(&inner[digit..], context).map(|(year, month, day, _)| (year, month, day));
        (&inner[..digit], agency::bracketed(agency)?, day)
    };
    let place = place.trim();
    (1..=30).contains(&place.chars().count()).then(|| Line {
        place: place.to_owned(),
        places: place.split(['/', '·', '、']).map(str::to_owned).collect(),
        day,
        agency: Some(agency),
        byline: None,
        bare: false,
    })
}
