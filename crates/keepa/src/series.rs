//! A history as Keepa records it: a value counts from its record until the next one.
//!
//! Arithmetic over windows lives in [`crate::analytics`].

use crate::time::KeepaTime;

/// One record of a [`Series`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// From when the value holds.
    pub time: KeepaTime,
    /// The value in the unit of its history; for histories with shipping the landing price (price plus shipping).
    /// `None`: no offer, not ranked, unknown.
    pub value: Option<i64>,
}

/// Price and shipping of one record of a history with shipping, in the smallest currency unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceParts {
    /// The price without shipping. `None`: no offer.
    pub price: Option<i64>,
    /// The shipping cost; 0 is free. `None`: unknown or not shippable.
    pub shipping: Option<i64>,
}

/// A history: points in time order.
///
/// Several records may bear the same time; the last of them counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    points: Vec<Point>,
    /// `(price, shipping)` as received, one per point; empty for histories without shipping.
    parts: Vec<(i64, i64)>,
}

impl Series {
    /// From Keepa's flat form: records of `stride` numbers (2: time, value; 3: time, price, shipping).
    ///
    /// A record cut off at the end is dropped; records out of order are sorted (stable); a negative value is missing.
    #[must_use]
    pub fn from_flat(stride: usize, flat: &[i64]) -> Self {
        if stride == 3 { build::<3>(flat) } else { build::<2>(flat) }
    }

    /// From points; they are sorted by time (stable).
    #[must_use]
    pub fn from_points(points: impl IntoIterator<Item = Point>) -> Self {
        let mut points: Vec<Point> = points.into_iter().collect();
        points.sort_by_key(|point| point.time);
        Self { points, parts: Vec::new() }
    }

    /// Keepa's flat form in pairs, time and value (the landing price where there is shipping); missing is −1.
    #[must_use]
    pub fn to_flat_pairs(&self) -> Vec<i64> {
        let pair = |point: &Point| [i64::from(point.time.minutes()), point.value.unwrap_or(-1)];
        self.points.iter().flat_map(pair).collect()
    }

    /// Keepa's flat form with the stride of the history: triples where shipping is known, pairs otherwise.
    #[must_use]
    pub fn to_flat(&self) -> Vec<i64> {
        if self.parts.is_empty() {
            return self.to_flat_pairs();
        }
        let records = self.points.iter().zip(&self.parts);
        records.flat_map(|(point, &(price, ship))| [i64::from(point.time.minutes()), price, ship]).collect()
    }

    /// All records, in time order.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Price and shipping of the record at `index` of [`points`](Self::points); `None` where the history has no shipping.
    #[must_use]
    pub fn parts(&self, index: usize) -> Option<PriceParts> {
        let known = |number: i64| (number >= 0).then_some(number);
        let &(price, shipping) = self.parts.get(index)?;
        Some(PriceParts { price: known(price), shipping: known(shipping) })
    }

    /// Whether there is no record at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// The first record.
    #[must_use]
    pub fn first(&self) -> Option<Point> {
        self.points.first().copied()
    }

    /// The newest record.
    #[must_use]
    pub fn last(&self) -> Option<Point> {
        self.points.last().copied()
    }

    /// The record that holds at `time`: the last one not after it.
    #[must_use]
    pub fn at(&self, time: KeepaTime) -> Option<Point> {
        self.up_to(time).last().copied()
    }

    /// The value that holds at `time`. `None`: before the first record, or missing then.
    #[must_use]
    pub fn value_at(&self, time: KeepaTime) -> Option<i64> {
        self.at(time)?.value
    }

    /// The records not after `time`.
    #[must_use]
    pub fn up_to(&self, time: KeepaTime) -> &[Point] {
        let end = self.points.partition_point(|point| point.time <= time);
        self.points.get(..end).unwrap_or_default()
    }
}

/// Puts a series together from its numbers as they are read, without keeping the flat form.
pub(crate) struct SeriesBuilder<const STRIDE: usize> {
    series: Series,
    place: usize,
    time: Option<i64>,
    price: i64,
    newest: KeepaTime,
    sorted: bool,
}

impl<const STRIDE: usize> SeriesBuilder<STRIDE> {
    pub(crate) fn with_capacity(records: usize) -> Self {
        let parts = if STRIDE == 3 { Vec::with_capacity(records) } else { Vec::new() };
        let series = Series { points: Vec::with_capacity(records), parts };
        Self { series, place: 0, time: None, price: -1, newest: KeepaTime::new(i32::MIN), sorted: true }
    }

    /// The next number of the flat form; `None` for one that is no number. A record without a time is dropped.
    #[inline]
    pub(crate) fn push(&mut self, number: Option<i64>) {
        if self.place == 0 {
            self.time = number;
            self.place = 1;
        } else if self.place + 1 < STRIDE {
            self.price = number.unwrap_or(-1);
            self.place += 1;
        } else {
            self.place = 0;
            if let Some(minutes) = self.time {
                self.record(KeepaTime::saturating(minutes), number.unwrap_or(-1));
            }
        }
    }

