//! The product object, keys in alphabetical order as the service sends them in 2026.

use super::details::{fba_fee, image, leaf_ranks, listed_since, published, referral};
use super::family::{siblings, write_variations};
use super::offers::{buy_box, counts, live_order, visible};
use super::stats::Basis;
use super::{Options, trimmed};
use crate::json::Json;
use crate::stats::DAY;
use crate::world::World;
use crate::world::categories::{self, Node};
use crate::world::history::{History, slot, stride};
use crate::world::offers::{Offer, holder_id, offers};
use crate::world::texts::Texts;
use crate::world::traits::Traits;

/// What a product answer cost and holds.
pub(crate) struct Written {
    /// Offers found, live and gone, when offers were asked for.
    pub(crate) offers: Option<usize>,
}

/// The moment up to which a product's histories reach in an answer.
pub(crate) fn refreshed(traits: &Traits, now: i32, update: i64) -> i32 {
    let last = World::last_look(traits, now);
    let age = i64::from(now - last);
    if update >= 0 && age >= update.saturating_mul(60) { now } else { last }
}

/// Writes one product as of `now` (Keepa minutes).
pub(crate) fn product(
    json: &mut Json,
    world: &World,
    traits: &Traits,
    now: i32,
    options: &Options,
) -> Written {
    let until = refreshed(traits, now, options.update);
    let history = World::history(traits, until);
    let texts = Texts::of(traits);
    let found = options.offers.map(|_| visible(offers(world.seed, traits, &history, until), options));
    let view = View {
        world,
        traits,
        history: &history,
        texts: &texts,
        options,
        now,
        until,
        found: found.as_deref(),
    };
    view.write(json);
    Written { offers: found.as_ref().map(Vec::len) }
}

struct View<'a> {
    world: &'a World,
    traits: &'a Traits,
    history: &'a History,
    texts: &'a Texts,
    options: &'a Options,
    now: i32,
    until: i32,
    found: Option<&'a [Offer]>,
}

