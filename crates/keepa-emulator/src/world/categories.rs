//! The category catalogue of the synthetic marketplace: roots with Keepa's ids, real nodes below Books, plausible ones elsewhere.
//!
//! To add a node: a line here, below its parent; then name it as a leaf in `kinds.rs`.

/// One category node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Keepa's id.
    pub(crate) id: i64,
    /// 0 for a root.
    pub(crate) parent: i64,
    pub(crate) name: &'static str,
}

/// One root: what its ranks mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root {
    pub(crate) id: i64,
    /// `salesRankDisplayGroup`, `websiteDisplayGroup`.
    pub(crate) group: &'static str,
    /// `websiteDisplayGroupName`.
    pub(crate) group_name: &'static str,
    /// rank x sales per 30 days: rank 30,000 in Books sells about 100 a month.
    pub(crate) rank_sales: f64,
    /// The largest rank seen (keepa-api.md 9.1).
    pub(crate) highest_rank: i32,
    /// Whether Amazon takes its variable closing fee.
    pub(crate) media: bool,
}

const fn root(
    id: i64,
    group: &'static str,
    group_name: &'static str,
    rank_sales: f64,
    highest_rank: i32,
    media: bool,
) -> Root {
    Root { id, group, group_name, rank_sales, highest_rank, media }
}

/// The roots that have products.
pub(crate) const ROOTS: [Root; 13] = [
    root(BOOKS, "book_display_on_website", "Book", 3.0e6, 25_597_298, true),
    root(5174, "music_display_on_website", "Music", 4.0e5, 11_929_222, true),
    root(2_625_373_011, "dvd_display_on_website", "DVD", 6.0e5, 22_495_971, true),
    root(468_642, "video_games_display_on_website", "Video Games", 6.0e5, 28_636_784, true),
    root(165_793_011, "toy_display_on_website", "Toy", 3.0e6, 31_692_212, false),
    root(1_055_398, "home_garden_display_on_website", "Home", 9.0e6, 31_517_751, false),
    root(3_760_901, "hpc_display_on_website", "Health and Beauty", 5.0e6, 29_441_396, false),
    root(3_760_911, "beauty_display_on_website", "Beauty", 5.0e6, 31_249_054, false),
    root(172_282, "ce_display_on_website", "CE", 5.0e6, 31_139_496, false),
    root(1_064_954, "office_product_display_on_website", "Office Product", 3.0e6, 31_431_261, false),
    root(3_375_251, "sports_display_on_website", "Sports", 5.0e6, 31_557_181, false),
    root(2_619_533_011, "pet_products_display_on_website", "Pet Products", 2.0e6, 29_277_084, false),
    root(16_310_101, "grocery_display_on_website", "Grocery", 2.5e6, 17_588_410, false),
];

/// Books.
pub(crate) const BOOKS: i64 = 283_155;

const fn node(id: i64, parent: i64, name: &'static str) -> Node {
    Node { id, parent, name }
}

