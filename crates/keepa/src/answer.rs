//! What surrounds every answer: the token balance, perhaps an error, and the payload.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::error::{ApiError, Error};
use crate::product::Product;
use crate::wire::{Count, Decode, KeySeed, Obj, Real, Seed, Whole, object};

object! {
    /// The token balance and the clock of the server, sent with every answer, errors included.
    #[derive(Copy)]
    pub struct TokenStatus {
        /// Server time, Unix milliseconds.
        pub timestamp_ms: Option<i64> = "timestamp" as Count,
        /// Balance after the request; may be negative.
        pub tokens_left: Option<i64> = "tokensLeft" as Whole,
        /// Milliseconds until the next refill, 0 to 60,000.
        pub refill_in_ms: Option<i64> = "refillIn" as Count,
        /// Tokens added per minute by the plan.
        pub refill_rate: Option<i64> = "refillRate" as Count,
        /// Tokens per minute that trackings take from the refill.
        pub token_flow_reduction: Option<f64> = "tokenFlowReduction" as Real,
        /// What the request cost.
        pub tokens_consumed: Option<i64> = "tokensConsumed" as Whole,
        /// How long the server worked, milliseconds.
        pub processing_time_ms: Option<i64> = "processingTimeInMs" as Count,
    }
}

/// A payload together with the balance that came with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// The token balance after the request.
    pub tokens: TokenStatus,
    /// What was asked for.
    pub value: T,
}

impl<T> Answer<T> {
    /// The same balance with another value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { tokens: self.tokens, value: make(self.value) }
    }
}

/// A product and the bytes it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct RawProduct {
    /// The product.
    pub product: Product,
    /// Exactly what Keepa sent for it: one JSON object.
    pub json: Box<str>,
}

impl RawProduct {
    /// Reads one bare product object.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the text is not one JSON object.
    pub fn decode(json: &str) -> Result<Self, Error> {
        Ok(Self { product: decode_product(json)?, json: json.into() })
    }
}

/// The members of an answer that every endpoint shares.
#[derive(Default)]
pub(crate) struct Head {
    pub(crate) tokens: TokenStatus,
    pub(crate) error: Option<ApiError>,
}

