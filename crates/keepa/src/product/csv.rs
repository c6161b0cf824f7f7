//! The `csv` array: one slot per history, each read with the stride of its index.

use std::fmt;

use crate::csv_type::CsvType;
use crate::series::Series;
use crate::wire::{Decode, Fault, History, Reader};

/// The histories of a product, by [`CsvType`]. Holds only those that Keepa sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Csv {
    slots: Vec<Option<Series>>,
}

impl Csv {
    /// The history of this type, if there is one.
    #[must_use]
    pub fn get(&self, csv_type: CsvType) -> Option<&Series> {
        self.slots.get(csv_type.index())?.as_ref()
    }

    /// Puts a history in its slot, replacing what was there.
    pub fn set(&mut self, csv_type: CsvType, series: Series) {
        let index = csv_type.index();
        if self.slots.len() <= index {
            self.slots.resize(index + 1, None);
        }
        self.slots[index] = Some(series);
    }

    /// Every history that is there, by ascending index.
    pub fn iter(&self) -> impl Iterator<Item = (CsvType, &Series)> {
        CsvType::ALL.into_iter().filter_map(|csv_type| Some((csv_type, self.get(csv_type)?)))
    }

    /// Whether there is no history at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.iter().all(Option::is_none)
    }
}

impl fmt::Debug for Csv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl FromIterator<(CsvType, Series)> for Csv {
    fn from_iter<I: IntoIterator<Item = (CsvType, Series)>>(histories: I) -> Self {
        let mut csv = Self::default();
        for (csv_type, series) in histories {
            csv.set(csv_type, series);
        }
        csv
    }
}

/// Reads the array; slots beyond the known histories are skipped.
pub(super) struct CsvSlots;

impl Decode for CsvSlots {
    type Out = Csv;
    fn decode(reader: &mut Reader<'_>) -> Result<Csv, Fault> {
        let mut slots = Vec::new();
        if reader.peek() != Some(b'[') {
            return reader.skip().map(|()| Csv { slots });
        }
        reader.list(|reader| {
            match CsvType::from_index(slots.len()).map(CsvType::stride) {
                Some(3) => slots.push(History::<3>::decode(reader)?),
                Some(_) => slots.push(History::<2>::decode(reader)?),
                None => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Csv { slots })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str) -> Csv {
        CsvSlots::decode(&mut Reader::new(json)).unwrap()
    }

    #[test]
    fn each_slot_is_read_with_the_stride_of_its_index() {
        let slots: Vec<_> = (0..40).map(|_| "[1,10,2,20,3,30]").collect();
        let csv = read(&format!("[{}]", slots.join(",")));
        for (csv_type, series) in csv.iter() {
            assert_eq!(series.len(), 6 / csv_type.stride(), "{csv_type:?}");
        }
        assert_eq!(csv.iter().count(), 36);
    }

    #[test]
    fn arrays_of_any_length_and_null_slots_are_read() {
        assert!(read("null").is_empty());
        assert!(read("[]").is_empty());
        let short = read("[null,[5,7]]");
        assert_eq!(short.get(CsvType::New).unwrap().to_flat_pairs(), [5, 7]);
        assert_eq!(short.get(CsvType::Amazon), None);
        assert_eq!(short.get(CsvType::CountNewFbm), None);
        assert!(read("{\"0\":[1,2]}").is_empty());
    }

    proptest! {
        #[test]
        fn any_histories_survive_encoding_and_decoding(
            histories in prop::collection::btree_map(0_usize..36, prop::collection::vec((0_i64..9_000_000, -2_i64..90_000), 0..20), 0..36),
        ) {
            let mut csv = Csv::default();
            for (index, records) in histories {
                let csv_type = CsvType::ALL[index];
                let flat: Vec<i64> = records
                    .iter()
                    .flat_map(|&(time, value)| [time, value, 0].into_iter().take(csv_type.stride()))
                    .collect();
                csv.set(csv_type, Series::from_flat(csv_type.stride(), &flat));
            }
            let slots: Vec<_> = CsvType::ALL.map(|t| csv.get(t).map(Series::to_flat)).into();
            let read = read(&serde_json::to_string(&slots).unwrap());
            prop_assert!(csv.iter().eq(read.iter()));
        }
    }
}
