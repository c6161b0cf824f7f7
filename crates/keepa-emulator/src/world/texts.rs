//! Titles, authors, brands: composed from word lists, made only when somebody wants to read them.

use super::kinds::Naming;
use super::traits::Traits;
use crate::rng::{Draw, mix2};

/// The words of one product.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    pub(crate) title: String,
    pub(crate) brand: String,
    /// "Last, First"; books, music and films only.
    pub(crate) author: Option<String>,
    pub(crate) manufacturer: String,
    pub(crate) edition: Option<String>,
    pub(crate) color: Option<String>,
    pub(crate) size: Option<String>,
}

const FIRST_NAMES: [&str; 40] = [
    "Ada",
    "Benedict",
    "Clara",
    "Dorian",
    "Edith",
    "Felix",
    "Greta",
    "Henrik",
    "Imogen",
    "Jasper",
    "Katharina",
    "Leon",
    "Miriam",
    "Nikolai",
    "Odette",
    "Percival",
    "Quentin",
    "Rosalind",
    "Stefan",
    "Theodora",
    "Ursula",
    "Viktor",
    "Wilhelmina",
    "Xavier",
    "Yasmin",
    "Zoltan",
    "Anselm",
    "Beatrix",
    "Cornelius",
    "Delphine",
    "Emil",
    "Fiona",
    "Gideon",
    "Harriet",
    "Ivo",
    "Josephine",
    "Konrad",
    "Lavinia",
    "Matthias",
    "Noemi",
];
const LAST_NAMES: [&str; 48] = [
    "Abernathy",
    "Blackwood",
    "Castellan",
    "Drummond",
    "Ellsworth",
    "Fairweather",
    "Grimaldi",
    "Hawthorne",
    "Ingram",
    "Jovanovic",
    "Kessler",
    "Lindqvist",
    "Marchetti",
    "Norwood",
    "Oduya",
    "Pemberton",
    "Quillfeather",
    "Rasmussen",
    "Silverstein",
    "Thornbury",
    "Umarov",
    "Vandermeer",
    "Whitlock",
    "Xanthos",
    "Yamashiro",
    "Zelinski",
    "Ashdown",
    "Birchall",
    "Calloway",
    "Devereux",
    "Eastgate",
    "Fenwick",
    "Galbraith",
    "Holloway",
    "Iverson",
    "Jarrow",
    "Kirkwood",
    "Lockhart",
    "Merriweather",
    "Nightingale",
    "Okafor",
    "Prescott",
    "Ravenscroft",
    "Standish",
    "Tremaine",
    "Underhill",
    "Vance",
    "Wycliffe",
];
const ADJECTIVES: [&str; 36] = [
    "Quiet",
    "Last",
    "Hidden",
    "Golden",
    "Broken",
    "Distant",
    "Crimson",
    "Forgotten",
    "Silver",
    "Burning",
    "Northern",
    "Secret",
    "Wandering",
    "Hollow",
    "Invisible",
    "Patient",
    "Restless",
    "Salt",
    "Second",
    "Midnight",
    "Paper",
    "Glass",
    "Winter",
    "Borrowed",
    "Unwritten",
    "Velvet",
    "Lost",
    "Copper",
    "Tidal",
    "Ordinary",
    "Brilliant",
    "Long",
    "Silent",
    "Painted",
    "Feral",
    "Gentle",
];
const NOUNS: [&str; 44] = [
    "Lighthouse",
    "Orchard",
    "Cartographer",
    "Harbor",
    "Daughter",
    "Garden",
    "Clockmaker",
    "River",
    "Kingdom",
    "Library",
    "Witness",
    "Letter",
    "Island",
    "Winter",
    "Heron",
    "Inheritance",
    "Promise",
    "Violin",
    "Bridge",
    "Lantern",
    "Sparrow",
    "Archivist",
    "Tide",
    "Mountain",
    "Detective",
    "Season",
    "Map",
    "Beekeeper",
    "Empire",
    "Station",
    "Voyage",
    "House",
    "Fox",
    "Mirror",
    "Storm",
    "Alchemist",
    "Sister",
    "Compass",
    "Frontier",
    "Shadow",
    "Cathedral",
    "Machine",
    "Bell",
    "Horizon",
];
const PLACES: [&str; 20] = [
    "Marrow Bay",
    "Eldermoor",
    "the Salt Coast",
    "Vienna",
    "Ashford Lane",
    "the Northern Line",
    "Lisbon",
    "Harrow Hill",
    "the Great Plain",
    "Copper Creek",
    "Trieste",
    "the Long Valley",
    "Saint Orso",
    "Blue Ridge",
    "the Lower Town",
    "Kestrel Point",
    "Antwerp",
    "the Island",
    "Juniper Street",
    "the Old Quarter",
];
const TOPICS: [&str; 32] = [
    "Habits",
    "Attention",
    "Negotiation",
    "Sourdough",
    "Sleep",
    "Watercolor",
    "Investing",
    "the Roman Republic",
    "Systems Thinking",
    "Home Repair",
    "Deep Work",
    "Trees",
    "Coffee",
    "the Silk Road",
    "Statistics",
    "Chess Endings",
    "Leadership",
    "Soil",
    "Typography",
    "Running",
    "the Cold War",
    "Python Programming",
    "Data Pipelines",
    "Small Gardens",
    "Tax Planning",
    "Woodworking",
    "the Periodic Table",
    "Public Speaking",
    "Weather",
    "Bookkeeping",
    "Rust Programming",
    "Cooking for Two",
];
const SUBJECTS: [&str; 26] = [
    "Organic Chemistry",
    "Microeconomics",
    "Human Anatomy",
    "Linear Algebra",
    "Cell Biology",
    "Financial Accounting",
    "Fluid Mechanics",
    "Pharmacology",
    "Thermodynamics",
    "Developmental Psychology",
    "Discrete Mathematics",
    "Operating Systems",
    "Medical Physiology",
    "Structural Analysis",
    "Corporate Finance",
    "Genetics",
    "Calculus",
    "Nursing Fundamentals",
    "Data Structures",
    "Materials Science",
    "Inorganic Chemistry",
    "Econometrics",
    "Classical Mechanics",
    "Curriculum Design",
    "Auditing",
    "Biostatistics",
];
const BRANDS: [&str; 40] = [
    "Northpine",
    "Alderway",
    "Kestrel & Co",
    "Brightmoor",
    "Oakhollow",
    "Lumino",
    "Verdana Home",
    "Stonebrook",
    "Tallgrass",
    "Fernleaf",
    "Bluecrest",
    "Ironwick",
    "Maplewright",
    "Cobalt Works",
    "Solstead",
    "Harborline",
    "Quillon",
    "Pebblecraft",
    "Ridgeway",
    "Amberfield",
    "Nimbus Goods",
    "Everhearth",
    "Wrenhouse",
    "Dovetail",
    "Larkspur",
    "Granite Peak",
    "Sunmallow",
    "Tidewell",
    "Juniper Lab",
    "Cinderbrook",
    "Foxglove",
    "Moonharbor",
    "Thistledown",
    "Copperkettle",
    "Starling",
    "Riverton",
    "Glenmore",
    "Hazelwick",
    "Orchard Lane",
    "Polarix",
];
const PUBLISHERS: [&str; 18] = [
    "Harrow & Finch",
    "Meridian House",
    "Blue Lantern Press",
    "Cormorant Books",
    "Northgate University Press",
    "Saltmarsh Press",
    "Ellery Academic",
    "Tamarisk",
    "Old Mill Editions",
    "Fathom Learning",
    "Greyfriars Scientific",
    "Wayfarer",
    "Paper Kite",
    "Quarry Street",
    "Sable & Sons",
    "Longacre",
    "Vesper",
    "Halcyon Medical",
];
const COLORS: [&str; 12] = [
    "Black",
    "White",
    "Slate Gray",
    "Forest Green",
    "Navy Blue",
    "Coral",
    "Sand",
    "Teal",
    "Burgundy",
    "Mustard",
    "Rose",
    "Silver",
];

