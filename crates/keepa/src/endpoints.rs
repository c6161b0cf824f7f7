//! The endpoints: a request in, a typed answer out.
//!
//! To add one: an object for the payload, a method that builds the parameters and names the member to read.

use std::collections::BTreeMap;

use crate::answer::{Answer, Head, RawProduct, TokenStatus, decode_body, decode_head, decode_product_body};
use crate::client::{Call, Client};
use crate::domain::Domain;
use crate::error::Error;
use crate::finder::{FinderResult, SearchInsights, Selection};
use crate::ids::{Asin, CategoryId, SellerId};
use crate::market::{
    Bestsellers, Categories, Category, DealRequest, DealState, Deals, LightningDeal, Notification, Seller,
    Tracking,
};
use crate::request::{BestsellersRequest, GraphImageRequest, Param, ProductRequest, SearchRequest, flag};
use crate::time::KeepaTime;
use crate::wire::{AsinText, ByCategory, ByText, Decode, List, Obj, Seller as SellerKind, Text, Whole};

/// Longer selections go in the body of a POST, so that no proxy refuses the address.
const MAX_QUERY_CHARS: usize = 4_000;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn domain_param(domain: Domain) -> Param {
    ("domain", domain.id().to_string())
}

fn joined<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(",")
}

impl Client {
    /// Products with what the request asks for. ASINs that Keepa does not know are missing from the answer, or come
    /// without a title ([`Product::is_unknown`](crate::Product::is_unknown)). The order is not promised.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn products(&self, request: &ProductRequest) -> Result<Answer<Vec<RawProduct>>, Error> {
        request.check()?;
        self.product_answer(Call::get("product", request.params())).await
    }

    async fn product_answer(&self, call: Call) -> Result<Answer<Vec<RawProduct>>, Error> {
        let bytes = self.call(&call).await?;
        let (head, products) = decode_product_body(&bytes).map_err(|error| self.redact(error))?;
        self.finish(head, products, Some(Vec::new()), "products")
    }

    /// The ASINs that fulfil a selection.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn finder(&self, domain: Domain, selection: &Selection) -> Result<Answer<FinderResult>, Error> {
        self.find(domain, selection, false).await
    }

    /// The same with figures over all matches, for 30 tokens and more.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn finder_with_insights(
        &self,
        domain: Domain,
        selection: &Selection,
    ) -> Result<Answer<FinderResult>, Error> {
        self.find(domain, selection, true).await
    }

    async fn find(
        &self,
        domain: Domain,
        selection: &Selection,
        insights: bool,
    ) -> Result<Answer<FinderResult>, Error> {
        let mut params = vec![domain_param(domain)];
        params.extend(insights.then(|| ("stats", flag(true))));
        let bytes = self.call(&with_selection("query", params, selection.to_json()?)).await?;
        let total_results = self.member::<Whole>(&bytes, "totalResults")?.flatten();
        // Without a match Keepa may leave the list out.
        let absent = (total_results == Some(0)).then(Vec::new);
        let answer = self.read::<List<AsinText>>(&bytes, "asinList", absent)?;
        let insights = self.member::<Obj<SearchInsights>>(&bytes, "searchInsights")?.flatten();
        Ok(answer.map(|asins| FinderResult { asins, total_results, insights }))
    }

    /// The token balance. Free.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn token_status(&self) -> Result<TokenStatus, Error> {
        let bytes = self.call(&Call::get("token", Vec::new())).await?;
        let head = decode_head(&bytes).map_err(|error| self.redact(error))?;
        let balance = head.tokens.tokens_left.is_some().then_some(());
        self.finish(head, balance, None, "tokensLeft").map(|answer| answer.tokens)
    }

    /// A best-seller list; `None` when Keepa has none.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn bestsellers(
        &self,
        request: &BestsellersRequest,
    ) -> Result<Answer<Option<Bestsellers>>, Error> {
        let bytes = self.call(&Call::get("bestsellers", request.params()?)).await?;
        self.read::<Obj<Bestsellers>>(&bytes, "bestSellersList", Some(None))
    }

    /// The root categories of a marketplace.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn root_categories(&self, domain: Domain) -> Result<Answer<Categories>, Error> {
        self.category_answer(domain, "0".to_owned(), false).await
    }

    /// Categories by id, at most ten, and on request all that are above them.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn categories(
        &self,
        domain: Domain,
        ids: &[CategoryId],
        parents: bool,
    ) -> Result<Answer<Categories>, Error> {
        if !(1..=10).contains(&ids.len()) {
            return Err(Error::invalid("category", format!("{} ids; 1 to 10 are allowed", ids.len())));
        }
        self.category_answer(domain, joined(ids), parents).await
    }

    async fn category_answer(
        &self,
        domain: Domain,
        ids: String,
        parents: bool,
    ) -> Result<Answer<Categories>, Error> {
        let params = vec![domain_param(domain), ("category", ids), ("parents", flag(parents))];
        let bytes = self.call(&Call::get("category", params)).await?;
        let answer = self.read::<ByCategory<Obj<Category>>>(&bytes, "categories", Some(BTreeMap::new()))?;
        let parents =
            self.member::<ByCategory<Obj<Category>>>(&bytes, "categoryParents")?.unwrap_or_default();
        Ok(answer.map(|categories| Categories { categories, parents }))
    }

    /// Categories whose name has all the words (each of at least three characters); at most 50.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn search_categories(
        &self,
        domain: Domain,
        term: &str,
    ) -> Result<Answer<BTreeMap<CategoryId, Category>>, Error> {
        if term.split_whitespace().all(|word| word.chars().count() < 3) {
            return Err(Error::invalid("term", "needs a word of at least three characters"));
        }
        let params =
            vec![domain_param(domain), ("type", "category".to_owned()), ("term", term.trim().to_owned())];
        let bytes = self.call(&Call::get("search", params)).await?;
        self.read::<ByCategory<Obj<Category>>>(&bytes, "categories", Some(BTreeMap::new()))
    }

    /// Products by words, in Amazon's order; at most 20.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn search_products(&self, request: &SearchRequest) -> Result<Answer<Vec<RawProduct>>, Error> {
        self.product_answer(Call::get("search", request.params(false)?)).await
    }

    /// The same, only the ASINs.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn search_asins(&self, request: &SearchRequest) -> Result<Answer<Vec<Asin>>, Error> {
        let bytes = self.call(&Call::get("search", request.params(true)?)).await?;
        self.read::<List<AsinText>>(&bytes, "asinList", Some(Vec::new()))
    }

    /// A page of deals.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn deals(&self, request: &DealRequest) -> Result<Answer<Deals>, Error> {
        let bytes = self.call(&with_selection("deal", Vec::new(), request.to_json()?)).await?;
        let answer = self.read::<Obj<Deals>>(&bytes, "deals", None)?;
        Ok(answer.map(Option::unwrap_or_default))
    }

    /// Sellers by id, at most 100; those that Keepa does not know are missing.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn sellers(
        &self,
        domain: Domain,
        ids: &[SellerId],
    ) -> Result<Answer<BTreeMap<String, Seller>>, Error> {
        if !(1..=100).contains(&ids.len()) {
            return Err(Error::invalid("seller", format!("{} ids; 1 to 100 are allowed", ids.len())));
        }
        self.seller_answer(vec![domain_param(domain), ("seller", joined(ids))]).await
    }

    /// One seller with the products of the storefront.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn storefront(&self, domain: Domain, id: SellerId) -> Result<Answer<Option<Seller>>, Error> {
        let params = vec![domain_param(domain), ("seller", id.to_string()), ("storefront", flag(true))];
        let answer = self.seller_answer(params).await?;
        Ok(answer.map(|sellers| sellers.into_values().next()))
    }

    async fn seller_answer(&self, params: Vec<Param>) -> Result<Answer<BTreeMap<String, Seller>>, Error> {
        let bytes = self.call(&Call::get("seller", params)).await?;
        self.read::<ByText<Obj<Seller>>>(&bytes, "sellers", Some(BTreeMap::new()))
    }

    /// The sellers with most ratings, most first; at most 100,000.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn top_sellers(&self, domain: Domain) -> Result<Answer<Vec<SellerId>>, Error> {
        if domain == Domain::Br {
            return Err(Error::invalid("domain", "Keepa has no top sellers of amazon.com.br"));
        }
        let bytes = self.call(&Call::get("topseller", vec![domain_param(domain)])).await?;
        self.read::<List<SellerKind>>(&bytes, "sellerIdList", None)
    }

    /// The lightning deals of one product; empty when it has none.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn lightning_deal(
        &self,
        domain: Domain,
        asin: Asin,
    ) -> Result<Answer<Vec<LightningDeal>>, Error> {
        self.lightning_answer(vec![domain_param(domain), ("asin", asin.to_string())]).await
    }

    /// All lightning deals of a marketplace, of one state or of any. Costs 500 tokens.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn all_lightning_deals(
        &self,
        domain: Domain,
        state: Option<DealState>,
    ) -> Result<Answer<Vec<LightningDeal>>, Error> {
        let mut params = vec![domain_param(domain)];
        params.extend(state.map(|state| ("state", state.name().to_owned())));
        self.lightning_answer(params).await
    }

    async fn lightning_answer(&self, params: Vec<Param>) -> Result<Answer<Vec<LightningDeal>>, Error> {
        let bytes = self.call(&Call::get("lightningdeal", params)).await?;
        self.read::<List<Obj<LightningDeal>>>(&bytes, "lightningDeals", None)
    }

    /// A price graph, as the bytes of a PNG. Keepa tells no balance with it.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn graph_image(&self, request: &GraphImageRequest) -> Result<Vec<u8>, Error> {
        let bytes = self.call(&Call::get("graphimage", request.params()?)).await?;
        if bytes.starts_with(PNG) {
            return Ok(bytes);
        }
        let error = match decode_head(&bytes) {
            Ok(Head { tokens, error: Some(error) }) => error.into_rejection(200, tokens),
            _ => Error::Malformed { what: "the answer is no PNG picture".to_owned() },
        };
        Err(self.redact(error))
    }

    /// The tracking of one product, if there is one. `list` names a list of trackings; `None` is the default one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn tracking(&self, asin: Asin, list: Option<&str>) -> Result<Answer<Option<Tracking>>, Error> {
        let params = vec![("asin", asin.to_string())];
        let answer = self.tracking_answer::<List<Obj<Tracking>>>("get", params, list, "trackings").await?;
        Ok(answer.map(|trackings| trackings.into_iter().next()))
    }

    /// A page (from 0) of the trackings of a list.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn trackings(
        &self,
        page: u32,
        per_page: u32,
        list: Option<&str>,
    ) -> Result<Answer<Vec<Tracking>>, Error> {
        let params = vec![("page", page.to_string()), ("perPage", per_page.to_string())];
        self.tracking_answer::<List<Obj<Tracking>>>("list", params, list, "trackings").await
    }

    /// The ASINs of all trackings of a list.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn tracked_asins(&self, list: Option<&str>) -> Result<Answer<Vec<Asin>>, Error> {
        let params = vec![("asins-only", flag(true))];
        self.tracking_answer::<List<AsinText>>("list", params, list, "asinList").await
    }

    /// Reports since a moment. `again` includes those already delivered; `mark_read` marks them as delivered.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn notifications(
        &self,
        since: KeepaTime,
        again: bool,
        mark_read: bool,
    ) -> Result<Answer<Vec<Notification>>, Error> {
        let params = vec![
            ("since", since.minutes().to_string()),
            ("revise", flag(again)),
            ("readOnly", flag(!mark_read)),
        ];
        self.tracking_answer::<List<Obj<Notification>>>("notification", params, None, "notifications").await
    }

    /// The names of the lists of trackings.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn tracking_list_names(&self) -> Result<Answer<Vec<String>>, Error> {
        self.tracking_answer::<List<Text>>("listNames", Vec::new(), None, "trackingListNames").await
    }

    async fn tracking_answer<K>(
        &self,
        kind: &str,
        mut params: Vec<Param>,
        list: Option<&str>,
        member: &'static str,
    ) -> Result<Answer<K::Out>, Error>
    where
        K: Decode,
    {
        params.insert(0, ("type", kind.to_owned()));
        params.extend(list.map(|name| ("list", name.to_owned())));
        let bytes = self.call(&Call::get("tracking", params)).await?;
        self.read::<K>(&bytes, member, Some(K::Out::default()))
    }

    /// A member of an answer, without its head.
    fn member<K: Decode>(&self, bytes: &[u8], member: &'static str) -> Result<Option<K::Out>, Error> {
        decode_body::<K>(bytes, member).map(|body| body.payload).map_err(|error| self.redact(error))
    }

    /// An answer with one member; `absent` is what its absence means, `None` that it must not be absent.
    fn read<K: Decode>(
        &self,
        bytes: &[u8],
        member: &'static str,
        absent: Option<K::Out>,
    ) -> Result<Answer<K::Out>, Error> {
        let body = decode_body::<K>(bytes, member).map_err(|error| self.redact(error))?;
        self.finish(body.head, body.payload, absent, member)
    }

    /// The balance is noted, and an `error` instead of the payload becomes one.
    fn finish<T>(
        &self,
        head: Head,
        payload: Option<T>,
        absent: Option<T>,
        member: &'static str,
    ) -> Result<Answer<T>, Error> {
        self.note_tokens(&head.tokens);
        match (payload, head.error) {
            (Some(value), error) => {
                if let Some(error) = error {
                    let message = error.message.unwrap_or_default();
                    tracing::warn!(message, "Keepa answered, and reported an error beside it");
                }
                Ok(Answer { tokens: head.tokens, value })
            }
            (None, Some(error)) => Err(self.redact(error.into_rejection(200, head.tokens))),
            (None, None) => match absent {
                Some(value) => Ok(Answer { tokens: head.tokens, value }),
                None => Err(Error::Malformed { what: format!("the answer has no `{member}`") }),
            },
        }
    }
}

/// A request with a selection: in the address, or in the body when it is long.
fn with_selection(path: &'static str, mut params: Vec<Param>, selection: String) -> Call {
    if selection.len() > MAX_QUERY_CHARS {
        return Call { path, params, body: Some(selection) };
    }
    params.push(("selection", selection));
    Call::get(path, params)
}
