//! From the outbox to the channels: each notice becomes part of a delivery for every channel that wants it.

use std::collections::BTreeMap;

use gleaner_store::DeliveryRow;
use uuid::Uuid;

use crate::{Engine, EngineError, stored};

/// Notices that are handed out in one transaction.
const PAGE: u32 = 100;

impl Engine {
    /// Hands out what is in the outbox; answers how many notices that were.
    pub async fn hand_out_notices(&self) -> Result<usize, EngineError> {
        let mut count = 0;
        loop {
            let notices = self.store.notices_to_hand_out(PAGE).await?;
            if notices.is_empty() {
                return Ok(count);
            }
            let now = self.now();
            let channels = self.ready_channels().await?;
            // What waits for a later moment takes in the news that is due then as well.
            let gathering = self.store.deliveries_gathering().await?;
            let mut later: BTreeMap<String, DeliveryRow> = gathering
                .into_iter()
                .filter(|row| row.due_at > stored(now))
                .map(|row| (row.channel_id.clone(), row))
                .collect();
            let mut changed: BTreeMap<String, DeliveryRow> = BTreeMap::new();
            for notice in &notices {
                for channel in channels.iter().filter(|channel| channel.wants(&notice.kind)) {
                    let due = channel.plan.due(now);
                    let fresh = || DeliveryRow {
                        id: Uuid::now_v7().to_string(),
                        channel_id: channel.row.id.clone(),
                        state: "waiting".to_owned(),
                        trial: false,
                        notices: Vec::new(),
                        message: None,
                        attempts: 0,
                        created_at: stored(now),
                        due_at: stored(due),
                        delivered_at: None,
                    };
                    let mut delivery =
                        if due > now { later.remove(&channel.row.id).unwrap_or_else(fresh) } else { fresh() };
                    delivery.notices.push(notice.id.clone());
                    changed.insert(delivery.id.clone(), delivery.clone());
                    if due > now {
                        later.insert(channel.row.id.clone(), delivery);
                    }
                }
            }
            let ids: Vec<String> = notices.iter().map(|notice| notice.id.clone()).collect();
            let deliveries: Vec<DeliveryRow> = changed.into_values().collect();
            if !self.store.hand_out(&ids, &deliveries, stored(now)).await? {
                // Another process was faster; its deliveries are there.
                return Ok(count);
            }
            count += ids.len();
        }
    }
}
