//! Niches in a file: to keep them elsewhere, and to hand them to somebody.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Niche, NicheDraft, NicheFilter, checked};
use crate::{Engine, EngineError};

/// What the file says it is.
const FORMAT: &str = "gleaner-niches";
/// The version of the format that this program writes and reads.
const VERSION: i64 = 1;
/// The most niches in one file.
const MAX_NICHES: usize = 1_000;

/// Niches as they are exported: what somebody wrote down, without ids and runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NicheFile {
    /// `gleaner-niches`.
    #[schema(example = "gleaner-niches")]
    pub format: String,
    /// The version of the format: 1.
    #[schema(value_type = i64)]
    pub version: i64,
    /// The niches.
    pub niches: Vec<NicheDraft>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NicheImport {
    /// The niches that are new.
    pub created: Vec<Niche>,
    /// The names of those that were there already, exactly so.
    pub unchanged: Vec<String>,
}

impl Engine {
    /// All niches in use, for a file.
    pub async fn export_niches(&self) -> Result<NicheFile, EngineError> {
        let niches = self.niches(NicheFilter::Active).await?;
        let niches = niches.iter().map(|summary| NicheDraft::from(&summary.niche)).collect();
        Ok(NicheFile { format: FORMAT.to_owned(), version: VERSION, niches })
    }

    /// Keeps the niches of a file, all or none. What is there already, exactly so, is not kept twice.
    pub async fn import_niches(&self, file: NicheFile) -> Result<NicheImport, EngineError> {
        let mut errors = Vec::new();
        let mut wrong = |field: String, message: String| {
            errors.push(gleaner_core::filters::FieldError::new(field, message));
        };
        if file.format != FORMAT {
            wrong("format".to_owned(), format!("must be '{FORMAT}', not '{}'", file.format));
        }
        if file.version != VERSION {
            wrong(
                "version".to_owned(),
                format!("this program reads version {VERSION}, not {}", file.version),
            );
        }
        if file.niches.len() > MAX_NICHES {
            wrong("niches".to_owned(), format!("at most {MAX_NICHES} at once, not {}", file.niches.len()));
        }
        for (n, draft) in file.niches.iter().enumerate().take(MAX_NICHES) {
            for error in draft.check() {
                wrong(format!("niches[{n}].{}", error.field), error.message);
            }
        }
        if !errors.is_empty() {
            return Err(EngineError::Invalid(errors));
        }
        let all = self.niches(NicheFilter::All).await?;
        let mut known: Vec<NicheDraft> = all.iter().map(|s| NicheDraft::from(&s.niche)).collect();
        let (mut rows, mut unchanged, now) = (Vec::new(), Vec::new(), self.now());
        for draft in file.niches {
            let draft = checked(draft)?.tidy();
            if known.contains(&draft) {
                unchanged.push(draft.name);
                continue;
            }
            known.push(draft.clone());
            rows.push(draft.row(Uuid::now_v7(), 1, [now, now])?);
        }
        self.store.add_niches(&rows).await?;
        let created = rows.into_iter().map(Niche::read).collect::<Result<_, _>>()?;
        Ok(NicheImport { created, unchanged })
    }
}
