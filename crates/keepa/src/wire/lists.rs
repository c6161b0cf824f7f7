//! What is made of lists, objects and maps.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::ids::CategoryId;
use crate::wire::json::{Fault, Reader};
use crate::wire::kinds::Text;
use crate::wire::{Decode, Object};

/// A list; `null` is empty, a single value is a list of one, missing members are left out.
pub(crate) struct List<K>(PhantomData<K>);

impl<T, K: Decode<Out = Option<T>>> Decode for List<K> {
    type Out = Vec<T>;
    fn decode(reader: &mut Reader<'_>) -> Result<Vec<T>, Fault> {
        if reader.peek() != Some(b'[') {
            return Ok(K::decode(reader)?.into_iter().collect());
        }
        let mut members = Vec::new();
        reader.list(|reader| {
            members.extend(K::decode(reader)?);
            Ok(())
        })?;
        Ok(members)
    }
}

/// A list whose places have a meaning: missing members stay, as `None`. Anything but a list is empty.
pub(crate) struct Slots<K>(PhantomData<K>);

impl<T, K: Decode<Out = Option<T>>> Decode for Slots<K> {
    type Out = Vec<Option<T>>;
    fn decode(reader: &mut Reader<'_>) -> Result<Vec<Option<T>>, Fault> {
        let mut members = Vec::new();
        if reader.peek() != Some(b'[') {
            return reader.skip().map(|()| members);
        }
        reader.list(|reader| {
            members.push(K::decode(reader)?);
            Ok(())
        })?;
        Ok(members)
    }
}

/// A value that is there, whatever it is.
pub(crate) struct Sent<K>(PhantomData<K>);

impl<K: Decode> Decode for Sent<K> {
    type Out = Option<K::Out>;
    fn decode(reader: &mut Reader<'_>) -> Result<Option<K::Out>, Fault> {
        K::decode(reader).map(Some)
    }
}

/// An object; anything else is missing.
pub(crate) struct Obj<T>(PhantomData<T>);

impl<T: Object> Decode for Obj<T> {
    type Out = Option<T>;
    fn decode(reader: &mut Reader<'_>) -> Result<Option<T>, Fault> {
        if reader.peek() == Some(b'{') { T::read(reader).map(Some) } else { reader.skip().map(|()| None) }
    }
}

/// A map; keys that `key` refuses and missing values are left out, anything but a map is empty.
fn map<Q: Ord, T, K: Decode<Out = Option<T>>>(
    reader: &mut Reader<'_>,
    key: impl Fn(&str) -> Option<Q>,
) -> Result<BTreeMap<Q, T>, Fault> {
    let mut members = BTreeMap::new();
    if reader.peek() != Some(b'{') {
        return reader.skip().map(|()| members);
    }
    reader.object(|reader, name| {
        members.extend(key(name).zip(K::decode(reader)?));
        Ok(())
    })?;
    Ok(members)
}

/// A map from category ids (decimal texts) to values of a kind.
pub(crate) struct ByCategory<K>(PhantomData<K>);

impl<T, K: Decode<Out = Option<T>>> Decode for ByCategory<K> {
    type Out = BTreeMap<CategoryId, T>;
    fn decode(reader: &mut Reader<'_>) -> Result<Self::Out, Fault> {
        map::<_, T, K>(reader, |name| name.parse().ok())
    }
}

/// A map from texts to values of a kind.
pub(crate) struct ByText<K>(PhantomData<K>);

impl<T, K: Decode<Out = Option<T>>> Decode for ByText<K> {
    type Out = BTreeMap<String, T>;
    fn decode(reader: &mut Reader<'_>) -> Result<Self::Out, Fault> {
        map::<_, T, K>(reader, |name| Some(name.to_owned()))
    }
}

/// What is made of a list of texts whose places have a meaning.
pub(crate) trait FromTexts: Sized {
    fn from_texts(texts: Vec<Option<String>>) -> Option<Self>;
}

/// A list of texts as one thing.
pub(crate) struct Row<R>(PhantomData<R>);

impl<R: FromTexts> Decode for Row<R> {
    type Out = Option<R>;
    fn decode(reader: &mut Reader<'_>) -> Result<Option<R>, Fault> {
        Slots::<Text>::decode(reader).map(R::from_texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::kinds::{Count, Whole};

    fn read<K: Decode>(json: &str) -> K::Out {
        let mut reader = Reader::new(json);
        let value = K::decode(&mut reader).unwrap();
        reader.end().unwrap();
        value
    }

    #[test]
    fn a_single_value_is_a_list_of_one_and_null_is_empty() {
        assert_eq!(read::<List<Text>>("\"a\""), ["a"]);
        assert_eq!(read::<List<Text>>("[\"a\",null,\"b\"]"), ["a", "b"]);
        assert_eq!(read::<List<Whole>>("7"), [7]);
        assert_eq!(read::<List<Whole>>("null"), Vec::<i64>::new());
        assert_eq!(read::<List<Whole>>("{\"a\":[1]}"), Vec::<i64>::new());
        assert_eq!(read::<Slots<Count>>("[1,-1,null,2]"), [Some(1), None, None, Some(2)]);
        assert_eq!(read::<Slots<Count>>("\"x\""), []);
    }

    #[test]
    fn maps_leave_out_what_has_no_key_or_value() {
        let map = read::<ByCategory<Count>>("{\"5\":1,\"x\":2,\"6\":null,\"7\":3}");
        assert_eq!(map.into_iter().collect::<Vec<_>>(), [(CategoryId(5), 1), (CategoryId(7), 3)]);
        assert!(read::<ByText<Count>>("[1,2]").is_empty());
    }
}
