//! What kinds of product there are: size, weight, price, names. Data, read by `traits.rs` and `texts.rs`.
//!
//! To add a kind: one entry in [`KINDS`] with its share, and a naming pattern in `texts.rs` if none fits.

/// When a kind sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Season {
    Even,
    /// August, September and January.
    Textbook,
    /// November and December.
    Gift,
    /// May to August.
    Summer,
    /// January.
    Resolution,
}

/// How a kind is named and described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    Novel,
    NonFiction,
    Textbook,
    Music,
    Film,
    Game,
    Toy,
    Kitchen,
    Furniture,
    Supplement,
    Household,
    Beauty,
    Audio,
    Cable,
    Office,
    Sport,
    Pet,
    Food,
}

/// One kind of product. Ranges are (low, high), inclusive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Parts of a thousand of all products.
    pub(crate) share: u32,
    pub(crate) root: i64,
    /// Category ids it is listed in directly: one or more of these.
    pub(crate) leaves: &'static [i64],
    pub(crate) naming: Naming,
    pub(crate) binding: Option<&'static str>,
    /// Keepa's `type`.
    pub(crate) product_type: &'static str,
    pub(crate) keyword: &'static str,
    /// Package, longest side first, mm.
    pub(crate) sides: [(i32, i32); 3],
    /// Package, g.
    pub(crate) weight: (i32, i32),
    /// New price in cents: low, typical, high.
    pub(crate) price: (i32, i32, i32),
    pub(crate) season: Season,
    /// Referral fee, percent of the price.
    pub(crate) referral: f64,
    /// Typical number of used offers; 0 = not traded used.
    pub(crate) used: i32,
    /// Per cent of this kind whose transport is regulated, that melt, that are for adults.
    pub(crate) hazmat: f64,
    pub(crate) heat: f64,
    pub(crate) adult: f64,
}

impl Kind {
    /// Identified by an ISBN-10.
    pub(crate) const fn is_book(&self) -> bool {
        self.root == super::categories::BOOKS
    }
}

const PLAIN: Kind = Kind {
    share: 0,
    root: super::categories::BOOKS,
    leaves: &[17],
    naming: Naming::Novel,
    binding: None,
    product_type: "ABIS_BOOK",
    keyword: "book",
    sides: [(200, 235), (130, 160), (12, 32)],
    weight: (180, 520),
    price: (800, 1500, 2600),
    season: Season::Even,
    referral: 15.0,
    used: 14,
    hazmat: 0.0,
    heat: 0.0,
    adult: 0.0,
};

const GOODS: Kind = Kind { used: 0, ..PLAIN };

