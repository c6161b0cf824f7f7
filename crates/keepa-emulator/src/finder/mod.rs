//! The Product Finder: `selection` reads what was asked (`texts` its texts), `fields` says what a name means, `columns` holds the numbers of
//! the synthetic products once somebody filters by them, `run` puts it together.

pub(crate) mod columns;
pub(crate) mod fields;
mod insights;
pub(crate) mod run;
pub(crate) mod selection;
pub(crate) mod texts;
