//! The histories of one product as Keepa writes them: flat records, one only when the value changed.

/// Places of the series in `csv`.
pub(crate) mod slot {
    pub(crate) const AMAZON: usize = 0;
    pub(crate) const NEW: usize = 1;
    pub(crate) const USED: usize = 2;
    pub(crate) const SALES: usize = 3;
    pub(crate) const LIST_PRICE: usize = 4;
    pub(crate) const COLLECTIBLE: usize = 5;
    pub(crate) const NEW_FBM_SHIPPING: usize = 7;
    pub(crate) const LIGHTNING_DEAL: usize = 8;
    pub(crate) const WAREHOUSE: usize = 9;
    pub(crate) const NEW_FBA: usize = 10;
    pub(crate) const COUNT_NEW: usize = 11;
    pub(crate) const COUNT_USED: usize = 12;
    pub(crate) const EXTRA_INFO: usize = 15;
    pub(crate) const RATING: usize = 16;
    pub(crate) const COUNT_REVIEWS: usize = 17;
    pub(crate) const BUY_BOX: usize = 18;
    pub(crate) const USED_LIKE_NEW: usize = 19;
    pub(crate) const USED_VERY_GOOD: usize = 20;
    pub(crate) const USED_GOOD: usize = 21;
    pub(crate) const USED_ACCEPTABLE: usize = 22;
    pub(crate) const TRADE_IN: usize = 30;
    pub(crate) const BUY_BOX_USED: usize = 32;
    pub(crate) const COUNT_NEW_FBA: usize = 34;
    pub(crate) const COUNT_NEW_FBM: usize = 35;
    /// How many there are.
    pub(crate) const COUNT: usize = 36;
}

/// Numbers per record of a series.
pub(crate) const fn stride(slot: usize) -> usize {
    match slot {
        7 | 18..=29 | 32 => 3,
        _ => 2,
    }
}

/// Whether the values of a series are prices.
pub(crate) const fn is_price(slot: usize) -> bool {
    matches!(slot, 0 | 1 | 2 | 4..=10 | 18..=33)
}

/// Who holds the buy box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Nobody,
    Amazon,
    /// The seller in this place of the product's sellers; true = fulfilled by Amazon.
    Seller(u8, bool),
}

/// The market at the last moment of the history.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Market {
    pub(crate) amazon: bool,
    pub(crate) amazon_price: i32,
    /// Offers and the lowest price of each sort; prices are meaningless at 0 offers.
    pub(crate) fba: i32,
    pub(crate) fba_price: i32,
    pub(crate) fbm: i32,
    pub(crate) fbm_price: i32,
    pub(crate) fbm_shipping: i32,
    pub(crate) used: i32,
    pub(crate) used_price: i32,
}

/// Everything recorded about one product up to one moment.
#[derive(Debug)]
pub(crate) struct History {
    /// Flat records per slot; an empty one stands for `null`.
    pub(crate) series: [Vec<i32>; slot::COUNT],
    pub(crate) buy_box_holders: Vec<(i32, Holder)>,
    /// `monthlySoldHistory`, pairs.
    pub(crate) sold: Vec<i32>,
    pub(crate) market: Market,
}

impl Default for History {
    fn default() -> Self {
        Self {
            series: std::array::from_fn(|_| Vec::new()),
            buy_box_holders: Vec::new(),
            sold: Vec::new(),
            market: Market::default(),
        }
    }
}

impl History {
    /// Empties it, keeping the memory for the next product.
    pub(crate) fn clear(&mut self) {
        self.series.iter_mut().for_each(Vec::clear);
        self.buy_box_holders.clear();
        self.sold.clear();
        self.market = Market::default();
    }

    /// Records a value at a time, when it differs from the last one.
    pub(crate) fn record(&mut self, slot: usize, time: i32, value: i32) {
        push_pair(&mut self.series[slot], time, value);
    }

    /// Records price and shipping, when either differs.
    pub(crate) fn record_shipped(&mut self, slot: usize, time: i32, price: i32, shipping: i32) {
        let series = &mut self.series[slot];
        if !series.ends_with(&[price, shipping]) || series.is_empty() {
            series.extend_from_slice(&[time, price, shipping]);
        }
    }

    pub(crate) fn record_holder(&mut self, time: i32, holder: Holder) {
        if self.buy_box_holders.last().is_none_or(|(_, last)| *last != holder) {
            self.buy_box_holders.push((time, holder));
        }
    }

    /// The last value of a series (landing price for three-wide ones); `None` for no record or no offer.
    pub(crate) fn current(&self, slot: usize) -> Option<i32> {
        let series = &self.series[slot];
        let value = match (stride(slot), series.as_slice()) {
            (3, [.., price, shipping]) => landing(*price, *shipping),
            (_, [.., value]) => *value,
            _ => -1,
        };
        (value >= 0).then_some(value)
    }

    /// The value in force at a time.
    pub(crate) fn at(&self, slot: usize, time: i32) -> Option<i32> {
        let value = crate::stats::at(crate::stats::Records::new(&self.series[slot], stride(slot)), time);
        (value >= 0).then_some(value)
    }

    /// The last time any price changed.
    pub(crate) fn last_price_change(&self) -> i32 {
        (0..slot::COUNT)
            .filter(|slot| is_price(*slot))
            .filter_map(|slot| {
                let series = &self.series[slot];
                series.len().checked_sub(stride(slot)).map(|at| series[at])
            })
            .max()
            .unwrap_or(0)
    }
}

/// Price and shipping together; a price below zero stays what it is.
pub(crate) const fn landing(price: i32, shipping: i32) -> i32 {
    if price < 0 || shipping < 0 { price } else { price.saturating_add(shipping) }
}

pub(crate) fn push_pair(series: &mut Vec<i32>, time: i32, value: i32) {
    if series.last() != Some(&value) {
        series.extend_from_slice(&[time, value]);
    }
}