impl Head {
    /// Reads the member `key` if it belongs to the head; `false` when it does not.
    fn read<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        let tokens = &mut self.tokens;
        match key {
            "timestamp" => tokens.timestamp_ms = map.next_value_seed(Seed::<Count>::new())?,
            "tokensLeft" => tokens.tokens_left = map.next_value_seed(Seed::<Whole>::new())?,
            "refillIn" => tokens.refill_in_ms = map.next_value_seed(Seed::<Count>::new())?,
            "refillRate" => tokens.refill_rate = map.next_value_seed(Seed::<Count>::new())?,
            "tokenFlowReduction" => tokens.token_flow_reduction = map.next_value_seed(Seed::<Real>::new())?,
            "tokensConsumed" => tokens.tokens_consumed = map.next_value_seed(Seed::<Whole>::new())?,
            "processingTimeInMs" => tokens.processing_time_ms = map.next_value_seed(Seed::<Count>::new())?,
            "error" => self.error = map.next_value_seed(Seed::<Obj<ApiError>>::new())?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// An answer whose payload is one member, read by kind `K`.
pub(crate) struct Body<K: Decode> {
    pub(crate) head: Head,
    /// `None` when the member is absent.
    pub(crate) payload: Option<K::Out>,
}

struct BodyReader<K>(&'static str, std::marker::PhantomData<K>);

impl<'de, K: Decode> Visitor<'de> for BodyReader<K> {
    type Value = Body<K>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body<K>, A::Error> {
        let mut body = Body { head: Head::default(), payload: None };
        while let Some(key) = map.next_key_seed(KeySeed)? {
            if *key == *self.0 {
                body.payload = Some(map.next_value_seed(Seed::<K>::new())?);
            } else if !body.head.read(&key, &mut map)? {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(body)
    }
}

/// Reads an answer whose payload sits under `member`.
pub(crate) fn decode_body<K: Decode>(bytes: &[u8], member: &'static str) -> Result<Body<K>, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let body = deserializer
        .deserialize_map(BodyReader::<K>(member, std::marker::PhantomData))
        .map_err(|error| malformed(&error))?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(body)
}

/// A payload that nobody reads.
pub(crate) struct Nothing;

impl Decode for Nothing {
    type Out = ();
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| ())
    }
}

/// Reads only the head of an answer.
pub(crate) fn decode_head(bytes: &[u8]) -> Result<Head, Error> {
    decode_body::<Nothing>(bytes, "").map(|body| body.head)
}

/// A product answer whose products are still text.
struct ProductBody<'a> {
    head: Head,
    products: Option<Vec<&'a RawValue>>,
}

impl<'de> Deserialize<'de> for ProductBody<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = ProductBody<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an answer object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ProductBody<'de>, A::Error> {
                let mut body = ProductBody { head: Head::default(), products: None };
                while let Some(key) = map.next_key_seed(KeySeed)? {
                    if *key == *"products" {
                        body.products = map.next_value::<RawList<'de>>()?.0;
                    } else if !body.head.read(&key, &mut map)? {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(body)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// A list of undecoded values, or `null`.
struct RawList<'a>(Option<Vec<&'a RawValue>>);

impl<'de> Deserialize<'de> for RawList<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = RawList<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of products")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawList<'de>, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(RawList(Some(values)))
            }
            fn visit_unit<E>(self) -> Result<RawList<'de>, E> {
                Ok(RawList(None))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Reads a product answer (`{"products": […]}` with the token fields).
///
/// An answer without `products`, as Keepa sends when no ASIN is known, is an empty list; `null` among the products
/// is left out.
///
/// # Errors
/// [`Error::Malformed`] when the bytes are not such a JSON object or a product is not an object;
/// [`Error::Rejected`] when the answer carries an `error` object and no products.
pub fn decode_products(bytes: &[u8]) -> Result<(TokenStatus, Vec<RawProduct>), Error> {
    let (head, products) = decode_product_body(bytes)?;
    match (head.error, products) {
        (Some(error), None) => Err(error.into_rejection(200, head.tokens)),
        (_, products) => Ok((head.tokens, products.unwrap_or_default())),
    }
}

/// The head and, if there are any, the products of an answer.
pub(crate) fn decode_product_body(bytes: &[u8]) -> Result<(Head, Option<Vec<RawProduct>>), Error> {
    let body: ProductBody<'_> = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    let Some(values) = body.products else {
        return Ok((body.head, None));
    };
    let mut products = Vec::with_capacity(values.len());
    for value in values {
        if value.get() != "null" {
            products.push(RawProduct::decode(value.get())?);
        }
    }
    Ok((body.head, Some(products)))
}

fn decode_product(json: &str) -> Result<Product, Error> {
    serde_json::from_str(json).or_else(|error| {
        // A title cut in the middle of a surrogate pair makes JSON that strict readers refuse; it must not cost the product.
        let repaired = without_lone_surrogates(json).ok_or_else(|| malformed(&error))?;
        serde_json::from_str(&repaired).map_err(|error| malformed(&error))
    })
}

pub(crate) fn malformed(error: &serde_json::Error) -> Error {
    Error::Malformed { what: format!("the answer is not the JSON that was expected: {error}") }
}

/// Replaces the escapes of unpaired UTF-16 surrogates by that of the replacement character; `None` if there are none.
fn without_lone_surrogates(json: &str) -> Option<String> {
    let bytes = json.as_bytes();
    let unit = |at: usize| -> Option<u16> {
        let escape = bytes.get(at..at + 6)?;
        let hex = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
        u16::from_str_radix(hex, 16).ok()
    };
    let mut repaired = String::with_capacity(json.len());
    let (mut at, mut copied) = (0, 0);
    while let Some(offset) = json.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at + offset;
        at = match unit(escape) {
            Some(0xD800..=0xDBFF) if matches!(unit(escape + 6), Some(0xDC00..=0xDFFF)) => escape + 12,
            Some(0xD800..=0xDFFF) => {
                repaired.push_str(json.get(copied..escape)?);
                repaired.push_str("\\ufffd");
                copied = escape + 6;
                copied
            }
            Some(_) => escape + 6,
            None => escape + 2,
        };
    }
    repaired.push_str(json.get(copied..)?);
    (copied > 0).then_some(repaired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_answer_without_products_is_an_empty_list() {
        let (tokens, products) =
            decode_products(br#"{"tokensLeft":-3,"refillIn":10,"x":{"y":[1]}}"#).unwrap();
        assert_eq!((tokens.tokens_left, tokens.refill_in_ms, products.len()), (Some(-3), Some(10), 0));
        assert!(decode_products(br#"{"products":null}"#).unwrap().1.is_empty());
        assert!(decode_products(br#"{"products":[null]}"#).unwrap().1.is_empty());
    }

    #[test]
    fn the_bytes_of_each_product_are_kept_as_they_came() {
        let body = br#"{"products":[ {"asin" : "B000000001", "title":null } ,{"asin":"B000000002"}]}"#;
        let (_, products) = decode_products(body).unwrap();
        assert_eq!(&*products[0].json, r#"{"asin" : "B000000001", "title":null }"#);
        assert_eq!(products[1].product.asin.unwrap().as_str(), "B000000002");
    }

    #[test]
    fn wrong_types_never_lose_the_product() {
        let json = r#"{"asin":"B000000001","title":5,"csv":{"a":1},"categories":"7","stats":[],"offers":{},"fbaFees":3,
            "monthlySold":"50","packageLength":10.0,"isSNS":1,"domainId":"3","images":null,"salesRanks":[1],
            "salesRankReference":1.0,"variations":"x","reviews":null,"coupon":-5,"referralFeePercentage":"15.01"}"#;
        let product = RawProduct::decode(json).unwrap().product;
        assert_eq!(product.title.as_deref(), Some("5"));
        assert_eq!(product.monthly_sold, Some(50));
        assert_eq!(product.package_length, Some(10));
        assert_eq!(product.domain, Some(crate::Domain::De));
        assert_eq!(product.categories, [crate::CategoryId(7)]);
        assert_eq!(product.referral_fee_percentage.unwrap().as_str(), "15.01");
    }

    #[test]
    fn a_title_cut_inside_a_surrogate_pair_does_not_cost_the_product() {
        let json = r#"{"title":"a \ud83d","brand":"\ud83d\ude00 \\ud83d","asin":"B000000001"}"#;
        let raw = RawProduct::decode(json).unwrap();
        assert_eq!(raw.product.title.as_deref(), Some("a \u{fffd}"));
        assert_eq!(raw.product.brand.as_deref(), Some("\u{1f600} \\ud83d"));
        assert_eq!(&*raw.json, json);
    }

    #[test]
    fn an_error_object_instead_of_products_is_an_error() {
        let body = br#"{"error":{"message":"m","type":"invalidParameter","details":null},"tokensLeft":59}"#;
        let error = decode_products(body).unwrap_err();
        assert_eq!(error.tokens().unwrap().tokens_left, Some(59));
        assert!(
            matches!(error, Error::Rejected { status: 200, kind: Some(kind), .. } if kind == "invalidParameter")
        );
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode_products(&bytes);
        }

        #[test]
        fn arbitrary_json_like_text_never_panics(text in r#"\{"products":\[\{("(csv|stats|title|offers|salesRanks|g)":[\[\{\]\}0-9,."a-z\\u-]{0,20},?){0,4}\}?\]?\}?"#) {
            let _ = decode_products(text.as_bytes());
        }

        #[test]
        fn a_cut_answer_is_malformed_and_nothing_else(cut in 0_usize..60) {
            let body = br#"{"products":[{"asin":"B000000001","csv":[[1,2]]}],"tokensLeft":1}"#;
            prop_assert!(matches!(decode_products(&body[..cut]), Err(Error::Malformed { .. })), "cut at {cut}");
        }
    }
}
