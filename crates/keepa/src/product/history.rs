//! Histories whose records are not numbers: who held the buy box, parents, coupons.

use crate::ids::{Asin, CategoryId, SellerId};
use crate::product::offer::Condition;
use crate::time::KeepaTime;
use crate::wire::{Member, Record};

/// Who holds the buy box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuyBoxOwner {
    /// This seller.
    Seller(SellerId),
    /// Nobody qualifies, or Amazon suppresses it (`-1`).
    Unqualified,
    /// Out of stock, or unknown (`-2`).
    OutOfStock,
}

/// From when who held the buy box of the new condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuyBoxChange {
    /// From when.
    pub time: KeepaTime,
    /// Who.
    pub owner: BuyBoxOwner,
}

impl Record<2> for BuyBoxChange {
    fn from_members([time, seller]: &[Member<'_>; 2]) -> Option<Self> {
        let owner = match (seller.text().parse(), seller.text(), seller.int()) {
            (Ok(seller), ..) => BuyBoxOwner::Seller(seller),
            (_, "", None) | (.., Some(-1)) => BuyBoxOwner::Unqualified,
            _ => BuyBoxOwner::OutOfStock,
        };
        Some(Self { time: time.time()?, owner })
    }
}

/// From when who held the buy box of the used condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedBuyBoxChange {
    /// From when.
    pub time: KeepaTime,
    /// Who; `None`: nobody qualified.
    pub seller: Option<SellerId>,
    /// The condition of the offer (used: 2 to 5).
    pub condition: Option<Condition>,
    /// Whether Amazon fulfils it.
    pub is_fba: Option<bool>,
}

impl Record<4> for UsedBuyBoxChange {
    fn from_members([time, seller, condition, fba]: &[Member<'_>; 4]) -> Option<Self> {
        Some(Self {
            time: time.time()?,
            seller: seller.text().parse().ok(),
            condition: condition.int().and_then(Condition::from_code),
            is_fba: fba.int().map(|flag| flag == 1),
        })
    }
}

/// From when which product was the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParentChange {
    /// From when.
    pub time: KeepaTime,
    /// The parent; `None`: none.
    pub parent: Option<Asin>,
}

impl Record<2> for ParentChange {
    fn from_members([time, parent]: &[Member<'_>; 2]) -> Option<Self> {
        Some(Self { time: time.time()?, parent: parent.text().parse().ok() })
    }
}

/// From when which category's rank was [`CsvType::Sales`](crate::CsvType::Sales).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankReferenceChange {
    /// From when.
    pub time: KeepaTime,
    /// The category; `None`: none.
    pub category: Option<CategoryId>,
}

impl Record<2> for RankReferenceChange {
    fn from_members([time, category]: &[Member<'_>; 2]) -> Option<Self> {
        Some(Self { time: time.time()?, category: category.int().and_then(CategoryId::known) })
    }
}

/// What a coupon takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// An amount in the smallest currency unit.
    Amount(i64),
    /// Percent of the price.
    Percent(i64),
}

impl Discount {
    /// Keepa's form: positive is an amount, negative a percentage, 0 none.
    #[must_use]
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => None,
            1.. => Some(Self::Amount(number)),
            _ => Some(Self::Percent(number.saturating_neg())),
        }
    }
}

/// A coupon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coupon {
    /// For one purchase.
    pub one_time: Option<Discount>,
    /// For a subscription ("Subscribe & Save").
    pub subscribe_and_save: Option<Discount>,
}

fn discount(member: &Member<'_>) -> Option<Discount> {
    member.int().and_then(Discount::from_number)
}

impl Record<2> for Coupon {
    fn from_members([one_time, subscribe]: &[Member<'_>; 2]) -> Option<Self> {
        Some(Self { one_time: discount(one_time), subscribe_and_save: discount(subscribe) })
    }
}

/// From when which coupon was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CouponChange {
    /// From when.
    pub time: KeepaTime,
    /// Which; both parts `None`: none any more.
    pub coupon: Coupon,
}

impl Record<3> for CouponChange {
    fn from_members([time, one_time, subscribe]: &[Member<'_>; 3]) -> Option<Self> {
        Some(Self {
            time: time.time()?,
            coupon: Coupon { one_time: discount(one_time), subscribe_and_save: discount(subscribe) },
        })
    }
}

/// From when which coupon an offer had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferCouponChange {
    /// From when.
    pub time: KeepaTime,
    /// What it takes off; `None`: no coupon any more.
    pub discount: Option<Discount>,
}

impl Record<2> for OfferCouponChange {
    fn from_members([time, number]: &[Member<'_>; 2]) -> Option<Self> {
        Some(Self { time: time.time()?, discount: discount(number) })
    }
}

impl Record<2> for (i64, i64) {
    fn from_members([first, second]: &[Member<'_>; 2]) -> Option<Self> {
        Some((first.int()?, second.int()?))
    }
}