impl View<'_> {
    fn from(&self) -> Option<i32> {
        self.options.days.map(|days| self.now.saturating_sub(days.saturating_mul(DAY)))
    }

    fn write(&self, json: &mut Json) {
        json.begin();
        if self.options.aplus {
            json.key("aPlus").begin_list().begin().key("fromManufacturer").boolean(true);
            json.key("module")
                .begin_list()
                .begin()
                .key("text")
                .texts(&[&self.texts.title])
                .end()
                .end_list()
                .end()
                .end_list();
        }
        self.identity(json);
        self.dates_and_demand(json);
        if let Some(found) = self.found {
            super::offers::write(json, found, self.options, self.from());
        }
        json.key("offersSuccessful").boolean(self.found.is_some());
        self.package(json);
        self.ranks(json);
        if let Some(window) = self.options.stats {
            self.statistics(json, window);
        }
        self.names(json);
        if self.options.videos {
            json.key("videos").begin_list().end_list();
        }
        json.end();
    }

    /// `asin` to `csv` and the other keys up to `d`.
    fn identity(&self, json: &mut Json) {
        let (traits, texts) = (self.traits, self.texts);
        let market = &self.history.market;
        json.key("asin").text(&self.world.codec.asin(traits.index));
        json.key("author").opt_text(texts.author.as_deref());
        json.key("availabilityAmazon").int(if market.amazon { 0 } else { -1 });
        json.key("binding").opt_text(traits.kind.binding);
        json.key("brand").text(&texts.brand);
        json.key("buyBoxEligibleOfferCounts").ints(&[
            market.fba + i32::from(market.amazon),
            market.fbm,
            market.used / 2,
            market.used - market.used / 2,
            0,
            0,
            0,
            0,
        ]);
        json.key("buyBoxSellerIdHistory");
        if self.options.shows_buy_box() && self.options.history {
            let from = self.from().unwrap_or(i32::MIN);
            let holders = &self.history.buy_box_holders;
            let first = holders.partition_point(|(at, _)| *at <= from).saturating_sub(1);
            json.begin_list();
            for (at, holder) in holders.iter().skip(first) {
                json.text(&at.to_string()).text(&holder_id(self.world.seed, traits, *holder));
            }
            json.end_list();
        } else {
            json.null();
        }
        let leaves: Vec<i64> = traits.leaves.iter().copied().filter(|leaf| *leaf != 0).collect();
        json.key("categories").begin_list();
        for leaf in &leaves {
            json.int(*leaf);
        }
        json.end_list();
        json.key("categoryTree").begin_list();
        for Node { id, name, .. } in categories::path(traits.leaves[0]) {
            json.begin().key("catId").int(*id).key("name").text(name).end();
        }
        json.end_list();
        json.key("color").opt_text(texts.color.as_deref());
        if let (Some(_), true) = (&texts.author, traits.root.media) {
            json.key("contributors")
                .begin_list()
                .texts(&[texts.author.as_deref().unwrap_or_default(), "author"])
                .end_list();
        }
        json.key("coupon").null();
        self.csv(json);
        json.key("description").text(&format!("{}. A product of the synthetic marketplace.", texts.title));
        json.key("domainId").int(crate::world::DOMAIN);
    }

    fn csv(&self, json: &mut Json) {
        json.key("csv");
        if !self.options.history {
            json.null();
            return;
        }
        json.begin_list();
        for slot in 0..slot::COUNT {
            let series = self.sent(slot);
            if series.is_empty() {
                json.null();
            } else {
                json.ints(trimmed(series, stride(slot), self.from()));
            }
        }
        json.end_list();
    }

    /// A series as far as the options show it.
    fn sent(&self, slot: usize) -> &[i32] {
        if self.options.shows(slot) { &self.history.series[slot] } else { &[] }
    }

    /// `e` to `n`.
    fn dates_and_demand(&self, json: &mut Json) {
        let traits = self.traits;
        let codec = &self.world.codec;
        json.key("eanList").texts(&[codec.ean(traits.index)]);
        json.key("ebayListingIds").null();
        json.key("edition").opt_text(self.texts.edition.as_deref());
        json.key("fbaFees");
        match fba_fee(traits, self.history, self.until) {
            Some((at, fee)) => {
                json.begin().key("lastUpdate").int(at).key("pickAndPackFee").int(fee).end();
            }
            None => {
                json.null();
            }
        }
        json.key("features").null().key("format").null().key("frequentlyBoughtTogether").null();
        json.key("g").int(i64::from(traits.index));
        json.key("hasReviews").boolean(traits.rating > 0);
        if traits.hazmat {
            json.key("hazardousMaterials").begin_list().begin();
            let (aspect, value) =
                if traits.lithium { ("contained_in_equipment", "lithium_ion") } else { ("ghs", "flammable") };
            json.key("aspect").text(aspect).key("value").text(value).end().end_list();
        }
        if self.options.historical_variations {
            json.key("historicalVariations");
            match self.siblings() {
                Some(siblings) => json.texts(&siblings),
                None => json.null(),
            };
        }
        let image = image(traits);
        json.key("images").begin_list().begin();
        json.key("l").text(&image).key("lH").int(1500).key("lW").int(1500);
        json.key("m")
            .text(&image)
            .key("mH")
            .int(500)
            .key("mW")
            .int(500)
            .key("variant")
            .text("MAIN")
            .end()
            .end_list();
        json.key("isAdultProduct").boolean(traits.adult);
        json.key("isEligibleForSuperSaverShipping").boolean(true);
        json.key("isEligibleForTradeIn").boolean(!self.history.series[slot::TRADE_IN].is_empty());
        json.key("isHeatSensitive").boolean(traits.heat);
        json.key("isRedirectASIN").boolean(false);
        json.key("isSNS").boolean(traits.heat);
        for (key, side) in ["itemHeight", "itemLength"].iter().zip([2, 0]) {
            json.key(key).int(traits.sides.map_or(-1, |sides| (sides[side] - 6).max(1)));
        }
        json.key("itemTypeKeyword").text(traits.kind.keyword);
        json.key("itemWeight").int(traits.weight.map_or(-1, |weight| weight - weight / 12));
        json.key("itemWidth").int(traits.sides.map_or(-1, |sides| (sides[1] - 6).max(1)));
        json.key("languages");
        if traits.kind.is_book() {
            json.begin_list()
                .texts(&["English", "Published"])
                .texts(&["English", "Original Language"])
                .end_list();
        } else {
            json.null();
        }
        json.key("lastEbayUpdate").int(0);
        json.key("lastPriceChange").int(self.history.last_price_change().min(self.until));
        json.key("lastRatingUpdate").int(self.until);
        json.key("lastSoldUpdate").int(if traits.badge { self.until } else { -1 });
        json.key("lastUpdate").int(self.until);
        json.key("launchpad").boolean(false);
        json.key("listedSince").int(listed_since(traits));
        json.key("liveOffersOrder");
        match self.found {
            Some(found) => json.ints(&live_order(found)),
            None => json.null(),
        };
        json.key("manufacturer").text(&self.texts.manufacturer).key("model").null();
        if let Some(sold) = self.monthly_sold() {
            json.key("monthlySold").int(sold);
        }
        if !self.history.sold.is_empty() && self.options.history {
            json.key("monthlySoldHistory").ints(&self.history.sold);
        }
        json.key("numberOfItems").int(1).key("numberOfPages").int(traits.pages);
    }

    fn monthly_sold(&self) -> Option<i32> {
        self.history.sold.last().copied().filter(|sold| *sold > 0)
    }

    /// `p` to `r`.
    fn package(&self, json: &mut Json) {
        let traits = self.traits;
        let side = |place: usize| traits.sides.map_or(-1, |sides| sides[place]);
        json.key("packageHeight")
            .int(side(2))
            .key("packageLength")
            .int(side(0))
            .key("packageQuantity")
            .int(1);
        json.key("packageWeight").int(traits.weight.unwrap_or(-1)).key("packageWidth").int(side(1));
        let parent = traits.family.map(|family| self.world.codec.parent(family));
        json.key("parentAsin").opt_text(parent.as_deref());
        if traits.kind.is_book() {
            json.key("partNumber").text(&self.world.codec.ean(traits.index));
        } else {
            json.key("partNumber").null();
        }
        json.key("productGroup").null().key("productType").int(0).key("promotions").null();
        json.key("publicationDate").int(published(traits).unwrap_or(-1));
        let price =
            self.history.current(slot::BUY_BOX).or_else(|| self.history.current(slot::NEW)).unwrap_or(10_000);
        let (percent, hundredths) = referral(traits, price);
        json.key("referralFeePercent").int(percent).key("referralFeePercentage").hundredths(hundredths);
        json.key("releaseDate").int(published(traits).unwrap_or(-1));
        json.key("rootCategory").int(traits.root.id);
    }

    fn ranks(&self, json: &mut Json) {
        let traits = self.traits;
        json.key("salesRankDisplayGroup").text(traits.root.group);
        json.key("salesRankReference").int(if traits.ranked { traits.root.id } else { -1 });
        json.key("salesRankReferenceHistory");
        if self.options.history && traits.ranked {
            json.begin_list().int(traits.tracked_since).int(traits.root.id).end_list();
        } else {
            json.null();
        }
        json.key("salesRanks");
        if self.options.history && traits.ranked {
            let ranks = trimmed(&self.history.series[slot::SALES], 2, self.from());
            json.begin().key(&traits.leaves[0].to_string()).ints(&leaf_ranks(ranks));
            json.key(&traits.root.id.to_string()).ints(ranks).end();
        } else {
            json.null();
        }
        json.key("size").opt_text(self.texts.size.as_deref());
    }

    fn statistics(&self, json: &mut Json, window: (i32, i32)) {
        let (traits, history) = (self.traits, self.history);
        let market = &history.market;
        let lightning = match history.series[slot::LIGHTNING_DEAL].as_slice() {
            [.., start, _, end, -1] if *end > self.now => Some((*start, *end)),
            _ => None,
        };
        json.key("stats");
        Basis {
            series: std::array::from_fn(|slot| self.sent(slot)),
            window,
            now: self.now,
            tracked_since: traits.tracked_since,
            sold: &history.sold,
            last_offers_update: self.until,
            total_offers: Some(i32::from(market.amazon) + market.fba + market.fbm + market.used),
            live: self.found.map(|found| counts(found, self.options)),
            buy_box: self
                .options
                .shows_buy_box()
                .then(|| buy_box(self.world.seed, traits, history, window, self.until)),
            lightning,
        }
        .write(json);
    }

    /// `t` to `w`.
    fn names(&self, json: &mut Json) {
        let traits = self.traits;
        json.key("title").text(&self.texts.title);
        json.key("trackingSince").int(traits.tracked_since);
        json.key("type").text(traits.kind.product_type);
        json.key("upcList");
        match self.world.codec.upc(traits.index) {
            Some(upc) => json.texts(&[upc]),
            None => json.null(),
        };
        let slug: String = self.texts.title.split_whitespace().take(4).collect::<Vec<_>>().join("-");
        json.key("urlSlug").text(&slug);
        if traits.root.media {
            json.key("variableClosingFee").int(180);
        }
        json.key("variations");
        match self.siblings() {
            Some(siblings) => write_variations(json, self.world, &siblings, traits.family.unwrap_or(0)),
            None => {
                json.null();
            }
        }
        json.key("websiteDisplayGroup").text(traits.root.group);
        json.key("websiteDisplayGroupName").text(traits.root.group_name);
    }

    fn siblings(&self) -> Option<Vec<String>> {
        self.traits.family.map(|family| siblings(self.world, family))
    }
}
