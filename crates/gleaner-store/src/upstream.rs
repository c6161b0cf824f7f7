//! Which upstream filled this database. Synthetic facts must never mix with paid ones, so a database remembers where
//! its first came from and refuses any other.

use crate::statement::Statement;
use crate::{Store, StoreError};

const NAME: &str = "upstream";
const FIND: &str = "SELECT value FROM gleaner_meta WHERE name = $1";
const CLAIM: &str = "INSERT INTO gleaner_meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

impl Store {
    /// The upstream that filled this database; `None`: it is still free.
    pub async fn upstream(&self) -> Result<Option<String>, StoreError> {
        let mut session = self.reading().await?;
        let found = session.row::<(String,)>(FIND, &[NAME.into()]).await;
        Ok(session.end(found).await?.map(|(value,)| value))
    }

    /// Takes this database for `upstream`. The first claim wins for ever; the same claim again is welcome, another
    /// one fails with [`StoreError::OtherUpstream`].
    pub async fn claim_upstream(&self, upstream: &str) -> Result<(), StoreError> {
        // Mostly it is claimed already; then there is nothing to write.
        let mut found = self.upstream().await?;
        if found.is_none() {
            let mut session = self.writing().await?;
            let values = vec![NAME.into(), upstream.into()];
            let claimed = session.execute(&Statement { sql: CLAIM.into(), values }).await.map(drop);
            session.end(claimed).await?;
            found = self.upstream().await?;
        }
        match found {
            Some(found) if found != upstream => {
                Err(StoreError::OtherUpstream { found, wanted: upstream.to_owned() })
            }
            _ => Ok(()),
        }
    }
}
