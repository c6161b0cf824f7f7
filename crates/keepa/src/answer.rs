//! What surrounds every answer: the token balance, perhaps an error, and the payload.

use crate::error::{ApiError, Error};
use crate::product::Product;
use crate::wire::{Count, Decode, Fault, Obj, Object, Reader, Real, Whole, object, object_from_str};

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
    /// Exactly what Keepa sent for it: one JSON object, without white space around it.
    pub json: Box<str>,
}

impl RawProduct {
    /// Reads one bare product object.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the text is not one JSON object.
    pub fn decode(json: &str) -> Result<Self, Error> {
        let json = json.trim();
        let product = object_from_str(json).map_err(|fault| malformed(json.as_bytes(), &fault))?;
        Ok(Self { product, json: json.into() })
    }
}

/// The members of an answer that every endpoint shares.
#[derive(Default)]
pub(crate) struct Head {
    pub(crate) tokens: TokenStatus,
    pub(crate) error: Option<ApiError>,
}

impl Head {
    /// Reads the member `key`, or skips it when it does not belong to the head.
    fn read(&mut self, key: &str, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let tokens = &mut self.tokens;
        match key {
            "timestamp" => tokens.timestamp_ms = Count::decode(reader)?,
            "tokensLeft" => tokens.tokens_left = Whole::decode(reader)?,
            "refillIn" => tokens.refill_in_ms = Count::decode(reader)?,
            "refillRate" => tokens.refill_rate = Count::decode(reader)?,
            "tokenFlowReduction" => tokens.token_flow_reduction = Real::decode(reader)?,
            "tokensConsumed" => tokens.tokens_consumed = Whole::decode(reader)?,
            "processingTimeInMs" => tokens.processing_time_ms = Count::decode(reader)?,
            "error" => self.error = Obj::<ApiError>::decode(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    }
}

/// An answer whose payload is one member, read by kind `K`.
pub(crate) struct Body<T> {
    pub(crate) head: Head,
    /// `None` when the member is absent.
    pub(crate) payload: Option<T>,
}

/// Reads an answer whose payload sits under `member`.
pub(crate) fn decode_body<K: Decode>(bytes: &[u8], member: &str) -> Result<Body<K::Out>, Error> {
    read_body(bytes, member, K::decode)
}

/// Reads only the head of an answer.
pub(crate) fn decode_head(bytes: &[u8]) -> Result<Head, Error> {
    decode_body::<Nothing>(bytes, "").map(|body| body.head)
}

/// A member that nobody reads.
struct Nothing;

impl Decode for Nothing {
    type Out = ();
    fn decode(reader: &mut Reader<'_>) -> Result<(), Fault> {
        reader.skip()
    }
}

fn read_body<T>(
    bytes: &[u8],
    member: &str,
    mut read: impl FnMut(&mut Reader<'_>) -> Result<T, Fault>,
) -> Result<Body<T>, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| malformed(bytes, &error))?;
    let mut reader = Reader::new(text);
    let mut body = Body { head: Head::default(), payload: None };
    let walked = reader.object(|reader, key| {
        if key == member {
            body.payload = Some(read(reader)?);
            return Ok(());
        }
        body.head.read(key, reader)
    });
    walked.and_then(|()| reader.end()).map_err(|fault| malformed(bytes, &fault))?;
    Ok(body)
}

fn malformed(bytes: &[u8], error: &dyn std::fmt::Display) -> Error {
    let what = match bytes.trim_ascii_start().first() {
        None => "the answer is empty".to_owned(),
        Some(b'<') => "the answer is an HTML page".to_owned(),
        Some(_) => format!("the answer is not the JSON that was expected: {error}"),
    };
    Error::Malformed { what }
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
    let body = read_body(bytes, "products", read_products)?;
    Ok((body.head, body.payload.flatten()))
}

/// No answer has more: a hundred products by ASIN, a hundred codes with a hundred products each. A product in memory is
/// some kilobytes even when its text is `{}`, so this bounds what hostile input can take.
const MAX_PRODUCTS: usize = 10_000;

/// Each product is read where it stands, and the text that was read is kept.
fn read_products(reader: &mut Reader<'_>) -> Result<Option<Vec<RawProduct>>, Fault> {
    if reader.peek() == Some(b'n') {
        return reader.skip().map(|()| None);
    }
    let mut products = Vec::new();
    reader.list(|reader| {
        if reader.peek() == Some(b'n') {
            return reader.skip();
        }
        if products.len() == MAX_PRODUCTS {
            return reader.fault("more products than any answer has");
        }
        let start = reader.position();
        let product = Product::read(reader)?;
        products.push(RawProduct { product, json: reader.since(start).into() });
        Ok(())
    })?;
    Ok(Some(products))
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
    fn more_products_than_any_answer_has_are_refused() {
        let answer = |count: usize| format!("{{\"products\":[{}]}}", vec!["{}"; count].join(","));
        assert_eq!(decode_products(answer(10_000).as_bytes()).unwrap().1.len(), 10_000);
        assert!(matches!(decode_products(answer(10_001).as_bytes()), Err(Error::Malformed { .. })));
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
    fn a_product_can_be_a_part_of_other_types() {
        let json = r#"[{"asin":"B000000001","csv":[[7000000,5]]},{"asin":1}]"#;
        let products: Vec<Product> = serde_json::from_str(json).unwrap();
        assert_eq!(products[0].series(crate::CsvType::Amazon).unwrap().len(), 1);
        assert_eq!(products[1].asin, None);
        assert!(serde_json::from_str::<Product>("[]").is_err());
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
