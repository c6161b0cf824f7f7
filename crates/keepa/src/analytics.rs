//! Arithmetic over histories: what held when, and for how long.
//!
//! A window runs from its first moment (included) to its last (excluded). Nothing is known before the first record,
//! so that time counts neither as in stock nor as out of stock. Keepa's own figures, with their quirks, are those of
//! [`Statistics::compute`](crate::Statistics::compute); these here are the plain ones.

use crate::product::Extreme;
use crate::series::Series;
use crate::time::KeepaTime;

/// A stretch of time in which a value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// From when (included).
    pub from: KeepaTime,
    /// Until when (excluded); always later than `from`.
    pub to: KeepaTime,
    /// The value; `None`: no offer, not ranked, unknown.
    pub value: Option<i64>,
}

impl Stretch {
    /// How long it lasts.
    #[must_use]
    pub const fn minutes(&self) -> i64 {
        self.to.minutes_since(self.from)
    }
}

impl Series {
    /// The stretches of a window, in time order, without a gap from the first record on.
    pub fn stretches(&self, from: KeepaTime, to: KeepaTime) -> impl Iterator<Item = Stretch> {
        let points = self.up_to(to);
        // The last record not after the start is carried into the window.
        let first = points.partition_point(|point| point.time <= from).saturating_sub(1);
        let inside = points.get(first..).unwrap_or_default();
        inside.iter().enumerate().filter_map(move |(place, point)| {
            let end = inside.get(place + 1).map_or(to, |next| next.time.min(to));
            let stretch = Stretch { from: point.time.max(from), to: end, value: point.value };
            (stretch.from < stretch.to).then_some(stretch)
        })
    }

    /// Minutes of the window in which there is a value, and minutes that are known at all.
    fn known_minutes(&self, from: KeepaTime, to: KeepaTime) -> (i64, i64) {
        self.stretches(from, to).fold((0, 0), |(valued, known), stretch| {
            let minutes = stretch.minutes();
            (valued + if stretch.value.is_some() { minutes } else { 0 }, known + minutes)
        })
    }

