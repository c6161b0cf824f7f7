//! Titles, authors, brands: composed from word lists, made only when somebody wants to read them.

use super::kinds::Naming;
use super::traits::Traits;
use super::words::{
    ADJECTIVES, BRANDS, COLORS, FIRST_NAMES, LAST_NAMES, NOUNS, PLACES, PUBLISHERS, SUBJECTS, TOPICS, halves,
};
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

impl Texts {
    /// The words of a product; the same ones every time.
    pub(crate) fn of(traits: &Traits) -> Self {
        // A family shares brand and name; its members differ in colour and size.
        let key = traits.family.map_or(traits.key, |family| mix2(0x00FA_4117, u64::from(family)));
        let mut draw = Draw::new(mix2(key, 0x7E87));
        let author = format!("{}, {}", draw.pick(LAST_NAMES), draw.pick(FIRST_NAMES));
        let publisher = (*draw.pick(PUBLISHERS)).to_owned();
        let brand = (*draw.pick(BRANDS)).to_owned();
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
            own.pick(COLORS)
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
            0 => format!("The {} of {}", word(NOUNS), word(PLACES)),
            1 => format!("The {} {}", word(ADJECTIVES), word(NOUNS)),
            2 => format!(
                "A {} {}",
                word(&["Most Patient", "Perfect", "Northern", "Proper", "Brief"]),
                word(NOUNS)
            ),
            3 => format!("The {}'s {}", word(NOUNS), word(NOUNS)),
            _ => format!("{} in {}", word(&["Summer", "Murder", "Autumn", "Silence", "Snow"]), word(PLACES)),
        },
        Naming::NonFiction => {
            let topic = word(TOPICS);
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
                3 => format!("All About {topic}: The {} {}", word(ADJECTIVES), word(NOUNS)),
                _ => format!("The {} {}: A New Look at {topic}", word(ADJECTIVES), word(NOUNS)),
            }
        }
        Naming::Textbook => {
            let subject = word(SUBJECTS);
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
            word(ADJECTIVES),
            word(&["Sessions", "Nights", "Variations", "Songs", "Quartets", "Live at the Hall"])
        ),
        Naming::Game => format!(
            "{} of the {} {}",
            word(&["Chronicles", "Legends", "Echoes", "Racers", "Keepers"]),
            word(ADJECTIVES),
            word(NOUNS)
        ),
        Naming::Toy => format!(
            "{} {} {}",
            word(ADJECTIVES),
            word(NOUNS),
            word(&["Board Game", "Building Set", "Puzzle, 1000 Pieces", "Plush", "Strategy Game"])
        ),
        _ => {
            let (first, second) = halves(naming);
            format!("{} {}", word(first), word(second))
        }
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
