//! Reading Keepa's JSON straight into types, forgiving wherever a type is not what it should be.
//!
//! Every field of an object names a *kind* that says how it is read: [`Count`] turns negative numbers into `None`,
//! [`Positive`] zero as well, and so on. No kind fails on a wrong type; only JSON that is not JSON fails. The
//! [`object!`] macro makes a struct and its reader from such a list of fields.
//!
//! `json` walks the text, `kinds` are the single values, `lists` what is made of lists and maps, `history` the flat
//! histories that are most of a product, `words` the arithmetic that makes the walk fast. To add a kind: a type with [`Decode`].

mod history;
mod json;
mod kinds;
mod lists;
mod words;

pub(crate) use history::{First, Groups, History, Member, Record};
pub(crate) use json::{Fault, Reader};
pub(crate) use kinds::{
    AsinText, Category, Count, DomainNumber, Flag, Positive, Real, Seller, Share, Text, Time, Whole,
};
pub(crate) use lists::{ByCategory, ByText, FromTexts, List, Obj, Row, Sent, Slots};

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

/// How a field is read.
pub(crate) trait Decode {
    type Out: Default;
    fn decode(reader: &mut Reader<'_>) -> Result<Self::Out, Fault>;
}

/// An object that reads itself key by key. The reader stands at its brace.
pub(crate) trait Object: Sized {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault>;
}

/// Makes a struct with a reader from a list `field: Type = "key" as Kind`.
macro_rules! object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* pub $field:ident : $type:ty = $key:literal $(| $other:literal)* as $kind:ty ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
        }

        impl $crate::wire::Object for $name {
            fn read(reader: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Fault> {
                let mut object = Self::default();
                reader.object(|reader, key| {
                    match key {
                        $( $key $(| $other)* => {
                            object.$field = <$kind as $crate::wire::Decode>::decode(reader)?;
                        } )*
                        unread => {
                            $crate::wire::note_unread(stringify!($name), unread);
                            reader.skip()?;
                        }
                    }
                    Ok(())
                })?;
                Ok(object)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::deserialize_object(deserializer)
            }
        }
    };
}
pub(crate) use object;

#[cfg(test)]
thread_local! {
    /// What objects met and did not read, as `(object, key)`.
    pub(crate) static UNREAD: std::cell::RefCell<std::collections::BTreeSet<(String, String)>> =
        const { std::cell::RefCell::new(std::collections::BTreeSet::new()) };
}

/// Remembers, in tests only, a key that no field reads.
#[inline]
pub(crate) fn note_unread(object: &str, key: &str) {
    #[cfg(test)]
    UNREAD.with_borrow_mut(|seen| seen.insert((object.to_owned(), key.to_owned())));
    #[cfg(not(test))]
    let _ = (object, key);
}

/// Reads one JSON object and nothing after it.
pub(crate) fn object_from_str<T: Object>(json: &str) -> Result<T, Fault> {
    let mut reader = Reader::new(json);
    let object = T::read(&mut reader)?;
    reader.end()?;
    Ok(object)
}

/// The bridge to serde, for objects inside of others' types; works with `serde_json` only.
pub(crate) fn deserialize_object<'de, T: Object, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    object_from_str(raw.get()).map_err(D::Error::custom)
}
