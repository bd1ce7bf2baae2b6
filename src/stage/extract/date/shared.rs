//! A zone printed once for all the times of a line: `12 Mar 2026 03:15PM (Updated: 12 Mar 2026 05:40PM SGT)`.

use jiff::SignedDuration;

use super::Found;
use crate::article::ZoneSource;

/// Most days between two times that share an offset. More: the clocks may have changed between them.
const NEAR: i32 = 7;

/// Gives the times of a line the zone that is printed behind the last of them, where they have none of their own.
pub(super) fn zone(found: &mut [Found]) {
    let Some((last, before)) = found.split_last_mut() else { return };
    let Some((_, offset)) = last.stamp.instant else { return };
    if last.stamp.published.zone_source != Some(ZoneSource::Abbreviation) {
        return;
    }
    for stamp in before.iter_mut().map(|found| &mut found.stamp) {
        let own = !matches!(stamp.published.zone_source, Some(ZoneSource::Assumed | ZoneSource::Site));
        let near = (last.stamp.day - stamp.day).get_days().abs() <= NEAR;
        let Some((at, seconds)) = stamp.instant.filter(|_| near && !own) else { continue };
        let shift = SignedDuration::from_secs(i64::from(seconds - offset));
        if let Ok(moved) = at.checked_add(shift) {
            stamp.instant = Some((moved, offset));
            stamp.published.zone_source = Some(ZoneSource::Abbreviation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, find};

    fn values(text: &str) -> Vec<String> {
        find(text, &Context::default()).iter().map(|found| found.stamp.value()).collect()
    }

    #[test]
    fn a_zone_behind_the_last_time_holds_for_those_before_it() {
        for (text, expected) in [
            (
                "Published: 12 Mar 2026 03:15PM (Updated: 12 Mar 2026 05:40PM SGT)",
                ["2026-03-12T15:15:00+08:00", "2026-03-12T17:40:00+08:00"],
            ),
            (
                "12 Mar 2026 15:15 GMT (Updated: 12 Mar 2026 17:40 SGT)",
                ["2026-03-12T15:15:00Z", "2026-03-12T17:40:00+08:00"],
            ),
            (
                "12 Jan 2026 15:15 (Updated: 12 Jul 2026 17:40 BST)",
                ["2026-01-12T15:15:00Z", "2026-07-12T17:40:00+01:00"],
            ),
            ("12 Mar 2026 (Updated: 13 Mar 2026 17:40 SGT)", ["2026-03-12", "2026-03-13T17:40:00+08:00"]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }
}
