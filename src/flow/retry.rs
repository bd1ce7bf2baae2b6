//! How long to wait before something is tried again.

use std::time::Duration;

/// First wait.
const FIRST: Duration = Duration::from_millis(200);
/// Longest wait.
const LONGEST: Duration = Duration::from_secs(5);

/// The wait before attempt `attempt` + 1 (from 0): doubles, up to a cap.
pub fn delay(attempt: u32) -> Duration {
    FIRST.saturating_mul(2u32.saturating_pow(attempt.min(16))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_cap() {
        assert_eq!([0, 1, 2].map(delay), [200, 400, 800].map(Duration::from_millis));
        assert_eq!([5, 40, u32::MAX].map(delay), [LONGEST; 3]);
    }
}
