//! A history in Keepa's flat form: any numbers, any stride.

#![no_main]

use keepa::{KeepaTime, Series};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, Vec<i64>, i32)| {
    let (stride, flat, minutes) = input;
    let stride = usize::from(stride % 5);
    let series = gleaner_fuzz::bounded(flat.len() * 8, 20, || Series::from_flat(stride, &flat));
    assert!(series.points().windows(2).all(|pair| pair[0].time <= pair[1].time));
    assert!(series.points().iter().all(|point| point.value.is_none_or(|value| value >= 0)));
    let at = KeepaTime::new(minutes);
    assert!(series.up_to(at).iter().all(|point| point.time <= at));
    assert_eq!(series.at(at), series.up_to(at).last().copied());
    let again = Series::from_flat(2, &series.to_flat_pairs());
    assert_eq!(again.points(), series.points());
});