/// All nodes, parents before children.
pub(crate) const NODES: [Node; 86] = [
    node(BOOKS, 0, "Books"),
    node(1000, BOOKS, "Subjects"),
    node(5, 1000, "Computers & Technology"),
    node(3839, 5, "Programming"),
    node(3508, 5, "Computer Science"),
    node(75, 1000, "Science & Math"),
    node(14_565, 75, "Physics"),
    node(226_699, 75, "Biological Sciences"),
    node(13_884, 75, "Mathematics"),
    node(173_507, 1000, "Engineering & Transportation"),
    node(173_515, 173_507, "Engineering"),
    node(173_514, 1000, "Medical Books"),
    node(3, 1000, "Business & Money"),
    node(266_117, 3, "Accounting"),
    node(2581, 3, "Economics"),
    node(8_975_347_011, 1000, "Education & Teaching"),
    node(17, 1000, "Literature & Fiction"),
    node(10_134, 17, "Contemporary"),
    node(18, 1000, "Mystery, Thriller & Suspense"),
    node(25, 1000, "Science Fiction & Fantasy"),
    node(4, 1000, "Children's Books"),
    node(6, 1000, "Cookbooks, Food & Wine"),
    node(9, 1000, "History"),
    node(2, 1000, "Biographies & Memoirs"),
    node(4736, 1000, "Self-Help"),
    node(4747, 4736, "Stress Management"),
    node(22, 1000, "Religion & Spirituality"),
    node(27, 1000, "Travel"),
    node(5174, 0, "CDs & Vinyl"),
    node(40, 5174, "Rock"),
    node(34, 5174, "Jazz"),
    node(85, 5174, "Classical"),
    node(2_625_373_011, 0, "Movies & TV"),
    node(2_649_512_011, 2_625_373_011, "Movies"),
    node(2_649_513_011, 2_625_373_011, "TV"),
    node(468_642, 0, "Video Games"),
    node(16_225_016_011, 468_642, "Legacy Systems"),
    node(20_972_781_011, 468_642, "Nintendo Switch"),
    node(165_793_011, 0, "Toys & Games"),
    node(166_220_011, 165_793_011, "Games & Accessories"),
    node(166_225_011, 166_220_011, "Board Games"),
    node(166_092_011, 165_793_011, "Building Toys"),
    node(166_461_011, 165_793_011, "Stuffed Animals & Plush Toys"),
    node(166_359_011, 165_793_011, "Puzzles"),
    node(1_055_398, 0, "Home & Kitchen"),
    node(284_507, 1_055_398, "Kitchen & Dining"),
    node(289_851, 284_507, "Cookware"),
    node(289_754, 284_507, "Kitchen Utensils & Gadgets"),
    node(3_610_841, 1_055_398, "Storage & Organization"),
    node(1_063_306, 1_055_398, "Furniture"),
    node(3_760_901, 0, "Health & Household"),
    node(3_764_441, 3_760_901, "Vitamins, Minerals & Supplements"),
    node(15_342_811, 3_760_901, "Household Supplies"),
    node(3_760_911, 0, "Beauty & Personal Care"),
    node(11_060_451, 3_760_911, "Skin Care"),
    node(7_792_528_011, 11_060_451, "Serums"),
    node(11_056_591, 3_760_911, "Fragrance"),
    node(11_057_241, 3_760_911, "Hair Care"),
    node(172_282, 0, "Electronics"),
    node(541_966, 172_282, "Computers & Accessories"),
    node(172_541, 172_282, "Headphones, Earbuds & Accessories"),
    node(12_097_478_011, 172_541, "Earbuds"),
    node(281_407, 172_282, "Accessories & Supplies"),
    node(202_505_109_011, 281_407, "Cables"),
    node(502_394, 172_282, "Camera & Photo"),
    node(1_064_954, 0, "Office Products"),
    node(1_069_242, 1_064_954, "Office & School Supplies"),
    node(1_069_784, 1_069_242, "Writing & Correction Supplies"),
    node(1_069_554, 1_069_242, "Paper"),
    node(3_375_251, 0, "Sports & Outdoors"),
    node(3_407_731, 3_375_251, "Exercise & Fitness"),
    node(3_400_371, 3_375_251, "Camping & Hiking"),
    node(2_619_533_011, 0, "Pet Supplies"),
    node(2_975_312_011, 2_619_533_011, "Dogs"),
    node(2_975_241_011, 2_619_533_011, "Cats"),
    node(16_310_101, 0, "Grocery & Gourmet Food"),
    node(16_318_401, 16_310_101, "Beverages"),
    node(16_318_031, 16_310_101, "Coffee"),
    node(16_322_721, 16_310_101, "Snack Foods"),
    node(133_140_011, 0, "Kindle Store"),
    node(2_972_638_011, 0, "Patio, Lawn & Garden"),
    node(228_013, 0, "Tools & Home Improvement"),
    node(15_684_181, 0, "Automotive"),
    node(165_796_011, 0, "Baby Products"),
    node(7_141_123_011, 0, "Clothing, Shoes & Jewelry"),
    node(16_310_091, 0, "Industrial & Scientific"),
];

/// The place of an id in [`NODES`].
pub(crate) fn position(id: i64) -> Option<usize> {
    NODES.iter().position(|node| node.id == id)
}

/// The node of an id.
pub(crate) fn find(id: i64) -> Option<&'static Node> {
    NODES.iter().find(|node| node.id == id)
}

/// From the root down to this node, itself included; empty for an unknown id.
pub(crate) fn path(id: i64) -> Vec<&'static Node> {
    let mut path = Vec::new();
    let mut next = find(id);
    while let Some(node) = next {
        path.push(node);
        next = (node.parent != 0).then(|| find(node.parent)).flatten();
    }
    path.reverse();
    path
}

/// The nodes directly below.
pub(crate) fn children(id: i64) -> impl Iterator<Item = &'static Node> {
    NODES.iter().filter(move |node| node.parent == id)
}

/// What ranks mean below this root; `None` for a root without products.
pub(crate) fn root_of(id: i64) -> Option<&'static Root> {
    ROOTS.iter().find(|root| root.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_hangs_on_a_root_and_no_id_is_twice() {
        for (at, node) in NODES.iter().enumerate() {
            assert_eq!(position(node.id), Some(at), "{} is there twice", node.id);
            assert!(
                node.parent == 0 || position(node.parent).is_some_and(|parent| parent < at),
                "{}",
                node.name
            );
            assert_eq!(path(node.id).first().map(|root| root.parent), Some(0));
        }
        for root in &ROOTS {
            assert_eq!(find(root.id).map(|node| node.parent), Some(0));
        }
    }
}
