//! The words that titles and names are made of. Data; to enrich the marketplace, add words (which renames products).

use super::kinds::Naming;

#[rustfmt::skip]
pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada", "Benedict", "Clara", "Dorian", "Edith", "Felix", "Greta", "Henrik", "Imogen", "Jasper",
    "Katharina", "Leon", "Miriam", "Nikolai", "Odette", "Percival", "Quentin", "Rosalind", "Stefan",
    "Theodora", "Ursula", "Viktor", "Wilhelmina", "Xavier", "Yasmin", "Zoltan", "Anselm", "Beatrix",
    "Cornelius", "Delphine", "Emil", "Fiona", "Gideon", "Harriet", "Ivo", "Josephine", "Konrad", "Lavinia",
    "Matthias", "Noemi",
];
#[rustfmt::skip]
pub(super) const LAST_NAMES: &[&str] = &[
    "Abernathy", "Blackwood", "Castellan", "Drummond", "Ellsworth", "Fairweather", "Grimaldi", "Hawthorne",
    "Ingram", "Jovanovic", "Kessler", "Lindqvist", "Marchetti", "Norwood", "Oduya", "Pemberton",
    "Quillfeather", "Rasmussen", "Silverstein", "Thornbury", "Umarov", "Vandermeer", "Whitlock", "Xanthos",
    "Yamashiro", "Zelinski", "Ashdown", "Birchall", "Calloway", "Devereux", "Eastgate", "Fenwick",
    "Galbraith", "Holloway", "Iverson", "Jarrow", "Kirkwood", "Lockhart", "Merriweather", "Nightingale",
    "Okafor", "Prescott", "Ravenscroft", "Standish", "Tremaine", "Underhill", "Vance", "Wycliffe",
];
#[rustfmt::skip]
pub(super) const ADJECTIVES: &[&str] = &[
    "Quiet", "Last", "Hidden", "Golden", "Broken", "Distant", "Crimson", "Forgotten", "Silver", "Burning",
    "Northern", "Secret", "Wandering", "Hollow", "Invisible", "Patient", "Restless", "Salt", "Second",
    "Midnight", "Paper", "Glass", "Winter", "Borrowed", "Unwritten", "Velvet", "Lost", "Copper", "Tidal",
    "Ordinary", "Brilliant", "Long", "Silent", "Painted", "Feral", "Gentle",
];
#[rustfmt::skip]
pub(super) const NOUNS: &[&str] = &[
    "Lighthouse", "Orchard", "Cartographer", "Harbor", "Daughter", "Garden", "Clockmaker", "River",
    "Kingdom", "Library", "Witness", "Letter", "Island", "Winter", "Heron", "Inheritance", "Promise",
    "Violin", "Bridge", "Lantern", "Sparrow", "Archivist", "Tide", "Mountain", "Detective", "Season", "Map",
    "Beekeeper", "Empire", "Station", "Voyage", "House", "Fox", "Mirror", "Storm", "Alchemist", "Sister",
    "Compass", "Frontier", "Shadow", "Cathedral", "Machine", "Bell", "Horizon",
];
#[rustfmt::skip]
pub(super) const PLACES: &[&str] = &[
    "Marrow Bay", "Eldermoor", "the Salt Coast", "Vienna", "Ashford Lane", "the Northern Line", "Lisbon",
    "Harrow Hill", "the Great Plain", "Copper Creek", "Trieste", "the Long Valley", "Saint Orso",
    "Blue Ridge", "the Lower Town", "Kestrel Point", "Antwerp", "the Island", "Juniper Street",
    "the Old Quarter",
];
#[rustfmt::skip]
pub(super) const TOPICS: &[&str] = &[
    "Habits", "Attention", "Negotiation", "Sourdough", "Sleep", "Watercolor", "Investing",
    "the Roman Republic", "Systems Thinking", "Home Repair", "Deep Work", "Trees", "Coffee",
    "the Silk Road", "Statistics", "Chess Endings", "Leadership", "Soil", "Typography", "Running",
    "the Cold War", "Python Programming", "Data Pipelines", "Small Gardens", "Tax Planning", "Woodworking",
    "the Periodic Table", "Public Speaking", "Weather", "Bookkeeping", "Rust Programming",
    "Cooking for Two",
];
#[rustfmt::skip]
pub(super) const SUBJECTS: &[&str] = &[
    "Organic Chemistry", "Microeconomics", "Human Anatomy", "Linear Algebra", "Cell Biology",
    "Financial Accounting", "Fluid Mechanics", "Pharmacology", "Thermodynamics", "Developmental Psychology",
    "Discrete Mathematics", "Operating Systems", "Medical Physiology", "Structural Analysis",
    "Corporate Finance", "Genetics", "Calculus", "Nursing Fundamentals", "Data Structures",
    "Materials Science", "Inorganic Chemistry", "Econometrics", "Classical Mechanics", "Curriculum Design",
    "Auditing", "Biostatistics",
];
#[rustfmt::skip]
pub(super) const BRANDS: &[&str] = &[
    "Northpine", "Alderway", "Kestrel & Co", "Brightmoor", "Oakhollow", "Lumino", "Verdana Home",
    "Stonebrook", "Tallgrass", "Fernleaf", "Bluecrest", "Ironwick", "Maplewright", "Cobalt Works",
    "Solstead", "Harborline", "Quillon", "Pebblecraft", "Ridgeway", "Amberfield", "Nimbus Goods",
    "Everhearth", "Wrenhouse", "Dovetail", "Larkspur", "Granite Peak", "Sunmallow", "Tidewell",
    "Juniper Lab", "Cinderbrook", "Foxglove", "Moonharbor", "Thistledown", "Copperkettle", "Starling",
    "Riverton", "Glenmore", "Hazelwick", "Orchard Lane", "Polarix",
];
#[rustfmt::skip]
pub(super) const PUBLISHERS: &[&str] = &[
    "Harrow & Finch", "Meridian House", "Blue Lantern Press", "Cormorant Books",
    "Northgate University Press", "Saltmarsh Press", "Ellery Academic", "Tamarisk", "Old Mill Editions",
    "Fathom Learning", "Greyfriars Scientific", "Wayfarer", "Paper Kite", "Quarry Street", "Sable & Sons",
    "Longacre", "Vesper", "Halcyon Medical",
];
#[rustfmt::skip]
pub(super) const COLORS: &[&str] = &[
    "Black", "White", "Slate Gray", "Forest Green", "Navy Blue", "Coral", "Sand", "Teal", "Burgundy",
    "Mustard", "Rose", "Silver",
];

