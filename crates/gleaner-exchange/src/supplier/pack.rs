//! How many pieces Amazon sells as one product.

use keepa::Product;

/// The pieces in one copy of Amazon's product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmazonPack {
    /// So many.
    Of(u32),
    /// Keepa does not tell, and neither does the title.
    Unknown,
    /// Keepa and the title disagree. Both happen to be wrong: Keepa's quantity of a "6-Pack" may be 1.
    Unclear,
}

impl AmazonPack {
    /// By Keepa's package quantity and the title. The number of items is left out: it counts the bricks of
    /// a toy as readily as the boxes of a pack.
    #[must_use]
    pub fn of(product: &Product) -> Self {
        let quantity = product.package_quantity.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
        Self::told(quantity, product.title.as_deref().and_then(in_title))
    }

    fn told(quantity: Option<u32>, title: Option<u32>) -> Self {
        match (quantity, title) {
            (Some(quantity), Some(title)) if quantity == title => Self::Of(quantity),
            (Some(_), Some(_)) => Self::Unclear,
            (Some(pieces), None) | (None, Some(pieces)) => Self::Of(pieces),
            (None, None) => Self::Unknown,
        }
    }
}

/// A pack size in a title: `6-Pack`, `6 Pack`, `Pack of 6`, `Set of 6`, `(6er-Pack)`, `lot de 6`.
fn in_title(title: &str) -> Option<u32> {
    const BEFORE: [&str; 6] = ["pack", "packs", "pk", "er", "erpack", "count"];
    const AFTER: [[&str; 2]; 6] =
        [["pack", "of"], ["set", "of"], ["case", "of"], ["box", "of"], ["lot", "de"], ["pack", "de"]];
    let lower = title.to_lowercase();
    let mut words: Vec<&str> = Vec::new();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        // `6pack` and `6er` are two words.
        let (number, rest) = word.split_at(digits);
        words.extend([number, rest].into_iter().filter(|part| !part.is_empty()));
    }
    let pieces = |word: &str| word.parse::<u32>().ok().filter(|n| (1..=10_000).contains(n));
    words.iter().enumerate().find_map(|(i, word)| {
        let count = pieces(word)?;
        let before = words.get(i + 1).is_some_and(|next| BEFORE.contains(next));
        let after = i >= 2 && AFTER.contains(&[words[i - 2], words[i - 1]]);
        (before || after).then_some(count)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pack_sizes_are_read_from_titles() {
        for (title, pieces) in [
            ("Water Filter Replacement, 6-Pack", Some(6)),
            ("Pens (Pack of 12)", Some(12)),
            ("Glasses, Set of 4, 300 ml", Some(4)),
            ("Seife 3er-Pack", Some(3)),
            ("Savon, lot de 3", Some(3)),
            ("Tea, 100 Count", Some(100)),
            ("AC Filter 20x25x4, White", None),
            ("The 7 Habits", None),
            ("LEGO 60502 Airport", None),
        ] {
            assert_eq!(in_title(title), pieces, "{title}");
        }
    }

    #[test]
    fn a_title_that_contradicts_keepa_makes_the_pack_unclear() {
        assert_eq!(AmazonPack::told(Some(1), Some(6)), AmazonPack::Unclear);
        assert_eq!(AmazonPack::told(Some(6), Some(6)), AmazonPack::Of(6));
        assert_eq!(AmazonPack::told(Some(1), None), AmazonPack::Of(1));
        assert_eq!(AmazonPack::told(None, Some(6)), AmazonPack::Of(6));
        assert_eq!(AmazonPack::told(None, None), AmazonPack::Unknown);
    }
}
