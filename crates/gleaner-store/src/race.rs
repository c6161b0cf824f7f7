//! Running a transaction again that the server undid because of others.

use std::time::Duration;

use crate::StoreError;

/// How often a transaction is run at most.
const ATTEMPTS: u32 = 6;

/// Whether a transaction that failed so is to be run again; waits a little first when it is.
pub(crate) async fn again(error: &StoreError, attempt: &mut u32) -> bool {
    if !error.lost_a_race() || *attempt >= ATTEMPTS {
        return false;
    }
    tokio::time::sleep(Duration::from_millis(5 << *attempt)).await;
    *attempt += 1;
    true
}
