//! When a message that failed is tried again.

use std::time::Duration;

/// The waits between attempts, as the Standard Webhooks specification proposes: a short disturbance is over in minutes,
/// a broken receiver is repaired within days.
const WAITS: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// So many attempts are made.
pub const ATTEMPTS: u32 = 10;

/// How long to wait after `attempts` that failed; `None`: it is given up. `random`, 0 to 1, spreads the wait by a tenth
/// to either side, so that a receiver that comes back is not asked by all at once.
#[must_use]
pub fn wait(attempts: u32, random: f64) -> Option<Duration> {
    let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
    WAITS.get(place).map(|wait| wait.mul_f64(0.9 + 0.2 * random.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_for_three_days_and_then_end() {
        let waits: Vec<_> = (1..).map_while(|attempts| wait(attempts, 0.5)).collect();
        assert_eq!(waits.len() + 1, ATTEMPTS as usize);
        assert!(waits.is_sorted());
        assert_eq!(waits[0], Duration::from_secs(5));
        let total: Duration = waits.iter().sum();
        assert!(total > Duration::from_hours(72) && total < Duration::from_hours(96), "{total:?}");
        assert_eq!(wait(0, 0.5), None);
    }

    #[test]
    fn waits_are_spread_by_a_tenth() {
        assert_eq!(wait(2, 0.0), Some(Duration::from_secs(270)));
        assert_eq!(wait(2, 1.0), Some(Duration::from_secs(330)));
    }
}
