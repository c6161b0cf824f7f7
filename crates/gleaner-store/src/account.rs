//! `gleaner_token_account` and `gleaner_token_reservation`: the tokens of one Keepa key, shared by all processes.
//!
//! The account is one row, the balance as Keepa told it last. A reservation is a promise of tokens to a call that is
//! under way; it ends by [`crate::Write::Release`], or by itself. Reserving is serialised by the lock of the account's
//! row, so that two processes never promise the same token.

use chrono::NaiveDateTime;
use uuid::Uuid;

use crate::session::Session;
use crate::statement::{Insert, Statement, Value, exact, far_ahead};
use crate::{Engine, Store, StoreError, postgres, race};

pub(crate) const RESERVATIONS: &str = "gleaner_token_reservation";

/// The balance as Keepa told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountRow {
    /// Tokens left; below 0 after a call that cost more than there was.
    pub balance: i64,
    /// When Keepa told it (UTC).
    pub read_at: NaiveDateTime,
    /// Tokens that are added every minute.
    pub refill_rate: Option<i64>,
    /// Milliseconds from `read_at` to the next refill.
    pub refill_in_ms: Option<i64>,
}

/// Tokens promised to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Made by the caller.
    pub id: Uuid,
    /// What for, at most 50 characters.
    pub purpose: String,
    /// Tokens, 0 or more.
    pub amount: i64,
    /// When (UTC). Reservations that expired by then do not count any more.
    pub made_at: NaiveDateTime,
    /// When it ends by itself (UTC), should its process die.
    pub expires_at: NaiveDateTime,
}

/// Of two answers that come at once the later counts; but one that is so far ahead was read before the clock was put back.
pub(crate) const INSERT: Insert = Insert {
    table: "gleaner_token_account",
    columns: &["id", "balance", "read_at", "refill_rate", "refill_in_ms"],
    json: &[],
    conflict: concat!(
        "ON CONFLICT (id) DO UPDATE SET balance = excluded.balance, read_at = excluded.read_at, \
         refill_rate = excluded.refill_rate, refill_in_ms = excluded.refill_in_ms \
         WHERE gleaner_token_account.read_at IS NULL \
         OR excluded.read_at >= gleaner_token_account.read_at OR ",
        far_ahead!("gleaner_token_account.read_at", "excluded.read_at")
    ),
};

const INSERT_RESERVATION: Insert = Insert {
    table: RESERVATIONS,
    columns: &["id", "purpose", "amount", "made_at", "expires_at"],
    json: &[],
    conflict: "ON CONFLICT (id) DO UPDATE SET purpose = excluded.purpose, amount = excluded.amount, \
               made_at = excluded.made_at, expires_at = excluded.expires_at",
};

impl AccountRow {
    pub(crate) fn row(&self) -> Vec<Value> {
        vec![
            1.into(),
            self.balance.into(),
            self.read_at.into(),
            Value::Int(self.refill_rate),
            Value::Int(self.refill_in_ms),
        ]
    }
}

impl Reservation {
    fn row(&self) -> Result<Vec<Value>, StoreError> {
        if self.amount < 0 {
            let reason = format!("{} is less than nothing", self.amount);
            return Err(StoreError::Invalid { field: "amount", reason });
        }
        Ok(vec![
            Value::Text(Some(self.id.to_string())),
            exact("purpose", &self.purpose, 50)?,
            self.amount.into(),
            self.made_at.into(),
            self.expires_at.into(),
        ])
    }
}

#[derive(sqlx::FromRow)]
struct Record {
    balance: Option<i64>,
    read_at: Option<NaiveDateTime>,
    refill_rate: Option<i64>,
    refill_in_ms: Option<i64>,
}

impl Record {
    fn read(self) -> Option<AccountRow> {
        let Self { balance, read_at, refill_rate, refill_in_ms } = self;
        Some(AccountRow { balance: balance?, read_at: read_at?, refill_rate, refill_in_ms })
    }
}

const FIND: &str =
    "SELECT balance, read_at, refill_rate, refill_in_ms FROM gleaner_token_account WHERE id = 1";

