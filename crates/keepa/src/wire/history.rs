//! Flat histories: lists of numbers, and lists of numbers and texts, in groups.

use std::borrow::Cow;
use std::marker::PhantomData;

use crate::series::{Series, SeriesBuilder};
use crate::time::KeepaTime;
use crate::wire::Decode;
use crate::wire::json::{Fault, Reader, Scalar};
use crate::wire::kinds::int_of_text;

/// A history of records of `STRIDE` numbers; anything but a list is missing.
pub(crate) struct History<const STRIDE: usize>;

impl<const STRIDE: usize> Decode for History<STRIDE> {
    type Out = Option<Series>;
    fn decode(reader: &mut Reader<'_>) -> Result<Option<Series>, Fault> {
        if reader.peek() != Some(b'[') {
            return reader.skip().map(|()| None);
        }
        // A time has seven digits and a comma, a value at least one more and another comma.
        let records = reader.list_bytes() / (STRIDE * 5) + 1;
        let mut builder = SeriesBuilder::<STRIDE>::with_capacity(records);
        reader.numbers(|number| builder.push(number))?;
        Ok(Some(builder.finish()))
    }
}

/// A flat list of texts and numbers in groups of `N`, each made into a record by `R`.
pub(crate) struct Groups<R, const N: usize>(PhantomData<R>);

/// Makes a record of `N` members; `None` leaves it out.
pub(crate) trait Record<const N: usize>: Sized {
    fn from_members(members: &[Member<'_>; N]) -> Option<Self>;
}

/// A member of a flat list.
pub(crate) struct Member<'a>(Scalar<'a>);

impl Member<'_> {
    /// Its text; empty when it is none.
    pub(crate) fn text(&self) -> &str {
        match &self.0 {
            Scalar::Text(text) => text,
            _ => "",
        }
    }

    pub(crate) fn int(&self) -> Option<i64> {
        match &self.0 {
            Scalar::Text(text) => int_of_text(text),
            other => other.int(),
        }
    }

    pub(crate) fn time(&self) -> Option<KeepaTime> {
        self.int().map(KeepaTime::saturating)
    }
}

impl<R: Record<N>, const N: usize> Decode for Groups<R, N> {
    type Out = Vec<R>;
    fn decode(reader: &mut Reader<'_>) -> Result<Vec<R>, Fault> {
        let mut records = Vec::new();
        if reader.peek() != Some(b'[') {
            return reader.skip().map(|()| records);
        }
        let mut group: [Member<'_>; N] = std::array::from_fn(|_| Member(Scalar::Text(Cow::Borrowed(""))));
        let mut place = 0;
        reader.list(|reader| {
            group[place] = Member(reader.scalar()?);
            place += 1;
            if place == N {
                place = 0;
                records.extend(R::from_members(&group));
            }
            Ok(())
        })?;
        Ok(records)
    }
}

/// The first group of a flat list.
pub(crate) struct First<R, const N: usize>(PhantomData<R>);

impl<R: Record<N>, const N: usize> Decode for First<R, N> {
    type Out = Option<R>;
    fn decode(reader: &mut Reader<'_>) -> Result<Option<R>, Fault> {
        Ok(Groups::<R, N>::decode(reader)?.into_iter().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const STRIDE: usize>(json: &str) -> Option<Series> {
        let mut reader = Reader::new(json);
        let series = History::<STRIDE>::decode(&mut reader).unwrap();
        reader.end().unwrap();
        series
    }

    #[test]
    fn a_history_tolerates_odd_members() {
        let series = read::<2>("[1, 2.0, \"3\", null, null, 5, 7, [8], 9]").unwrap();
        assert_eq!(series.to_flat_pairs(), [1, 2, 3, -1, 7, -1]);
        assert_eq!(read::<2>("null"), None);
        assert_eq!(read::<2>("{}"), None);
        assert_eq!(read::<3>("[ ]"), Some(Series::default()));
    }
}