    /// The mean of a window, weighted by time. `None` when there is no value in it.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a mean is a fraction; prices and minutes are far below 2^53"
    )]
    pub fn mean(&self, from: KeepaTime, to: KeepaTime) -> Option<f64> {
        let (mut sum, mut minutes) = (0_i128, 0_i128);
        for stretch in self.stretches(from, to) {
            if let Some(value) = stretch.value {
                sum += i128::from(value) * i128::from(stretch.minutes());
                minutes += i128::from(stretch.minutes());
            }
        }
        (minutes > 0).then(|| sum as f64 / minutes as f64)
    }

    /// The median of a window, weighted by time: half of the time the value was not above it.
    #[must_use]
    pub fn median(&self, from: KeepaTime, to: KeepaTime) -> Option<i64> {
        self.quantile(0.5, from, to)
    }

    /// The least value of the window that was not exceeded for at least this share of the time with a value.
    /// `share` is 0 to 1 (clamped); 0 gives the least value, 1 the greatest.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "minutes are far below 2^53")]
    pub fn quantile(&self, share: f64, from: KeepaTime, to: KeepaTime) -> Option<i64> {
        let mut weighted: Vec<(i64, i64)> = self
            .stretches(from, to)
            .filter_map(|stretch| Some((stretch.value?, stretch.minutes())))
            .collect();
        weighted.sort_unstable();
        let total: i64 = weighted.iter().map(|(_, minutes)| minutes).sum();
        let wanted = share.clamp(0.0, 1.0) * total as f64;
        let mut passed = 0;
        weighted.iter().find_map(|&(value, minutes)| {
            passed += minutes;
            (passed as f64 >= wanted).then_some(value)
        })
    }

    /// The share (0 to 1) of the known time of a window in which there is a value: for prices, in stock.
    /// `None` when nothing is known of the window.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "minutes are far below 2^53")]
    pub fn in_stock_share(&self, from: KeepaTime, to: KeepaTime) -> Option<f64> {
        let (valued, known) = self.known_minutes(from, to);
        (known > 0).then(|| valued as f64 / known as f64)
    }

    /// How often the value fell within the window, compared with the last value before it; missing values are skipped.
    /// Of a sales rank: roughly, how often the product was sold.
    #[must_use]
    pub fn drops(&self, from: KeepaTime, to: KeepaTime) -> usize {
        self.drops_where(from, to, |before, after| after < before)
    }

    /// The same, counting what `is_drop(before, after)` says.
    pub fn drops_where(&self, from: KeepaTime, to: KeepaTime, is_drop: impl Fn(i64, i64) -> bool) -> usize {
        let mut before = None;
        let mut drops = 0;
        for point in self.up_to(to) {
            let Some(value) = point.value else { continue };
            if point.time >= from && before.is_some_and(|before| is_drop(before, value)) {
                drops += 1;
            }
            before = Some(value);
        }
        drops
    }

    /// The least value of a window and when it was first reached (the window's start if it was carried in).
    #[must_use]
    pub fn lowest(&self, from: KeepaTime, to: KeepaTime) -> Option<Extreme> {
        let extremes = self
            .stretches(from, to)
            .filter_map(|stretch| Some(Extreme { time: stretch.from, value: stretch.value? }));
        extremes.min_by_key(|extreme| (extreme.value, extreme.time))
    }

    /// The greatest value of a window and when it was first reached (the window's start if it was carried in).
    #[must_use]
    pub fn highest(&self, from: KeepaTime, to: KeepaTime) -> Option<Extreme> {
        let extremes = self
            .stretches(from, to)
            .filter_map(|stretch| Some(Extreme { time: stretch.from, value: stretch.value? }));
        extremes.min_by_key(|extreme| (std::cmp::Reverse(extreme.value), extreme.time))
    }

    /// What holds at the start of each day of 24 hours, counted from `from`, as long as that is before `to`.
    pub fn days(&self, from: KeepaTime, to: KeepaTime) -> impl Iterator<Item = (KeepaTime, Option<i64>)> {
        let starts = std::iter::successors(Some(from), |day| {
            let next = day.minus_days(-1);
            (next > *day).then_some(next)
        });
        starts.take_while(move |day| *day < to).map(|day| (day, self.value_at(day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(minutes: i32) -> KeepaTime {
        KeepaTime::new(minutes)
    }

    /// 100 from 10, out of stock from 20, 300 from 30, 200 from 40.
    fn series() -> Series {
        Series::from_flat(2, &[10, 100, 20, -1, 30, 300, 40, 200])
    }

    #[test]
    fn stretches_are_cut_to_the_window() {
        let stretches: Vec<_> = series().stretches(at(15), at(35)).collect();
        let expected = [(15, 20, Some(100)), (20, 30, None), (30, 35, Some(300))];
        assert_eq!(
            stretches,
            expected.map(|(from, to, value)| Stretch { from: at(from), to: at(to), value })
        );
        assert_eq!(series().stretches(at(0), at(10)).count(), 0);
        assert_eq!(series().stretches(at(50), at(40)).count(), 0);
    }

    #[test]
    fn means_and_quantiles_are_weighted_by_time_with_a_value() {
        // 100 for 10 minutes, 300 for 10, 200 for 20.
        let (series, from, to) = (series(), at(0), at(60));
        assert_eq!(series.mean(from, to), Some(200.0));
        assert_eq!(series.median(from, to), Some(200));
        assert_eq!(series.quantile(0.25, from, to), Some(100));
        assert_eq!(series.quantile(0.26, from, to), Some(200));
        assert_eq!(series.quantile(0.76, from, to), Some(300));
        assert_eq!((series.quantile(0.0, from, to), series.quantile(1.0, from, to)), (Some(100), Some(300)));
        assert_eq!(series.mean(at(20), at(30)), None);
    }

    #[test]
    fn the_share_in_stock_counts_known_time_only() {
        assert_eq!(series().in_stock_share(at(0), at(30)), Some(0.5));
        assert_eq!(series().in_stock_share(at(20), at(30)), Some(0.0));
        assert_eq!(series().in_stock_share(at(0), at(10)), None);
    }

    #[test]
    fn drops_skip_missing_values_and_look_back_before_the_window() {
        let series = Series::from_flat(2, &[1, 50, 2, 40, 3, -1, 4, 30, 5, 60, 6, 60, 7, 59]);
        assert_eq!(series.drops(at(0), at(9)), 3);
        assert_eq!(series.drops(at(4), at(9)), 2);
        assert_eq!(series.drops(at(2), at(4)), 2);
        assert_eq!(series.drops_where(at(0), at(9), |before, after| after + 5 < before), 2);
    }

    #[test]
    fn extremes_name_the_first_moment() {
        let series = Series::from_flat(2, &[10, 5, 20, 7, 30, 5, 40, 7]);
        assert_eq!(series.lowest(at(15), at(60)), Some(Extreme { time: at(15), value: 5 }));
        assert_eq!(series.highest(at(0), at(60)), Some(Extreme { time: at(20), value: 7 }));
        assert_eq!(series.lowest(at(0), at(5)), None);
    }

    #[test]
    fn days_tell_what_holds_at_their_start() {
        let series = Series::from_flat(2, &[0, 1, 1440, 2, 2000, -1, 4320, 4]);
        let days: Vec<_> = series.days(at(0), at(4321)).map(|(_, value)| value).collect();
        assert_eq!(days, [Some(1), Some(2), None, Some(4)]);
    }

    proptest! {
        #[test]
        fn figures_of_any_window_lie_within_its_values(
            records in prop::collection::vec((0_i32..10_000, -1_i64..1_000_000), 0..60),
            from in 0_i32..10_000,
            length in 0_i32..10_000,
            share in 0.0_f64..=1.0,
        ) {
            let flat: Vec<i64> = records.iter().flat_map(|&(time, value)| [time.into(), value]).collect();
            let series = Series::from_flat(2, &flat);
            let (from, to) = (at(from), at(from + length));
            match (series.lowest(from, to), series.highest(from, to)) {
                (Some(low), Some(high)) => {
                    let within = low.value..=high.value;
                    prop_assert!(within.contains(&series.quantile(share, from, to).unwrap()));
                    let mean = series.mean(from, to).unwrap();
                    let bounds = [low.value, high.value].map(|value| f64::from(i32::try_from(value).unwrap()));
                    prop_assert!(bounds[0] <= mean + 1e-6 && mean <= bounds[1] + 1e-6);
                    prop_assert!(series.in_stock_share(from, to).unwrap() > 0.0);
                }
                (None, None) => prop_assert_eq!(series.mean(from, to), None),
                other => prop_assert!(false, "{:?}", other),
            }
            let minutes: i64 = series.stretches(from, to).map(|stretch| stretch.minutes()).sum();
            prop_assert!(minutes <= i64::from(length));
        }
    }
}