impl Texts {
    /// The words of a product; the same ones every time.
    pub(crate) fn of(traits: &Traits) -> Self {
        // A family shares brand and name; its members differ in colour and size.
        let key = traits.family.map_or(traits.key, |family| mix2(0x00FA_4117, u64::from(family)));
        let mut draw = Draw::new(mix2(key, 0x7E87));
        let author = format!("{}, {}", draw.pick(&LAST_NAMES), draw.pick(&FIRST_NAMES));
        let publisher = (*draw.pick(&PUBLISHERS)).to_owned();
        let brand = (*draw.pick(&BRANDS)).to_owned();
        let edition = 2 + draw.between(0, 11);
        let title = title(traits.kind.naming, &mut draw, edition);
        if traits.root.media {
            let creative = !matches!(traits.kind.naming, Naming::Game);
            return Self {
                title,
                brand: publisher.clone(),
                author: creative.then_some(author),
                manufacturer: publisher,
                edition: (traits.kind.naming == Naming::Textbook).then(|| ordinal(edition)),
                color: None,
                size: None,
            };
        }
        let mut own = Draw::new(mix2(traits.key, 0xC0_1035));
        let color = if traits.family.is_some() {
            COLORS[usize::try_from(traits.index % 4).unwrap_or(0) * 3]
        } else {
            own.pick(&COLORS)
        };
        let pack = [1, 1, 1, 2, 3, 4, 6, 12][usize::try_from(traits.key % 8).unwrap_or(0)];
        let size =
            if pack == 1 { "1 Count (Pack of 1)".to_owned() } else { format!("1 Count (Pack of {pack})") };
        Self {
            title: format!(
                "{brand} {title}, {color}{}",
                if pack == 1 { String::new() } else { format!(", {pack}-Pack") }
            ),
            manufacturer: brand.clone(),
            brand,
            author: None,
            edition: None,
            color: Some(color.to_owned()),
            size: Some(size),
        }
    }
}

