//! `gleaner_flight`: who is working on what, across processes, so that the same thing is bought once.
//!
//! A flight is a lease on a key (a discovery's, a product's) by the clock of the **database**: the processes need not
//! agree on the time, and a flight whose process died ends by itself. One that ends later than any can was taken before
//! that clock was put back: it has ended. Locks are always taken in the order of the
//! bytes of the keys, so that many keys in any order never deadlock.

use std::fmt::Write as _;
use std::time::Duration;

use uuid::Uuid;

use crate::statement::{Statement, Value, batches, exact, padded, parameters, push_parameter, tuples};
use crate::{Engine, Store, StoreError, race};

impl Store {
    /// Takes the flights of these keys that are free, whose lease ran out, or that `owner` has already, for `lease`
    /// from now, which is how long these keys are always taken for; answers the keys that `owner` has now, in the order of their bytes.
    pub async fn flights_acquire(
        &self,
        keys: &[String],
        owner: Uuid,
        lease: Duration,
    ) -> Result<Vec<String>, StoreError> {
        let keys = sorted(keys)?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (now, longest) = (self.engine().now_millis(), longest(lease));
        let rows = keys
            .into_iter()
            .map(|key| vec![key, Value::Text(Some(owner.to_string())), millis(lease).into()])
            .collect();
        let statements: Vec<_> = batches(rows)
            .map(|(count, values)| {
                let tuples = tuples(count, 3, |column, sql, number| {
                    if column == 2 {
                        // Writing to a string cannot fail.
                        let _ = write!(sql, "{now} + ");
                    }
                    push_parameter(sql, number);
                });
                let sql = format!(
                    "INSERT INTO gleaner_flight (flight_key, owner, lease_until) VALUES {tuples} \
                     ON CONFLICT (flight_key) DO UPDATE SET owner = excluded.owner, \
                     lease_until = excluded.lease_until WHERE gleaner_flight.lease_until <= {now} \
                     OR gleaner_flight.lease_until > {now} + {longest} OR gleaner_flight.owner = excluded.owner RETURNING flight_key"
                );
                Statement { sql: sql.into(), values }
            })
            .collect();
        let mut taken = self.flights_take(&statements).await?;
        taken.sort_unstable();
        Ok(taken)
    }

    async fn flights_take(&self, statements: &[Statement]) -> Result<Vec<String>, StoreError> {
        let mut attempt = 1;
        loop {
            let mut session = self.writing().await?;
            let mut taken = Ok(Vec::new());
            for statement in statements {
                let rows = session.rows::<(String,)>(statement.sql.clone(), &statement.values).await;
                taken = taken.and_then(|mut taken: Vec<String>| {
                    taken.extend(rows?.into_iter().map(|(key,)| key));
                    Ok(taken)
                });
                if taken.is_err() {
                    break;
                }
            }
            let taken = session.end(taken).await;
            if let Err(error) = &taken
                && race::again(error, &mut attempt).await
            {
                continue;
            }
            self.committed();
            return taken;
        }
    }

    /// Gives every flight that `owner` (still) has `lease` from now; answers how many those are. Less than before:
    /// a lease ran out and somebody else took its key.
    pub async fn flights_renew(&self, owner: Uuid, lease: Duration) -> Result<u64, StoreError> {
        let engine = self.engine();
        let sql = format!(
            "UPDATE gleaner_flight SET lease_until = {} + $2 WHERE flight_key IN (SELECT flight_key \
             FROM gleaner_flight WHERE owner = $1 {}) AND owner = $1",
            engine.now_millis(),
            engine.lock_flights()
        );
        let values = vec![Value::Text(Some(owner.to_string())), millis(lease).into()];
        self.flights_change(&[Statement { sql: sql.into(), values }]).await
    }

    /// Ends those of these flights that `owner` has.
    pub async fn flights_release(&self, owner: Uuid, keys: &[String]) -> Result<(), StoreError> {
        let keys = sorted(keys)?;
        let engine = self.engine();
        let owner = Value::Text(Some(owner.to_string()));
        let statements: Vec<_> = batches(keys.into_iter().map(|key| vec![key]).collect())
            .map(|(count, mut values)| {
                values.push(owner.clone());
                let mine = format!("owner = ${}", count + 1);
                let sql = format!(
                    "DELETE FROM gleaner_flight WHERE flight_key IN (SELECT flight_key FROM gleaner_flight \
                     WHERE flight_key IN ({}) AND {mine} {}) AND {mine}",
                    parameters(1, count),
                    engine.lock_flights()
                );
                Statement { sql: sql.into(), values }
            })
            .collect();
        if statements.is_empty() {
            return Ok(());
        }
        self.flights_change(&statements).await.map(drop)
    }

    /// Runs statements in a transaction; answers how many rows they changed.
    async fn flights_change(&self, statements: &[Statement]) -> Result<u64, StoreError> {
        let mut attempt = 1;
        loop {
            let mut session = self.writing().await?;
            let mut changed = Ok(0);
            for statement in statements {
                let Ok(so_far) = changed else { break };
                changed = session.execute(statement).await.map(|more| so_far + more);
            }
            let changed = session.end(changed).await;
            if let Err(error) = &changed
                && race::again(error, &mut attempt).await
            {
                continue;
            }
            self.committed();
            return changed;
        }
    }

    /// Those of these keys, which are always taken for `lease`, that somebody is working on, in the order of their
    /// bytes.
    pub async fn flights_held(&self, keys: &[String], lease: Duration) -> Result<Vec<String>, StoreError> {
        let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (now, longest) = (self.engine().now_millis(), longest(lease));
        let back = format!("AND lease_until > {now} AND lease_until <= {now} + {longest}");
        let mut session = self.reading().await?;
        let mut held = Ok(Vec::new());
        for keys in keys.chunks(100) {
            let keys = padded(keys);
            let values: Vec<Value> = keys.iter().map(|&key| key.into()).collect();
            let list = parameters(1, values.len());
            let sql = format!("SELECT flight_key FROM gleaner_flight WHERE flight_key IN ({list}) {back}");
            let rows = session.rows::<(String,)>(sql, &values).await;
            held = held.and_then(|mut held: Vec<String>| {
                held.extend(rows?.into_iter().map(|(key,)| key));
                Ok(held)
            });
        }
        let mut held = session.end(held).await?;
        held.sort_unstable();
        Ok(held)
    }
}

/// Removes flights whose lease ran out an hour ago.
pub(crate) fn remove_abandoned(engine: Engine) -> Statement {
    let sql = format!(
        "DELETE FROM gleaner_flight WHERE flight_key IN (SELECT flight_key FROM gleaner_flight \
         WHERE lease_until <= {} - 3600000 {})",
        engine.now_millis(),
        engine.skip_locked()
    );
    Statement { sql: sql.into(), values: Vec::new() }
}

/// Checked, each once, in the order of their bytes.
fn sorted(keys: &[String]) -> Result<Vec<Value>, StoreError> {
    let mut keys: Vec<&String> = keys.iter().collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| exact("flight_key", key, 255)).collect()
}

/// A lease that lasts longer than so many milliseconds was taken before the clock was put back. Twice the lease: a clock
/// that is put right by some seconds ends nothing that is alive.
fn longest(lease: Duration) -> i64 {
    millis(lease).saturating_mul(2)
}

fn millis(lease: Duration) -> i64 {
    i64::try_from(lease.as_millis()).unwrap_or(i64::MAX / 2).min(i64::MAX / 2)
}
