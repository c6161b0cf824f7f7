//! What Amazon charges to send a product, as Keepa reports it: the US card of a day, in cents.
//!
//! Figures: `reselling.md` 3.3 and 3.4 (Amazon's US cards of 2025 and 2026 with their holiday versions, and the fuel and
//! logistics surcharge of 3.5 % since 2026-04-17). Private to the emulator: the scoring crate has its own cards as data files.

/// One validity of the card, prices from 10.00 to 50.00.
struct Card {
    /// First day, since 2011-01-01.
    from: i32,
    small: [i32; 8],
    large: [i32; 12],
    over_3lb: i32,
    /// What comes off below 10.00, per small step, and for all large ones.
    cheap_small: [i32; 8],
    cheap_large: i32,
    /// What is added above 50.00.
    dear: i32,
    small_bulky: i32,
    large_bulky: i32,
}

const CARD_2025: Card = Card {
    from: i32::MIN,
    small: [306, 315, 324, 333, 343, 353, 360, 365],
    large: [368, 390, 415, 455, 499, 537, 552, 577, 587, 605, 621, 662],
    over_3lb: 692,
    cheap_small: [77; 8],
    cheap_large: 77,
    dear: 0,
    small_bulky: 961,
    large_bulky: 961,
};

/// 2025-10-15: the 2025 card and the increments of the season.
const PEAK_2025: Card = Card {
    from: 5_401,
    small: [325, 334, 344, 353, 364, 374, 382, 387],
    large: [392, 416, 443, 484, 529, 568, 584, 610, 624, 644, 661, 703],
    over_3lb: 746,
    ..CARD_2025
};

/// 2026-01-15.
const CARD_2026: Card = Card {
    from: 5_493,
    small: [332, 342, 345, 354, 368, 378, 391, 396],
    large: [373, 395, 420, 460, 504, 542, 557, 582, 592, 610, 626, 667],
    over_3lb: 697,
    cheap_small: [89, 93, 89, 88, 91, 96, 99, 101],
    cheap_large: 82,
    dear: 26,
    small_bulky: 755,
    large_bulky: 935,
};

/// 2026-10-15.
const PEAK_2026: Card = Card {
    from: 5_766,
    small: [351, 361, 365, 374, 389, 399, 413, 418],
    large: [397, 421, 448, 489, 534, 573, 589, 615, 629, 649, 666, 708],
    over_3lb: 751,
    ..CARD_2026
};

/// 2027-01-15: a season's card never outlives its end.
const AFTER_PEAK: Card = Card { from: 5_858, ..CARD_2026 };

/// The surcharge begins: 2026-04-17.
const SURCHARGE_FROM: i32 = 5_585;

fn card(day: i32) -> &'static Card {
    static CARDS: [Card; 5] = [CARD_2025, PEAK_2025, CARD_2026, PEAK_2026, AFTER_PEAK];
    CARDS.iter().rev().find(|card| card.from <= day).unwrap_or(&CARD_2025)
}

/// Longest sides of a standard package, mm (18 x 14 x 8 in), and of the small kind (15 x 12 x 0.75 in).
const STANDARD: [f64; 3] = [457.2, 355.6, 203.2];
const SMALL: [f64; 3] = [381.0, 304.8, 19.05];
const POUND: f64 = 453.592_37;
const OUNCE: f64 = POUND / 16.0;
/// Cubic millimetres per pound of dimensional weight: 139 cubic inches.
const DIMENSIONAL: f64 = 139.0 * 25.4 * 25.4 * 25.4;

/// The fulfilment fee with surcharge that Keepa would report on a day (since 2011-01-01) at a price in cents.
pub(crate) fn pick_and_pack(sides: [i32; 3], grams: i32, price: i32, day: i32) -> i32 {
    let card = card(day);
    let sides = sides.map(f64::from);
    let weight = f64::from(grams);
    let fits = |limits: [f64; 3]| sides.iter().zip(limits).all(|(side, limit)| *side <= limit);
    let dimensional = sides[0] * sides[1] * sides[2] / DIMENSIONAL * POUND;
    let billed = weight.max(dimensional);
    let base = if fits(SMALL) && weight <= 16.0 * OUNCE {
        let step = usize::try_from(started(weight, 2.0 * OUNCE) - 1).unwrap_or(0).min(7);
        banded(card.small[step], card.cheap_small[step], card, price)
    } else if fits(STANDARD) && billed <= 20.0 * POUND {
        let fee = if billed <= 16.0 * OUNCE {
            card.large[usize::try_from(started(billed, 4.0 * OUNCE) - 1).unwrap_or(0).min(3)]
        } else if billed <= 3.0 * POUND {
            card.large[usize::try_from(3 + started(billed - POUND, 4.0 * OUNCE)).unwrap_or(0).min(11)]
        } else {
            card.over_3lb + 8 * started(billed - 3.0 * POUND, 4.0 * OUNCE)
        };
        banded(fee, card.cheap_large, card, price)
    } else {
        bulky(card, sides, weight, price)
    };
    let surcharge = if day >= SURCHARGE_FROM { (base * 35 + 500) / 1000 } else { 0 };
    base + surcharge
}