fn title(naming: Naming, draw: &mut Draw, edition: i32) -> String {
    let pattern = draw.between(0, 4);
    let mut word = |list: &[&'static str]| *draw.pick(list);
    match naming {
        Naming::Novel | Naming::Film => match pattern {
            0 => format!("The {} of {}", word(&NOUNS), word(&PLACES)),
            1 => format!("The {} {}", word(&ADJECTIVES), word(&NOUNS)),
            2 => format!(
                "A {} {}",
                word(&["Most Patient", "Perfect", "Northern", "Proper", "Brief"]),
                word(&NOUNS)
            ),
            3 => format!("The {}'s {}", word(&NOUNS), word(&NOUNS)),
            _ => format!("{} in {}", word(&["Summer", "Murder", "Autumn", "Silence", "Snow"]), word(&PLACES)),
        },
        Naming::NonFiction => {
            let topic = word(&TOPICS);
            let capital =
                topic.strip_prefix("the ").map_or_else(|| topic.to_owned(), |rest| format!("The {rest}"));
            match pattern {
                0 => format!(
                    "The Art of {topic}: {}",
                    word(&["A Field Guide", "Lessons from a Life", "What the Experts Miss"])
                ),
                1 => format!(
                    "Understanding {topic}: {}",
                    word(&["A Practical Introduction", "From First Principles", "An Illustrated History"])
                ),
                2 => format!(
                    "{capital}, Simply: {}",
                    word(&["Everything You Need and Nothing Else", "Twelve Short Lessons", "A Handbook"])
                ),
                3 => format!("All About {topic}: The {} {}", word(&ADJECTIVES), word(&NOUNS)),
                _ => format!("The {} {}: A New Look at {topic}", word(&ADJECTIVES), word(&NOUNS)),
            }
        }
        Naming::Textbook => {
            let subject = word(&SUBJECTS);
            let tail = word(&[
                "Principles and Practice",
                "A Modern Approach",
                "Concepts and Applications",
                "Theory and Problems",
                "An Introduction",
            ]);
            format!("{subject}: {tail}, {}", ordinal(edition))
        }
        Naming::Music => format!(
            "{} {}",
            word(&ADJECTIVES),
            word(&["Sessions", "Nights", "Variations", "Songs", "Quartets", "Live at the Hall"])
        ),
        Naming::Game => format!(
            "{} of the {} {}",
            word(&["Chronicles", "Legends", "Echoes", "Racers", "Keepers"]),
            word(&ADJECTIVES),
            word(&NOUNS)
        ),
        Naming::Toy => format!(
            "{} {} {}",
            word(&ADJECTIVES),
            word(&NOUNS),
            word(&["Board Game", "Building Set", "Puzzle, 1000 Pieces", "Plush", "Strategy Game"])
        ),
        Naming::Kitchen => format!(
            "{} {}",
            word(&["Stainless Steel", "Nonstick", "Silicone", "Bamboo", "Cast Iron", "Ceramic"]),
            word(&[
                "Mixing Bowl Set",
                "Saucepan with Lid",
                "Spatula Set",
                "Cutting Board",
                "Garlic Press",
                "Skillet",
                "Measuring Cups",
                "Colander"
            ])
        ),
        Naming::Furniture => format!(
            "{} {}",
            word(&["Folding", "Adjustable", "Industrial", "Slim", "Stackable"]),
            word(&["5-Tier Shelf", "Shoe Rack", "Side Table", "Storage Ottoman", "Laundry Hamper"])
        ),
        Naming::Supplement => format!(
            "{} {}",
            word(&["Vitamin D3", "Magnesium Glycinate", "Omega-3", "Elderberry", "Vitamin C", "Biotin"]),
            word(&["Gummies, 90 Count", "Capsules, 120 Count", "Softgels, 180 Count", "Drops"])
        ),
        Naming::Household => format!(
            "{} {}",
            word(&["Citrus", "Unscented", "Concentrated", "Plant-Based"]),
            word(&[
                "All-Purpose Cleaner",
                "Laundry Detergent",
                "Dish Soap Refill",
                "Stain Remover",
                "Glass Cleaner"
            ])
        ),
        Naming::Beauty => format!(
            "{} {}",
            word(&["Niacinamide", "Rosehip", "Hyaluronic", "Green Tea", "Cedar & Fig", "Argan"]),
            word(&["Face Serum", "Eau de Parfum", "Hair Oil", "Night Cream", "Leave-In Conditioner"])
        ),
        Naming::Audio => format!(
            "{} {}",
            word(&["Wireless", "Noise Cancelling", "Bluetooth 5.4", "Sport"]),
            word(&[
                "Earbuds with Charging Case",
                "Over-Ear Headphones",
                "Portable Speaker",
                "Power Bank 10000mAh"
            ])
        ),
        Naming::Cable => format!(
            "{} {}",
            word(&["Braided", "6 ft", "10 ft", "Right Angle"]),
            word(&["USB-C Cable", "HDMI 2.1 Cable", "Ethernet Cable", "Charging Adapter"])
        ),
        Naming::Office => format!(
            "{} {}",
            word(&["Fine Point", "Recycled", "Dotted", "College Ruled"]),
            word(&["Gel Pens, 12 Count", "Notebook A5", "Copy Paper, 500 Sheets", "Highlighters", "Planner"])
        ),
        Naming::Sport => format!(
            "{} {}",
            word(&["Extra Thick", "Adjustable", "Ultralight", "Insulated"]),
            word(&["Yoga Mat", "Dumbbell Pair", "Camping Lantern", "Sleeping Pad", "Resistance Bands"])
        ),
        Naming::Pet => format!(
            "{} {}",
            word(&["Indestructible", "Orthopedic", "Interactive", "Washable"]),
            word(&["Dog Chew Toy", "Dog Bed", "Cat Scratcher", "Treat Puzzle", "Cat Tunnel"])
        ),
        Naming::Food => format!(
            "{} {}",
            word(&["Organic", "Dark Roast", "Sea Salt", "Single Origin"]),
            word(&[
                "Ground Coffee, 2 lb",
                "Almond Snack Mix",
                "Herbal Tea, 100 Bags",
                "Dark Chocolate Bites",
                "Trail Mix"
            ])
        ),
    }
}

fn ordinal(number: i32) -> String {
    let ending = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending} Edition")
}