impl Store {
    /// The balance as Keepa told it last; `None`: it has not told any yet.
    pub async fn account(&self) -> Result<Option<AccountRow>, StoreError> {
        let mut session = self.reading().await?;
        let record = session.row::<Record>(FIND, &[]).await;
        Ok(session.end(record).await?.and_then(Record::read))
    }

    /// Tokens that are promised at `now`, by all processes.
    pub async fn reserved(&self, now: NaiveDateTime) -> Result<i64, StoreError> {
        const SUM: &str = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM gleaner_token_reservation \
                           WHERE expires_at > $1";
        let mut session = self.reading().await?;
        let sum = session.row::<(i64,)>(SUM, &[now.into()]).await;
        Ok(session.end(sum).await?.map_or(0, |(sum,)| sum))
    }

    /// Reserves tokens if `decide` says yes to the account and the sum of the other live reservations. Nobody else
    /// reserves meanwhile, in any process: `decide` must not wait for anything. Expired reservations are removed on
    /// the way. The same id again replaces its reservation.
    pub async fn reserve(
        &self,
        reservation: &Reservation,
        decide: impl FnOnce(Option<&AccountRow>, i64) -> bool + Send,
    ) -> Result<bool, StoreError> {
        let rows = vec![reservation.row()?];
        let statements = INSERT_RESERVATION.statements(self.engine(), rows);
        let mut attempt = 1;
        let (mut session, account, live) = loop {
            let mut session = self.writing().await?;
            match look(&mut session, reservation).await {
                Ok((account, live)) => break (session, account, live),
                Err(error) => {
                    let Err(error) = session.end(Err::<(), _>(error)).await else { continue };
                    if !race::again(&error, &mut attempt).await {
                        return Err(error);
                    }
                }
            }
        };
        let yes = decide(account.as_ref(), live);
        let mut result = Ok(yes);
        if yes {
            for statement in &statements {
                if let Err(error) = session.execute(statement).await {
                    result = Err(error);
                    break;
                }
            }
        }
        let result = session.end(result).await?;
        self.committed();
        Ok(result)
    }
}

/// Takes the account's lock; answers the account and the sum of the live reservations without this one.
async fn look(
    session: &mut Session,
    reservation: &Reservation,
) -> Result<(Option<AccountRow>, i64), StoreError> {
    const SEED: &str = "INSERT INTO gleaner_token_account (id) VALUES (1) ON CONFLICT (id) DO NOTHING";
    const COUNT: &str = "SELECT \
         CAST(COALESCE(SUM(CASE WHEN expires_at > $1 AND expires_at <= $3 THEN amount ELSE 0 END), 0) AS BIGINT), \
         CAST(COALESCE(SUM(CASE WHEN expires_at <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT) \
         FROM gleaner_token_reservation WHERE id <> $2";
    let lock = match session.engine() {
        Engine::Sqlite => "",
        Engine::Postgres => postgres::FOR_UPDATE,
    };
    let find = format!("{FIND} {lock}");
    let mut record = session.row::<Record>(find.clone(), &[]).await?;
    if record.is_none() {
        // The row comes with its table; somebody emptied it.
        session.execute(&Statement { sql: SEED.into(), values: Vec::new() }).await?;
        record = session.row::<Record>(find, &[]).await?;
    }
    // All last equally long: one that ends so much later than this was made before the clock was put back.
    let longest = reservation.expires_at + (reservation.expires_at - reservation.made_at);
    let values = [reservation.made_at.into(), Value::Text(Some(reservation.id.to_string())), longest.into()];
    let (live, expired) = session.row::<(i64, i64)>(COUNT, &values).await?.unwrap_or_default();
    if expired > 0 {
        session.execute(&remove_expired(session.engine(), reservation.made_at)).await?;
    }
    Ok((record.and_then(Record::read), live))
}

/// Passes over those that a commit is releasing this moment: waiting for it while holding the account could be for
/// ever.
pub(crate) fn remove_expired(engine: Engine, now: NaiveDateTime) -> Statement {
    let sql = format!(
        "DELETE FROM gleaner_token_reservation WHERE id IN (SELECT id FROM gleaner_token_reservation \
         WHERE expires_at <= $1 {})",
        engine.skip_locked()
    );
    Statement { sql: sql.into(), values: vec![now.into()] }
}
