//! Keepa's statistics over flat series, rule by rule as they were measured (the quirks included).
//!
//! A window is `[start, end)` in Keepa minutes. A value below zero means "no offer".

/// A flat series, read record by record as (time, value), shipping added to prices.
#[derive(Clone, Copy)]
pub(crate) struct Records<'a> {
    flat: &'a [i32],
    stride: usize,
}

impl<'a> Records<'a> {
    pub(crate) const fn new(flat: &'a [i32], stride: usize) -> Self {
        Self { flat, stride }
    }

    pub(crate) const fn len(self) -> usize {
        self.flat.len() / self.stride
    }

    pub(crate) fn get(self, place: usize) -> Option<(i32, i32)> {
        let at = place * self.stride;
        let record = self.flat.get(at..at + self.stride)?;
        Some((record[0], value_of(record)))
    }

    pub(crate) fn iter(self) -> impl DoubleEndedIterator<Item = (i32, i32)> + ExactSizeIterator + 'a {
        self.flat.chunks_exact(self.stride).map(|record| (record[0], value_of(record)))
    }

    pub(crate) fn last(self) -> Option<(i32, i32)> {
        self.len().checked_sub(1).and_then(|place| self.get(place))
    }

    /// Number of the first record whose time is not before this one.
    fn first_from(self, time: i32) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.flat[middle * self.stride] < time {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

const fn value_of(record: &[i32]) -> i32 {
    if record.len() == 3 { crate::world::history::landing(record[1], record[2]) } else { record[1] }
}

/// Minutes in a day.
pub(crate) const DAY: i32 = 1440;

/// The time-weighted mean over a window; -1 without one. The sum starts at -1, as Keepa's does.
pub(crate) fn mean(records: Records<'_>, start: i32, end: i32, now: i32) -> i32 {
    let end = end.min(now);
    let Some((first, _)) = records.get(0) else { return -1 };
    if first > end {
        return -1;
    }
    let start = start.max(first);
    let only_one = records.len() == 1;
    let (mut sum, mut minutes) = (-1_i64, 0_i64);
    // Nothing before the record in force at the start can matter.
    let mut place = records.first_from(start).saturating_sub(1);
    while let Some((time, value)) = records.get(place) {
        if time >= end {
            break;
        }
        place += 1;
        if value < 0 {
            continue;
        }
        let next = records.get(place).map(|(time, _)| time);
        if time < start {
            match next {
                Some(next) if next < end => {
                    if next >= start {
                        minutes = i64::from(next) - i64::from(start);
                        sum = i64::from(value) * minutes;
                    }
                }
                _ => return value,
            }
        } else if only_one {
            return value;
        } else {
            let lasted = i64::from(next.unwrap_or(now).min(end)) - i64::from(time);
            minutes += lasted;
            sum += i64::from(value) * lasted;
        }
    }
    if minutes <= 0 { -1 } else { i32::try_from(sum.div_euclid(minutes)).unwrap_or(-1) }
}

/// Per cent of a window without an offer; -1 when there is nothing to tell it from.
pub(crate) fn out_of_stock(records: Records<'_>, start: i32, end: i32, now: i32, tracked_since: i32) -> i32 {
    let end = end.min(now);
    let start = start.max(tracked_since);
    if records.len() == 0 || end <= start {
        return -1;
    }
    let only_one = records.len() == 1;
    let mut there = 0_i64;
    let mut place = records.first_from(start).saturating_sub(1);
    while let Some((time, value)) = records.get(place) {
        if time >= end {
            break;
        }
        place += 1;
        if value < 0 {
            continue;
        }
        let next = records.get(place).map(|(time, _)| time);
        if time < start {
            match next {
                Some(next) if next < end => there += (i64::from(next) - i64::from(start)).max(0),
                _ => return 0,
            }
        } else if only_one {
            return 0;
        } else {
            there += i64::from(next.unwrap_or(now).min(end)) - i64::from(time);
        }
    }
    i32::try_from(100 - 100 * there / (i64::from(end) - i64::from(start))).unwrap_or(-1)
}

/// The smallest (or largest) value of all time and when it was first reached.
pub(crate) fn extreme(records: Records<'_>, largest: bool) -> Option<(i32, i32)> {
    let mut best: Option<(i32, i32)> = None;
    for (time, value) in records.iter().filter(|(_, value)| *value >= 0) {
        if best.is_none_or(|(_, seen)| if largest { value > seen } else { value < seen }) {
            best = Some((time, value));
        }
    }
    best
}

/// The same within a window, a carried-in value counting from its start; `(-1, -1)` when the window holds none, `None` when there never was one.
pub(crate) fn extreme_in(records: Records<'_>, start: i32, end: i32, largest: bool) -> Option<(i32, i32)> {
    if !records.iter().any(|(_, value)| value >= 0) {
        return None;
    }
    let mut best: Option<(i32, i32)> = None;
    let mut place = records.first_from(start.saturating_add(1)).saturating_sub(1);
    let only_one = records.len() == 1;
    while let Some((time, value)) = records.get(place) {
        if time >= end {
            break;
        }
        place += 1;
        if value < 0 {
            continue;
        }
        let counted_from = if only_one { time } else { time.max(start) };
        if best.is_none_or(|(_, seen)| if largest { value > seen } else { value < seen }) {
            best = Some((counted_from, value));
        }
    }
    Some(best.unwrap_or((-1, -1)))
}

/// The value in force at a time; -1 before the first record.
pub(crate) fn at(records: Records<'_>, time: i32) -> i32 {
    let after = records.first_from(time.saturating_add(1));
    after.checked_sub(1).and_then(|place| records.get(place)).map_or(-1, |(_, value)| value)
}

/// Falls of the rank within `(start, end]`: below 8,000 each one, below 20,000 those of 8 and more, above those of 4 % and more.
pub(crate) fn rank_drops(records: Records<'_>, start: i32, end: i32) -> i32 {
    let mut place = records.first_from(start.saturating_add(1));
    // The rank before the window is what its first one fell from.
    let mut last = None;
    let mut back = place;
    while last.is_none() && back > 0 {
        back -= 1;
        last = records.get(back).map(|(_, rank)| rank).filter(|rank| *rank >= 0);
    }
    let mut drops = 0;
    while let Some((time, rank)) = records.get(place) {
        place += 1;
        if time > end {
            break;
        }
        if rank < 0 {
            continue;
        }
        if let Some(old) = last {
            let fell = i64::from(old) - i64::from(rank);
            let counts = match old {
                ..8_000 => fell > 0,
                8_000..20_000 => fell >= 8,
                _ => fell * 25 >= i64::from(old),
            };
            drops += i32::from(counts);
        }
        last = Some(rank);
    }
    drops
}

/// How often the offer went away within a window, a gap that began before it included.
pub(crate) fn stock_outs(records: Records<'_>, start: i32, end: i32) -> i32 {
    let carried = i32::from(at(records, start) < 0);
    let inside = records.iter().filter(|(time, value)| *value < 0 && *time > start && *time < end).count();
    carried + i32::try_from(inside).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(flat: &[i32]) -> Records<'_> {
        Records::new(flat, 2)
    }

    #[test]
    fn a_value_carried_through_the_window_is_the_mean() {
        assert_eq!(mean(pairs(&[0, 1499, 10, 1600]), 100, 200, 200), 1600);
        assert_eq!(mean(pairs(&[150, 1499]), 100, 200, 200), 1499);
    }

    #[test]
    fn a_mean_without_a_carried_in_value_comes_out_one_lower() {
        // Constant 1499 in stock for part of the window: real answers say 1498.
        assert_eq!(mean(pairs(&[0, -1, 120, 1499, 160, -1]), 100, 200, 200), 1498);
        assert_eq!(mean(pairs(&[0, -1, 120, 1, 160, -1]), 100, 200, 200), 0);
        assert_eq!(mean(pairs(&[0, 1499, 150, 1499, 160, -1]), 100, 200, 200), 1499);
    }

    #[test]
    fn a_mean_weighs_by_time() {
        // 1000 for 50 minutes (carried in), 2000 for 50 minutes.
        assert_eq!(mean(pairs(&[0, 1000, 150, 2000]), 100, 200, 200), 1500);
        assert_eq!(mean(pairs(&[]), 100, 200, 200), -1);
        assert_eq!(mean(pairs(&[300, 5]), 100, 200, 200), -1);
    }

    #[test]
    fn time_out_of_stock_is_a_share_of_the_window() {
        assert_eq!(out_of_stock(pairs(&[0, 1000, 175, -1]), 100, 200, 200, 0), 25);
        assert_eq!(out_of_stock(pairs(&[0, -1]), 100, 200, 200, 0), 100);
        assert_eq!(out_of_stock(pairs(&[0, 900]), 100, 200, 200, 0), 0);
        assert_eq!(out_of_stock(pairs(&[]), 100, 200, 200, 0), -1);
        assert_eq!(out_of_stock(pairs(&[150, 900, 175, -1]), 100, 200, 200, 150), 50);
    }

    #[test]
    fn extremes_carry_the_time_they_were_first_reached() {
        let series = [0, 500, 10, 300, 20, 300, 150, 400];
        assert_eq!(extreme(pairs(&series), false), Some((10, 300)));
        assert_eq!(extreme_in(pairs(&series), 100, 200, false), Some((100, 300)));
        assert_eq!(extreme_in(pairs(&series), 100, 200, true), Some((150, 400)));
        assert_eq!(extreme_in(pairs(&[0, 5, 50, -1]), 100, 200, true), Some((-1, -1)));
        assert_eq!(extreme_in(pairs(&[0, -1]), 100, 200, true), None);
    }

    #[test]
    fn landing_prices_count_in_three_wide_series() {
        let series = [0, 1000, 399, 150, 2000, -1];
        let records = Records::new(&series, 3);
        assert_eq!(records.last(), Some((150, 2000)));
        assert_eq!(at(records, 10), 1399);
    }

    #[test]
    fn small_falls_of_a_high_rank_are_no_sales() {
        assert_eq!(rank_drops(pairs(&[0, 7_999, 110, 7_998]), 100, 200), 1);
        assert_eq!(rank_drops(pairs(&[0, 10_000, 110, 9_993, 120, 9_985]), 100, 200), 1);
        assert_eq!(rank_drops(pairs(&[0, 100_000, 110, 97_000, 120, -1, 130, 93_000]), 100, 200), 1);
        assert_eq!(rank_drops(pairs(&[0, 50_000, 100, 40_000, 110, 50_000, 201, 40_000]), 100, 200), 0);
    }

    proptest::proptest! {
        #[test]
        fn no_series_makes_the_statistics_stumble(
            flat in proptest::collection::vec(proptest::num::i32::ANY, 0..40),
            start: i32, end: i32, now: i32, three: bool,
        ) {
            let records = Records::new(&flat, if three { 3 } else { 2 });
            mean(records, start, end, now);
            let gone = out_of_stock(records, start, end, now, 0);
            proptest::prop_assert!(gone >= -1 || flat.windows(2).any(|pair| pair[0] > pair[1]));
            extreme(records, true);
            extreme_in(records, start, end, false);
            at(records, now);
            rank_drops(records, start, end);
            stock_outs(records, start, end);
        }
    }
}
