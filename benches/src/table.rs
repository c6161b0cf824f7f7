//! Figures beside their targets.

use std::fmt::Write as _;

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Figure {
    what: String,
    value: String,
    target: String,
    /// Whether the target is reached; `None` when there is none.
    reached: Option<bool>,
}

impl Figure {
    /// A figure that must be at least, or at most, a target.
    pub(crate) fn new(
        what: impl Into<String>,
        figure: impl Into<String>,
        target: impl Into<String>,
        reached: bool,
    ) -> Self {
        Self { what: what.into(), value: figure.into(), target: target.into(), reached: Some(reached) }
    }

    /// A figure for information.
    pub(crate) fn note(what: impl Into<String>, figure: impl Into<String>) -> Self {
        Self { what: what.into(), value: figure.into(), target: String::new(), reached: None }
    }
}

/// All figures as aligned text.
pub(crate) fn shown(figures: &[Figure]) -> String {
    let width = |column: fn(&Figure) -> &String| {
        figures.iter().map(|figure| column(figure).chars().count()).max().unwrap_or_default()
    };
    let (what, figure, target) = (width(|f| &f.what), width(|f| &f.value), width(|f| &f.target));
    let mut text = String::new();
    for line in figures {
        let verdict = match line.reached {
            Some(true) => "reached",
            Some(false) => "MISSED",
            None => "",
        };
        let Figure { what: a, value: b, target: c, .. } = line;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", format!("{a:what$}  {b:figure$}  {c:target$}  {verdict}").trim_end());
    }
    text
}

/// The middle of a few values (of an even number, the upper one); 0 of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