/// All kinds; the shares add up to 1,000, books being 550 of them.
pub(crate) const KINDS: [Kind; 22] = [
    Kind { share: 150, leaves: &[17, 10_134, 18, 25], binding: Some("paperback"), ..PLAIN },
    Kind {
        share: 110,
        leaves: &[9, 2, 4736, 4747, 22, 27, 3],
        naming: Naming::NonFiction,
        binding: Some("paperback"),
        price: (900, 1550, 2900),
        ..PLAIN
    },
    Kind {
        share: 50,
        leaves: &[17, 18, 25],
        binding: Some("mass_market"),
        sides: [(168, 178), (102, 110), (15, 32)],
        weight: (120, 260),
        price: (500, 850, 1400),
        ..PLAIN
    },
    Kind {
        share: 80,
        leaves: &[9, 2, 6, 17, 4, 22],
        naming: Naming::NonFiction,
        binding: Some("hardcover"),
        sides: [(230, 285), (155, 230), (22, 42)],
        weight: (420, 1200),
        price: (1400, 2300, 4500),
        season: Season::Gift,
        ..PLAIN
    },
    Kind {
        share: 60,
        leaves: &[3839, 3508, 5, 266_117, 3, 2581],
        naming: Naming::NonFiction,
        binding: Some("paperback"),
        sides: [(229, 241), (178, 191), (15, 48)],
        weight: (420, 1250),
        price: (1900, 3700, 6500),
        ..PLAIN
    },
    Kind {
        share: 100,
        leaves: &[75, 14_565, 226_699, 13_884, 173_515, 173_514, 8_975_347_011, 3508, 266_117, 2581],
        naming: Naming::Textbook,
        binding: Some("textbook"),
        sides: [(254, 290), (203, 231), (25, 55)],
        weight: (1100, 2900),
        price: (2600, 6800, 19_500),
        season: Season::Textbook,
        used: 24,
        ..PLAIN
    },
    Kind {
        share: 35,
        root: 5174,
        leaves: &[40, 34, 85],
        naming: Naming::Music,
        binding: Some("audio_cd"),
        product_type: "ABIS_MUSIC",
        keyword: "music",
        sides: [(142, 144), (125, 127), (10, 14)],
        weight: (85, 130),
        price: (700, 1250, 3000),
        used: 9,
        ..PLAIN
    },
    Kind {
        share: 45,
        root: 2_625_373_011,
        leaves: &[2_649_512_011, 2_649_513_011],
        naming: Naming::Film,
        binding: Some("dvd"),
        product_type: "ABIS_DVD",
        keyword: "dvd",
        sides: [(190, 192), (134, 137), (14, 40)],
        weight: (95, 380),
        price: (600, 1400, 4500),
        used: 10,
        ..PLAIN
    },
    Kind {
        share: 30,
        root: 468_642,
        leaves: &[16_225_016_011, 20_972_781_011],
        naming: Naming::Game,
        binding: Some("video_game"),
        product_type: "PHYSICAL_VIDEO_GAME_SOFTWARE",
        keyword: "video-games",
        sides: [(170, 191), (105, 136), (11, 16)],
        weight: (60, 140),
        price: (1500, 3400, 6900),
        season: Season::Gift,
        used: 12,
        ..PLAIN
    },
    Kind {
        share: 40,
        root: 165_793_011,
        leaves: &[166_225_011, 166_359_011],
        naming: Naming::Toy,
        product_type: "BOARD_GAME",
        keyword: "board-games",
        sides: [(255, 400), (200, 300), (45, 80)],
        weight: (450, 1900),
        price: (1200, 2600, 6000),
        season: Season::Gift,
        ..GOODS
    },
    Kind {
        share: 35,
        root: 165_793_011,
        leaves: &[166_092_011, 166_461_011],
        naming: Naming::Toy,
        product_type: "TOY_BUILDING_BLOCK",
        keyword: "toy-building-sets",
        sides: [(190, 480), (140, 370), (45, 110)],
        weight: (180, 2200),
        price: (1000, 2900, 9900),
        season: Season::Gift,
        ..GOODS
    },
    Kind {
        share: 50,
        root: 1_055_398,
        leaves: &[289_754, 289_851],
        naming: Naming::Kitchen,
        product_type: "KITCHEN",
        keyword: "kitchen-tools",
        sides: [(180, 420), (90, 300), (30, 190)],
        weight: (110, 3200),
        price: (900, 2200, 7500),
        ..GOODS
    },
    Kind {
        share: 20,
        root: 1_055_398,
        leaves: &[1_063_306, 3_610_841],
        naming: Naming::Furniture,
        product_type: "SHELF",
        keyword: "storage-shelves",
        sides: [(500, 1150), (330, 560), (90, 240)],
        weight: (3200, 19_000),
        price: (2900, 6500, 16_000),
        ..GOODS
    },
    Kind {
        share: 30,
        root: 3_760_901,
        leaves: &[3_764_441],
        naming: Naming::Supplement,
        product_type: "NUTRITIONAL_SUPPLEMENT",
        keyword: "vitamins",
        sides: [(100, 150), (60, 85), (58, 84)],
        weight: (110, 480),
        price: (900, 1900, 4500),
        season: Season::Resolution,
        heat: 22.0,
        ..GOODS
    },
    Kind {
        share: 20,
        root: 3_760_901,
        leaves: &[15_342_811],
        naming: Naming::Household,
        product_type: "CLEANING_AGENT",
        keyword: "household-cleaners",
        sides: [(200, 300), (90, 200), (60, 120)],
        weight: (450, 2400),
        price: (700, 1500, 3600),
        hazmat: 25.0,
        ..GOODS
    },
    Kind {
        share: 35,
        root: 3_760_911,
        leaves: &[7_792_528_011, 11_057_241, 11_056_591],
        naming: Naming::Beauty,
        product_type: "SKIN_SERUM",
        keyword: "facial-serums",
        sides: [(100, 190), (45, 70), (32, 60)],
        weight: (60, 420),
        price: (800, 1900, 6000),
        hazmat: 14.0,
        adult: 1.0,
        ..GOODS
    },
    Kind {
        share: 25,
        root: 172_282,
        leaves: &[12_097_478_011, 541_966],
        naming: Naming::Audio,
        product_type: "HEADPHONES",
        keyword: "earbud-headphones",
        sides: [(100, 200), (80, 170), (30, 85)],
        weight: (90, 650),
        price: (1500, 3900, 14_000),
        season: Season::Gift,
        referral: 8.0,
        hazmat: 60.0,
        used: 2,
        ..GOODS
    },
    Kind {
        share: 20,
        root: 172_282,
        leaves: &[202_505_109_011, 541_966],
        naming: Naming::Cable,
        product_type: "ELECTRONIC_CABLE",
        keyword: "usb-cables",
        sides: [(110, 220), (80, 140), (12, 45)],
        weight: (40, 260),
        price: (600, 1300, 3500),
        ..GOODS
    },
    Kind {
        share: 20,
        root: 1_064_954,
        leaves: &[1_069_784, 1_069_554],
        naming: Naming::Office,
        product_type: "WRITING_INSTRUMENT",
        keyword: "pens",
        sides: [(150, 300), (60, 220), (15, 60)],
        weight: (60, 1800),
        price: (500, 1300, 3600),
        season: Season::Textbook,
        ..GOODS
    },
    Kind {
        share: 15,
        root: 3_375_251,
        leaves: &[3_407_731, 3_400_371],
        naming: Naming::Sport,
        product_type: "SPORTING_GOODS",
        keyword: "exercise-equipment",
        sides: [(200, 700), (120, 330), (50, 200)],
        weight: (250, 9000),
        price: (1200, 2900, 9000),
        season: Season::Summer,
        ..GOODS
    },
    Kind {
        share: 15,
        root: 2_619_533_011,
        leaves: &[2_975_312_011, 2_975_241_011],
        naming: Naming::Pet,
        product_type: "PET_SUPPLIES",
        keyword: "pet-toys",
        sides: [(160, 380), (90, 250), (40, 160)],
        weight: (110, 5200),
        price: (800, 1900, 5500),
        ..GOODS
    },
    Kind {
        share: 15,
        root: 16_310_101,
        leaves: &[16_318_401, 16_318_031, 16_322_721],
        naming: Naming::Food,
        product_type: "COFFEE",
        keyword: "coffee",
        sides: [(180, 330), (110, 220), (60, 150)],
        weight: (340, 2300),
        price: (900, 1900, 4600),
        season: Season::Gift,
        heat: 12.0,
        ..GOODS
    },
];