/// What goods are called: the two halves of a name. Books and media have patterns of their own.
#[rustfmt::skip]
pub(super) const fn halves(naming: Naming) -> (&'static [&'static str], &'static [&'static str]) {
    match naming {
        Naming::Kitchen => (&["Stainless Steel", "Nonstick", "Silicone", "Bamboo", "Cast Iron", "Ceramic"],
            &["Mixing Bowl Set", "Saucepan with Lid", "Spatula Set", "Cutting Board", "Garlic Press", "Skillet", "Measuring Cups", "Colander"]),
        Naming::Furniture => (&["Folding", "Adjustable", "Industrial", "Slim", "Stackable"],
            &["5-Tier Shelf", "Shoe Rack", "Side Table", "Storage Ottoman", "Laundry Hamper"]),
        Naming::Supplement => (&["Vitamin D3", "Magnesium Glycinate", "Omega-3", "Elderberry", "Vitamin C", "Biotin"],
            &["Gummies, 90 Count", "Capsules, 120 Count", "Softgels, 180 Count", "Drops"]),
        Naming::Household => (&["Citrus", "Unscented", "Concentrated", "Plant-Based"],
            &["All-Purpose Cleaner", "Laundry Detergent", "Dish Soap Refill", "Stain Remover", "Glass Cleaner"]),
        Naming::Beauty => (&["Niacinamide", "Rosehip", "Hyaluronic", "Green Tea", "Cedar & Fig", "Argan"],
            &["Face Serum", "Eau de Parfum", "Hair Oil", "Night Cream", "Leave-In Conditioner"]),
        Naming::Audio => (&["Wireless", "Noise Cancelling", "Bluetooth 5.4", "Sport"],
            &["Earbuds with Charging Case", "Over-Ear Headphones", "Portable Speaker", "Power Bank 10000mAh"]),
        Naming::Cable => (&["Braided", "6 ft", "10 ft", "Right Angle"],
            &["USB-C Cable", "HDMI 2.1 Cable", "Ethernet Cable", "Charging Adapter"]),
        Naming::Office => (&["Fine Point", "Recycled", "Dotted", "College Ruled"],
            &["Gel Pens, 12 Count", "Notebook A5", "Copy Paper, 500 Sheets", "Highlighters", "Planner"]),
        Naming::Sport => (&["Extra Thick", "Adjustable", "Ultralight", "Insulated"],
            &["Yoga Mat", "Dumbbell Pair", "Camping Lantern", "Sleeping Pad", "Resistance Bands"]),
        Naming::Pet => (&["Indestructible", "Orthopedic", "Interactive", "Washable"],
            &["Dog Chew Toy", "Dog Bed", "Cat Scratcher", "Treat Puzzle", "Cat Tunnel"]),
        _ => (&["Organic", "Dark Roast", "Sea Salt", "Single Origin"],
            &["Ground Coffee, 2 lb", "Almond Snack Mix", "Herbal Tea, 100 Bags", "Dark Chocolate Bites", "Trail Mix"]),
    }
}