fn banded(fee: i32, cheap: i32, card: &Card, price: i32) -> i32 {
    match price {
        ..1_000 => fee - cheap,
        1_000..=5_000 => fee,
        _ => fee + card.dear,
    }
}

fn bulky(card: &Card, sides: [f64; 3], weight: f64, price: i32) -> i32 {
    let inch = 25.4;
    let girth = 2.0 * (sides[1] + sides[2]);
    let small = sides[0] <= 37.0 * inch && sides[1] <= 28.0 * inch && sides[2] <= 20.0 * inch;
    let large = sides[0] <= 59.0 * inch && sides[1] <= 33.0 * inch && sides[2] <= 33.0 * inch;
    let dimensional = sides[0] * sides[1].max(2.0 * inch) * sides[2].max(2.0 * inch) / DIMENSIONAL * POUND;
    let billed = weight.max(dimensional);
    let pounds = started(billed, POUND);
    let fee = if weight <= 50.0 * POUND && sides[0] + girth <= 130.0 * inch && (small || large) {
        (if small { card.small_bulky } else { card.large_bulky }) + 38 * (pounds - 1).max(0)
    } else {
        2_633 + 38 * (pounds - 1).max(0)
    };
    if price < 1_000 { fee - 77 } else { fee }
}

/// How many units were begun.
fn started(amount: f64, unit: f64) -> i32 {
    let exact = amount / unit;
    // Grams converted to ounces may land a hair above the bound they equal.
    let whole = crate::rng::whole((exact - 1e-9).ceil());
    whole.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn day(year: i32, month: u32, day: u32) -> i32 {
        let epoch = NaiveDate::from_ymd_opt(2011, 1, 1).unwrap();
        let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        i32::try_from((date - epoch).num_days()).unwrap()
    }

    #[test]
    fn the_cards_begin_on_the_days_amazon_announced() {
        assert_eq!(PEAK_2025.from, day(2025, 10, 15));
        assert_eq!(CARD_2026.from, day(2026, 1, 15));
        assert_eq!(PEAK_2026.from, day(2026, 10, 15));
        assert_eq!(AFTER_PEAK.from, day(2027, 1, 15));
        assert_eq!(SURCHARGE_FROM, day(2026, 4, 17));
        assert_eq!(crate::world::traits::FIRST_DAY, day(2024, 6, 1));
    }

    #[test]
    fn fees_keepa_reported_come_out_to_the_cent() {
        // A hardcover of 599 g in October 2025 at 14.00: 5.37.
        assert_eq!(pick_and_pack([244, 166, 36], 599, 1400, day(2025, 10, 13)), 537);
        // A serum of 141 g in May 2026 at 14.99, surcharge included: 3.95 + 0.14 = 4.09.
        assert_eq!(pick_and_pack([104, 55, 35], 141, 1499, day(2026, 5, 8)), 409);
        // The same below 10.00 and above 50.00, before the surcharge.
        assert_eq!(pick_and_pack([104, 55, 35], 141, 999, day(2026, 2, 1)), 313);
        assert_eq!(pick_and_pack([104, 55, 35], 141, 5001, day(2026, 2, 1)), 421);
    }

    #[test]
    fn weight_steps_are_inclusive_and_started_quarters_count_above_three_pounds() {
        let at = |grams| pick_and_pack([300, 200, 40], grams, 2000, day(2026, 2, 1));
        assert_eq!(at(566), 504);
        assert_eq!(at(567), 542);
        assert_eq!(at(1360), 667);
        assert_eq!(at(1361), 697 + 8);
        assert!(pick_and_pack([1000, 500, 200], 10_000, 2000, day(2026, 2, 1)) > 1_500);
    }
}