/// Demand of the month (January first), relative to the year.
pub(crate) const fn demand_by_month(season: Season) -> [f64; 12] {
    match season {
        Season::Even => [1.0, 0.95, 0.95, 0.95, 0.95, 0.95, 1.0, 1.0, 0.95, 1.0, 1.1, 1.25],
        Season::Textbook => [2.1, 0.9, 0.55, 0.45, 0.5, 0.65, 0.9, 2.6, 1.7, 0.6, 0.5, 0.8],
        Season::Gift => [0.7, 0.7, 0.75, 0.75, 0.75, 0.8, 0.85, 0.85, 0.9, 1.1, 1.9, 2.6],
        Season::Summer => [0.6, 0.6, 0.8, 1.0, 1.4, 1.6, 1.6, 1.3, 0.9, 0.7, 0.7, 0.9],
        Season::Resolution => [1.7, 1.25, 1.05, 0.95, 0.9, 0.9, 0.9, 0.95, 0.95, 0.95, 0.95, 0.9],
    }
}

/// Price level of the month, relative to the year.
pub(crate) const fn price_by_month(season: Season) -> [f64; 12] {
    match season {
        Season::Textbook => [1.12, 1.0, 0.93, 0.9, 0.9, 0.94, 1.02, 1.2, 1.1, 0.95, 0.92, 1.0],
        Season::Gift => [0.97, 0.97, 0.98, 0.98, 0.98, 0.98, 0.98, 1.0, 1.0, 1.02, 1.06, 1.12],
        _ => [1.0; 12],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::categories;

    #[test]
    fn shares_add_up_and_books_are_more_than_half() {
        assert_eq!(KINDS.iter().map(|kind| kind.share).sum::<u32>(), 1000);
        assert_eq!(KINDS.iter().filter(|kind| kind.is_book()).map(|kind| kind.share).sum::<u32>(), 550);
    }

    #[test]
    fn every_leaf_lies_below_its_kinds_root() {
        for kind in &KINDS {
            assert!(categories::root_of(kind.root).is_some());
            for leaf in kind.leaves {
                assert_eq!(categories::path(*leaf).first().map(|node| node.id), Some(kind.root), "{leaf}");
            }
        }
    }
}
