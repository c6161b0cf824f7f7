//! Products as Keepa sends them: which options show what (`mod`), the object (`write`, `details`, `family`), its statistics (`stats`), its offers (`offers`).

pub(crate) mod details;
pub(crate) mod family;
pub(crate) mod offers;
pub(crate) mod stats;
pub(crate) mod write;

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::clock::{KEEPA_EPOCH_MINUTES, keepa_minutes};

/// What was asked for besides the product itself.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are the switches of the request")]
pub(crate) struct Options {
    pub(crate) history: bool,
    /// Only the last so many days of the histories.
    pub(crate) days: Option<i32>,
    /// The window of the interval statistics, Keepa minutes; `None` = no statistics.
    pub(crate) stats: Option<(i32, i32)>,
    /// How many offers at most.
    pub(crate) offers: Option<usize>,
    pub(crate) only_live_offers: bool,
    pub(crate) buybox: bool,
    pub(crate) rating: bool,
    pub(crate) stock: bool,
    pub(crate) videos: bool,
    pub(crate) aplus: bool,
    pub(crate) historical_variations: bool,
    /// Hours: -1 never, 0 always.
    pub(crate) update: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            history: true,
            days: None,
            stats: None,
            offers: None,
            only_live_offers: false,
            buybox: false,
            rating: false,
            stock: false,
            videos: false,
            aplus: false,
            historical_variations: false,
            update: 1,
        }
    }
}

impl Options {
    /// Whether a `csv` slot is sent with these options.
    pub(crate) const fn shows(&self, slot: usize) -> bool {
        let offers = self.offers.is_some();
        match slot {
            16 | 17 => self.rating || offers,
            15 | 18 | 33 => self.buybox || offers,
            7 | 9 | 10 | 19..=27 | 32 => offers,
            31 => false,
            _ => true,
        }
    }

    /// Whether the buy box part of the statistics is filled.
    pub(crate) const fn shows_buy_box(&self) -> bool {
        self.buybox || self.offers.is_some()
    }
}

/// The `stats` parameter: a number of days, or two dates, or two Unix times in milliseconds.
pub(crate) fn stats_window(text: &str, now: i32) -> Option<(i32, i32)> {
    if let Some((from, to)) = text.split_once(',') {
        let (from, to) = (moment(from.trim())?, moment(to.trim())?);
        return (from <= to).then_some((from, to.min(now)));
    }
    let days: i32 = text.trim().parse().ok().filter(|days| *days >= 1)?;
    Some((now.saturating_sub(days.saturating_mul(1440)), now))
}

fn moment(text: &str) -> Option<i32> {
    if let Ok(ms) = text.parse::<i64>() {
        return i32::try_from(ms.div_euclid(60_000) - KEEPA_EPOCH_MINUTES).ok();
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    let naive = date
        .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok())
        .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok())
        .map(|naive| naive.and_utc());
    naive.or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|zoned| zoned.to_utc())).map(keepa_minutes)
}

/// The records of the last days, and the one in force when they began.
pub(crate) fn trimmed(flat: &[i32], stride: usize, from: Option<i32>) -> &[i32] {
    let Some(from) = from else { return flat };
    let mut start = 0;
    for (place, record) in flat.chunks_exact(stride).enumerate() {
        if record[0] > from {
            break;
        }
        start = place * stride;
    }
    flat.get(start..).unwrap_or(flat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_windows_come_as_days_dates_or_milliseconds() {
        let now = 8_000_000;
        assert_eq!(stats_window("90", now), Some((now - 90 * 1440, now)));
        assert_eq!(stats_window("2011-01-01,2011-01-02", now), Some((0, 1440)));
        assert_eq!(stats_window("1293840000000,1293926400000", now), Some((0, 1440)));
        assert_eq!(stats_window("2011-01-02T12:00:00Z,2011-01-03T00:00", now), Some((2160, 2880)));
        assert_eq!(stats_window("2147483647", now), Some((now - i32::MAX, now)));
        for wrong in ["0", "-5", "x", "2011-01-02,2011-01-01", "1,"] {
            assert_eq!(stats_window(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn trimming_keeps_the_value_the_window_begins_with() {
        let flat = [0, 1, 10, 2, 20, 3];
        assert_eq!(trimmed(&flat, 2, Some(15)), [10, 2, 20, 3]);
        assert_eq!(trimmed(&flat, 2, Some(10)), [10, 2, 20, 3]);
        assert_eq!(trimmed(&flat, 2, Some(99)), [20, 3]);
        assert_eq!(trimmed(&flat, 2, Some(-5)), flat);
        assert_eq!(trimmed(&flat, 2, None), flat);
    }
}
