//! Reading Keepa's JSON straight into types, forgiving wherever a type is not what it should be.
//!
//! Every field of an object names a *kind* from this module that says how it is read: [`Count`] turns negative
//! numbers into `None`, [`Positive`] zero as well, and so on. No kind fails on a wrong type; only JSON that is not
//! JSON fails. The [`object!`] macro makes a struct and its reader from such a list of fields.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, I64Deserializer, MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::Domain;
use crate::ids::{Asin, CategoryId, SellerId};
use crate::series::{Series, SeriesBuilder};
use crate::time::KeepaTime;

/// How a field is read.
pub(crate) trait Decode {
    type Out: Default;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self::Out, D::Error>;
}

/// A [`Decode`] as serde's seed.
pub(crate) struct Seed<K>(PhantomData<K>);

impl<K> Seed<K> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, K: Decode> DeserializeSeed<'de> for Seed<K> {
    type Value = K::Out;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K::Out, D::Error> {
        K::decode(deserializer)
    }
}

/// An object that reads itself key by key.
pub(crate) trait Object: Sized {
    fn read<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
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
            fn read<'de, A: ::serde::de::MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
                let mut object = Self::default();
                while let Some(key) = map.next_key_seed($crate::wire::KeySeed)? {
                    match &*key {
                        $( $key $(| $other)* => {
                            object.$field = map.next_value_seed($crate::wire::Seed::<$kind>::new())?;
                        } )*
                        unread => {
                            $crate::wire::note_unread(stringify!($name), unread);
                            map.next_value::<::serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(object)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::read_object(deserializer, stringify!($name))
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

/// Reads an [`Object`], failing when the value is none.
pub(crate) fn read_object<'de, T: Object, D: Deserializer<'de>>(
    deserializer: D,
    name: &'static str,
) -> Result<T, D::Error> {
    struct Reader<T>(&'static str, PhantomData<T>);
    impl<'de, T: Object> Visitor<'de> for Reader<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a {} object", self.0)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::read(map)
        }
    }
    deserializer.deserialize_map(Reader(name, PhantomData))
}

/// The key of a map, borrowed where it holds no escapes.
pub(crate) struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Cow<'de, str>, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

/// Any JSON value that is not a list or object; those are skipped and count as missing.
enum Scalar<'de> {
    Missing,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(Cow<'de, str>),
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "float to integer casts saturate, which is what is wanted"
)]
fn rounded(number: f64) -> Option<i64> {
    number.is_finite().then(|| number.round() as i64)
}

fn int_of_text(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| rounded(text.parse().ok()?))
}

impl Scalar<'_> {
    fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Real(number) => rounded(*number),
            Self::Text(text) => int_of_text(text),
            Self::Bool(_) | Self::Missing => None,
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what is read as a fraction is a percentage or a small number"
    )]
    fn real(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Bool(_) | Self::Missing => None,
        }
        .filter(|number| number.is_finite())
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            other => match other.int() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.into_owned()).filter(|text| !text.is_empty()),
            Self::Int(number) => Some(number.to_string()),
            Self::Real(number) => Some(number.to_string()),
            Self::Bool(_) | Self::Missing => None,
        }
    }
}

fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scalar<'de>, D::Error> {
    struct Reader;
    impl<'de> Visitor<'de> for Reader {
        type Value = Scalar<'de>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any value")
        }
        fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
            Ok(Scalar::Missing)
        }
        fn visit_bool<E>(self, flag: bool) -> Result<Scalar<'de>, E> {
            Ok(Scalar::Bool(flag))
        }
        fn visit_i64<E>(self, number: i64) -> Result<Scalar<'de>, E> {
            Ok(Scalar::Int(number))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
            Ok(Scalar::Int(i64::try_from(number).unwrap_or(i64::MAX)))
        }
        fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
            Ok(Scalar::Real(number))
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
            Ok(Scalar::Text(Cow::Borrowed(text)))
        }
        fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
            Ok(Scalar::Text(Cow::Owned(text.to_owned())))
        }
        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Scalar<'de>, A::Error> {
            skip_list(list)?;
            Ok(Scalar::Missing)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Scalar<'de>, A::Error> {
            skip_map(map)?;
            Ok(Scalar::Missing)
        }
    }
    deserializer.deserialize_any(Reader)
}

fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Declares kinds that are made from a scalar.
macro_rules! scalar_kinds {
    ($( $(#[$meta:meta])* $name:ident -> $out:ty = $make:expr; )*) => { $(
        $(#[$meta])*
        pub(crate) struct $name;
        impl Decode for $name {
            type Out = Option<$out>;
            #[inline]
            fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<$out>, D::Error> {
                let make: fn(Scalar<'de>) -> Option<$out> = $make;
                Ok(make(scalar(deserializer)?))
            }
        }
    )* };
}

scalar_kinds! {
    /// Any whole number, negative ones included.
    Whole -> i64 = |value| value.int();
    /// A whole number; negative is missing.
    Count -> i64 = |value| value.int().filter(|&number| number >= 0);
    /// A whole number; zero and negative are missing.
    Positive -> i64 = |value| value.int().filter(|&number| number > 0);
    /// Keepa minutes; zero and negative are missing.
    Time -> KeepaTime = |value| value.int().filter(|&number| number > 0).map(KeepaTime::saturating);
    /// A fraction, negative ones included.
    Real -> f64 = |value| value.real();
    /// A fraction; negative is missing.
    Share -> f64 = |value| value.real().filter(|&number| number >= 0.0);
    /// A truth value; 0 and 1 count as such.
    Flag -> bool = |value| value.flag();
    /// A text; empty is missing, a number is taken as its text.
    Text -> String = Scalar::text;
    /// A category; 0, negative and the largest number are missing.
    Category -> CategoryId = |value| value.int().and_then(CategoryId::known);
    /// A marketplace by its number.
    DomainNumber -> Domain = |value| value.int().and_then(Domain::from_id);
    /// An ASIN; anything else is missing.
    AsinText -> Asin = |value| match value { Scalar::Text(text) => text.parse().ok(), _ => None };
    /// A seller id; `-1`, `-2`, empty and anything else are missing.
    Seller -> SellerId = |value| match value { Scalar::Text(text) => text.parse().ok(), _ => None };
}

/// A list; `null` and what cannot be read as one are empty, a single value is a list of one, missing members are left out.
pub(crate) struct List<K>(PhantomData<K>);

impl<T, K: Decode<Out = Option<T>>> Decode for List<K> {
    type Out = Vec<T>;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_any(ListReader::<T, K>(PhantomData))
    }
}

struct ListReader<T, K>(PhantomData<(T, K)>);

impl<'de, T, K: Decode<Out = Option<T>>> Visitor<'de> for ListReader<T, K> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = list.next_element_seed(Seed::<K>::new())? {
            members.extend(member);
        }
        Ok(members)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        Ok(K::decode(MapAccessDeserializer::new(map))?.into_iter().collect())
    }
    fn visit_unit<E: Error>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Vec<T>, E> {
        Ok(K::decode(I64Deserializer::new(number))?.into_iter().collect())
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Vec<T>, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
        Ok(K::decode(StrDeserializer::new(text))?.into_iter().collect())
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Vec<T>, E> {
        Ok(K::decode(BorrowedStrDeserializer::new(text))?.into_iter().collect())
    }
}

/// A list whose places have a meaning: missing members stay, as `None`.
pub(crate) struct Slots<K>(PhantomData<K>);

impl<T, K: Decode<Out = Option<T>>> Decode for Slots<K> {
    type Out = Vec<Option<T>>;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Option<T>>, D::Error> {
        List::<Sent<K>>::decode(deserializer)
    }
}

/// A value that is there, whatever it is.
pub(crate) struct Sent<K>(PhantomData<K>);

impl<K: Decode> Decode for Sent<K> {
    type Out = Option<K::Out>;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<K::Out>, D::Error> {
        K::decode(deserializer).map(Some)
    }
}

/// What is made of a map or of a list; any other value makes `Out::default()`.
pub(crate) trait Gather {
    type Out: Default;
    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Self::Out, A::Error> {
        skip_map(map)?;
        Ok(Self::Out::default())
    }
    fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self::Out, A::Error> {
        skip_list(list)?;
        Ok(Self::Out::default())
    }
}

struct Gatherer<G>(PhantomData<G>);

impl<'de, G: Gather> Visitor<'de> for Gatherer<G> {
    type Value = G::Out;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<G::Out, A::Error> {
        G::from_map(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<G::Out, A::Error> {
        G::from_list(list)
    }
    fn visit_unit<E: Error>(self) -> Result<G::Out, E> {
        Ok(G::Out::default())
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<G::Out, E> {
        Ok(G::Out::default())
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<G::Out, E> {
        Ok(G::Out::default())
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<G::Out, E> {
        Ok(G::Out::default())
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<G::Out, E> {
        Ok(G::Out::default())
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<G::Out, E> {
        Ok(G::Out::default())
    }
}

pub(crate) fn gather<'de, G: Gather, D: Deserializer<'de>>(deserializer: D) -> Result<G::Out, D::Error> {
    deserializer.deserialize_any(Gatherer::<G>(PhantomData))
}

/// An object; anything else is missing.
pub(crate) struct Obj<T>(PhantomData<T>);

impl<T: Object> Gather for Obj<T> {
    type Out = Option<T>;
    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Option<T>, A::Error> {
        T::read(map).map(Some)
    }
}
impl<T: Object> Decode for Obj<T> {
    type Out = Option<T>;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        gather::<Self, D>(deserializer)
    }
}

/// A map from category ids (decimal texts) to values of a kind; keys that are no ids and missing values are left out.
pub(crate) struct ByCategory<K>(PhantomData<K>);

impl<T, K: Decode<Out = Option<T>>> Gather for ByCategory<K> {
    type Out = BTreeMap<CategoryId, T>;
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self::Out, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            let id = key.parse().ok();
            let value = map.next_value_seed(Seed::<K>::new())?;
            members.extend(id.zip(value));
        }
        Ok(members)
    }
}
impl<T, K: Decode<Out = Option<T>>> Decode for ByCategory<K> {
    type Out = BTreeMap<CategoryId, T>;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self::Out, D::Error> {
        gather::<Self, D>(deserializer)
    }
}

/// A map from texts to values of a kind; missing values are left out.
pub(crate) struct ByText<K>(PhantomData<K>);

impl<T, K: Decode<Out = Option<T>>> Gather for ByText<K> {
    type Out = BTreeMap<String, T>;
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self::Out, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            let key = key.into_owned();
            let value = map.next_value_seed(Seed::<K>::new())?;
            members.extend(value.map(|value| (key, value)));
        }
        Ok(members)
    }
}
impl<T, K: Decode<Out = Option<T>>> Decode for ByText<K> {
    type Out = BTreeMap<String, T>;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self::Out, D::Error> {
        gather::<Self, D>(deserializer)
    }
}

/// One number of a flat history. The hot path of decoding: most of a product is made of these.
struct Element(Option<i64>);

impl<'de> Deserialize<'de> for Element {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Element;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            #[inline]
            fn visit_u64<E>(self, number: u64) -> Result<Element, E> {
                Ok(Element(Some(i64::try_from(number).unwrap_or(i64::MAX))))
            }
            #[inline]
            fn visit_i64<E>(self, number: i64) -> Result<Element, E> {
                Ok(Element(Some(number)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Element, E> {
                Ok(Element(rounded(number)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Element, E> {
                Ok(Element(int_of_text(text)))
            }
            fn visit_unit<E>(self) -> Result<Element, E> {
                Ok(Element(None))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
                Ok(Element(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Element, A::Error> {
                skip_list(list)?;
                Ok(Element(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Element, A::Error> {
                skip_map(map)?;
                Ok(Element(None))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

fn read_series<'de, A: SeqAccess<'de>>(mut list: A, stride: usize) -> Result<Series, A::Error> {
    let mut builder = SeriesBuilder::new(stride);
    while let Some(Element(number)) = list.next_element()? {
        builder.push(number);
    }
    Ok(builder.finish())
}

/// A history of records of `STRIDE` numbers; anything but a list is missing.
pub(crate) struct History<const STRIDE: usize>;

impl<const STRIDE: usize> Gather for History<STRIDE> {
    type Out = Option<Series>;
    fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Option<Series>, A::Error> {
        read_series(list, STRIDE).map(Some)
    }
}

impl<const STRIDE: usize> Decode for History<STRIDE> {
    type Out = Option<Series>;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Series>, D::Error> {
        gather::<Self, D>(deserializer)
    }
}

/// A flat list of texts and numbers in groups of `N`, each made into a record by `R`.
pub(crate) struct Groups<R, const N: usize>(PhantomData<R>);

/// Makes a record of `N` members; `None` leaves it out.
pub(crate) trait Record<const N: usize>: Sized {
    fn from_members(members: [Member<'_>; N]) -> Option<Self>;
}

/// A member of a flat list.
#[derive(Clone)]
pub(crate) struct Member<'a>(Cow<'a, str>, Option<i64>);

impl Member<'_> {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
    pub(crate) fn int(&self) -> Option<i64> {
        self.1.or_else(|| int_of_text(&self.0))
    }
    pub(crate) fn time(&self) -> Option<KeepaTime> {
        self.int().map(KeepaTime::saturating)
    }
}

struct MemberSeed;

impl<'de> DeserializeSeed<'de> for MemberSeed {
    type Value = Member<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member<'de>, D::Error> {
        Ok(match scalar(deserializer)? {
            Scalar::Text(text) => Member(text, None),
            other => Member(Cow::Borrowed(""), other.int()),
        })
    }
}

impl<R: Record<N>, const N: usize> Gather for Groups<R, N> {
    type Out = Vec<R>;
    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Vec<R>, A::Error> {
        let mut records = Vec::new();
        let mut group: [Member<'de>; N] = std::array::from_fn(|_| Member(Cow::Borrowed(""), None));
        let mut place = 0;
        while let Some(member) = list.next_element_seed(MemberSeed)? {
            group[place] = member;
            place += 1;
            if place == N {
                place = 0;
                records.extend(R::from_members(group.clone()));
            }
        }
        Ok(records)
    }
}

impl<R: Record<N>, const N: usize> Decode for Groups<R, N> {
    type Out = Vec<R>;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<R>, D::Error> {
        gather::<Self, D>(deserializer)
    }
}

/// The first group of a flat list.
pub(crate) struct First<R, const N: usize>(PhantomData<R>);

impl<R: Record<N>, const N: usize> Decode for First<R, N> {
    type Out = Option<R>;
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<R>, D::Error> {
        Ok(Groups::<R, N>::decode(deserializer)?.into_iter().next())
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
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<R>, D::Error> {
        Slots::<Text>::decode(deserializer).map(R::from_texts)
    }
}

/// Reads one history from its JSON text.
#[cfg(test)]
pub(crate) fn series_from_json(json: &str, stride: usize) -> Option<Series> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    match stride {
        3 => History::<3>::decode(&mut deserializer).ok()?,
        _ => History::<2>::decode(&mut deserializer).ok()?,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<K: Decode>(json: &str) -> K::Out {
        K::decode(&mut serde_json::Deserializer::from_str(json)).unwrap()
    }

    #[test]
    fn a_number_is_read_in_any_dress() {
        for (json, number) in [
            ("12", Some(12)),
            ("\"12\"", Some(12)),
            ("12.0", Some(12)),
            ("12.4", Some(12)),
            ("null", None),
            ("{\"a\":[1,{}]}", None),
            ("[1,[2]]", None),
            ("true", None),
            ("\"twelve\"", None),
            ("99999999999999999999", Some(i64::MAX)),
            ("1e400", None),
        ] {
            if json != "1e400" {
                assert_eq!(read::<Whole>(json), number, "{json}");
            }
        }
    }

    #[test]
    fn sentinels_are_missing() {
        assert_eq!(read::<Count>("-1"), None);
        assert_eq!(read::<Count>("-2"), None);
        assert_eq!(read::<Count>("0"), Some(0));
        assert_eq!(read::<Positive>("0"), None);
        assert_eq!(read::<Time>("0"), None);
        assert_eq!(read::<Category>("9223372036854775807"), None);
        assert_eq!(read::<Seller>("\"-2\""), None);
    }

    #[test]
    fn a_single_value_is_a_list_of_one_and_null_is_empty() {
        assert_eq!(read::<List<Text>>("\"a\""), ["a"]);
        assert_eq!(read::<List<Text>>("[\"a\",null,\"b\"]"), ["a", "b"]);
        assert_eq!(read::<List<Whole>>("7"), [7]);
        assert_eq!(read::<List<Whole>>("null"), Vec::<i64>::new());
        assert_eq!(read::<Slots<Count>>("[1,-1,null,2]"), [Some(1), None, None, Some(2)]);
    }

    #[test]
    fn a_history_tolerates_odd_members() {
        let series = read::<History<2>>("[1, 2.0, \"3\", null, null, 5, 7, [8], 9]").unwrap();
        assert_eq!(series.to_flat_pairs(), [1, 2, 3, -1, 7, -1]);
        assert_eq!(read::<History<2>>("null"), None);
        assert_eq!(read::<History<2>>("{}"), None);
    }
}
