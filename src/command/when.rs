//! Points in time and paces as people type them.

use std::time::{Duration, Instant};

use crate::settings;

/// A point in time: `24h` ago, a day (its beginning in UTC), or RFC 3339. Milliseconds since 1970-01-01 UTC.
///
/// # Errors
/// What to write instead.
pub(super) fn time(text: &str) -> Result<i64, String> {
    at(text, jiff::Timestamp::now())
}

fn at(text: &str, now: jiff::Timestamp) -> Result<i64, String> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time.as_millisecond());
    }
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        let midnight = jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|error| error.to_string())?;
        return Ok(midnight.as_millisecond());
    }
    let ago =
        settings::duration(text).map_err(|_| "write 24h (ago), 2026-03-10, or 2026-03-10T14:05:00Z".to_owned())?;
    Ok(now.as_millisecond().saturating_sub(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX)))
}

/// Milliseconds since 1970-01-01 UTC to the second, for a table; a dash where no time is known.
pub(super) fn shown(millis: Option<i64>) -> String {
    let time = millis.and_then(|millis| jiff::Timestamp::from_second(millis.div_euclid(1000)).ok());
    time.map_or_else(|| "-".to_owned(), |time| time.to_string())
}

/// So many a second and no more.
#[derive(Debug)]
pub(super) struct Pace {
    rate: f64,
    begun: Instant,
    done: u64,
}

impl Pace {
    /// `rate` a second; 0 is without a limit.
    pub fn new(rate: f64) -> Pace {
        Pace { rate, begun: Instant::now(), done: 0 }
    }

    /// Waits until the next one is due.
    pub fn wait(&mut self) {
        if let Some(early) = due(self.done, self.rate).checked_sub(self.begun.elapsed()) {
            std::thread::sleep(early);
        }
        self.done += 1;
    }
}

/// When number `n` (from 0) is due after the first.
fn due(n: u64, rate: f64) -> Duration {
    if rate <= 0.0 { Duration::ZERO } else { Duration::try_from_secs_f64(n as f64 / rate).unwrap_or(Duration::MAX) }
}

/// A rate on the command line: records a second, 0 for no limit.
///
/// # Errors
/// What to write instead.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate >= 0.0);
    rate.ok_or_else(|| "write records a second, such as 50 or 0.5; 0 is without a limit".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_ago_days_or_points() {
        let now: jiff::Timestamp = "2026-03-10T14:05:00Z".parse().unwrap();
        let at = |text: &str| at(text, now).map(|millis| shown(Some(millis)));
        assert_eq!(at("24h"), Ok("2026-03-09T14:05:00Z".into()));
        assert_eq!(at("2026-03-01"), Ok("2026-03-01T00:00:00Z".into()));
        assert_eq!(at("2026-03-01T10:00:00+02:00"), Ok("2026-03-01T08:00:00Z".into()));
        assert!(at("yesterday").unwrap_err().contains("24h"));
        assert_eq!(shown(None), "-");
    }

    #[test]
    fn a_pace_is_kept() {
        assert_eq!(due(0, 50.0), Duration::ZERO);
        assert_eq!(due(100, 50.0), Duration::from_secs(2));
        assert_eq!(due(100, 0.0), Duration::ZERO);
        let begun = Instant::now();
        let mut pace = Pace::new(100.0);
        (0..6).for_each(|_| pace.wait());
        assert!(begun.elapsed() >= Duration::from_millis(50));
        assert!(rate("-1").is_err() && rate("inf").is_err());
        assert_eq!(rate("0.5"), Ok(0.5));
    }
}