    #[inline]
    fn record(&mut self, time: KeepaTime, last: i64) {
        let value = if STRIDE == 3 {
            self.series.parts.push((self.price, last));
            // Landing price; a negative price means "no offer" whatever the shipping says.
            if self.price < 0 { -1 } else { self.price.saturating_add(last.max(0)) }
        } else {
            last
        };
        self.sorted &= self.newest <= time;
        self.newest = time;
        self.series.points.push(Point { time, value: (value >= 0).then_some(value) });
    }

    pub(crate) fn finish(mut self) -> Series {
        if !self.sorted {
            let mut order: Vec<usize> = (0..self.series.points.len()).collect();
            order.sort_by_key(|&i| self.series.points[i].time);
            self.series = Series {
                points: order.iter().map(|&i| self.series.points[i]).collect(),
                parts: order.iter().filter_map(|&i| self.series.parts.get(i).copied()).collect(),
            };
        }
        // A little room left is cheaper than moving everything.
        if self.series.points.capacity() / 3 * 2 > self.series.points.len() {
            self.series.points.shrink_to_fit();
            self.series.parts.shrink_to_fit();
        }
        self.series
    }
}

fn build<const STRIDE: usize>(flat: &[i64]) -> Series {
    let mut builder = SeriesBuilder::<STRIDE>::with_capacity(flat.len() / STRIDE);
    for &number in flat {
        builder.push(Some(number));
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Decode, History, Reader};
    use proptest::prelude::*;

    const fn at(minutes: i32) -> KeepaTime {
        KeepaTime::new(minutes)
    }

    #[test]
    fn a_landing_price_is_price_plus_shipping_and_no_offer_stays_missing() {
        let series = Series::from_flat(3, &[10, 500, 399, 20, 700, -1, 30, -1, 0, 40, -2, 99]);
        let values: Vec<_> = series.points().iter().map(|point| point.value).collect();
        assert_eq!(values, [Some(899), Some(700), None, None]);
        assert_eq!(series.parts(0), Some(PriceParts { price: Some(500), shipping: Some(399) }));
        assert_eq!(series.parts(1), Some(PriceParts { price: Some(700), shipping: None }));
    }

    #[test]
    fn the_value_at_a_moment_is_that_of_the_last_record_not_after_it() {
        let series = Series::from_flat(2, &[10, 5, 20, -1, 30, 7]);
        assert_eq!(series.value_at(at(9)), None);
        assert_eq!(series.value_at(at(10)), Some(5));
        assert_eq!(series.value_at(at(19)), Some(5));
        assert_eq!(series.at(at(25)), Some(Point { time: at(20), value: None }));
        assert_eq!(series.value_at(KeepaTime::MAX), Some(7));
        assert_eq!(series.up_to(at(20)).len(), 2);
    }

    #[test]
    fn a_record_cut_off_at_the_end_is_dropped() {
        assert_eq!(Series::from_flat(2, &[10, 5, 20]).len(), 1);
        assert_eq!(Series::from_flat(3, &[10, 5, 0, 20, 6]).len(), 1);
    }

    #[test]
    fn records_out_of_order_are_sorted_and_equal_times_keep_their_order() {
        let series = Series::from_flat(3, &[30, 1, 0, 10, 2, 1, 30, 3, 2]);
        assert_eq!(series.to_flat(), [10, 2, 1, 30, 1, 0, 30, 3, 2]);
        assert_eq!(series.value_at(at(30)), Some(5));
    }

    proptest! {
        #[test]
        fn any_series_survives_encoding_and_decoding(
            stride in 2_usize..=3,
            mut records in prop::collection::vec((any::<i32>(), -2_i64..i64::from(i32::MAX), -2_i64..100_000), 0..200),
        ) {
            records.sort_by_key(|record| record.0);
            let flat: Vec<i64> = records
                .iter()
                .flat_map(|&(time, price, shipping)| [i64::from(time), price, shipping].into_iter().take(stride))
                .collect();
            let series = Series::from_flat(stride, &flat);
            prop_assert_eq!(series.len(), records.len());
            prop_assert_eq!(&Series::from_flat(stride, &series.to_flat()), &series);
            if stride == 3 {
                prop_assert_eq!(series.to_flat(), flat);
            }
            let json = serde_json::to_string(&series.to_flat()).unwrap();
            let mut reader = Reader::new(&json);
            let pairs = series.parts.is_empty();
            let read = if pairs { History::<2>::decode(&mut reader) } else { History::<3>::decode(&mut reader) };
            prop_assert_eq!(read.unwrap().unwrap(), series);
        }

        #[test]
        fn any_negative_value_stays_missing(time: i32, sentinel in i64::MIN..0, shipping: i64) {
            let pair = Series::from_flat(2, &[time.into(), sentinel]);
            prop_assert_eq!(pair.last().unwrap().value, None);
            let triple = Series::from_flat(3, &[time.into(), sentinel, shipping]);
            prop_assert_eq!(triple.last().unwrap().value, None);
            prop_assert_eq!(pair.to_flat_pairs(), vec![i64::from(time), -1]);
        }

        #[test]
        fn any_numbers_make_a_series(stride in 0_usize..5, flat in prop::collection::vec(any::<i64>(), 0..50)) {
            let series = Series::from_flat(stride, &flat);
            prop_assert!(series.points().is_sorted_by_key(|point| point.time));
        }
    }
}
