//! Backups: everything of ours in one SQLite file, from either engine, and back into either.
//!
//! A backup is what the database held at one moment, taken while it is in use. Its file is a Gleaner database of its
//! own: any SQLite tool opens it, and so does Gleaner. Tables of other programs are not in it.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use crate::backup_carry::{carry_table, fetch_table};
use crate::migrate::{CREATE_RECORD, RECORD};
use crate::migrations;
use crate::session::Session;
use crate::statement::Statement;
use crate::{Engine, Store, StoreError, generation, postgres, sqlite};

/// In the file alone: how many rows each table must have.
const CONTENTS: &str = "gleaner_backup";

/// A table in a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupTable {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: i64,
}

impl Store {
    /// Writes a backup into a file that does not exist yet, and answers what is in it. The database stays in use.
    pub async fn back_up(&self, file: &Path) -> Result<Vec<BackupTable>, StoreError> {
        if self.in_memory() {
            let reason = "a database in memory cannot be backed up".to_owned();
            return Err(StoreError::Invalid { field: "database", reason });
        }
        let tables = self.our_tables().await?;
        let mut copy = open(file, true).await?;
        let made = make_empty(&mut copy, &tables).await;
        if self.engine() == Engine::Sqlite {
            // It is written to through the other connection.
            made?;
            copy.close().await.map_err(failed)?;
            return self.copy_into(file, &tables).await;
        }
        made?;
        let copied = self.carry_into(&mut copy, &tables).await;
        let copied = match copied {
            Ok(tables) => note_contents(&mut copy, &tables).await.map(|()| tables),
            Err(error) => Err(error),
        };
        copy.close().await.map_err(failed)?;
        copied
    }

    /// Replaces everything of ours by what is in a backup, all or nothing. What other processes remember is void from
    /// then on. The schema is then that of the backup: [`Store::migrate`] comes next.
    pub async fn restore(&self, file: &Path) -> Result<Vec<BackupTable>, StoreError> {
        let contents = check_backup(file).await?;
        let mut session = self.about_to_write().await?;
        if self.engine() == Engine::Postgres {
            let restored = from_file(&mut session, file, &contents).await;
            return session.end(restored).await;
        }
        attach(&mut session, file).await?;
        let restored = async {
            session.begin(sqlite::BEGIN.into()).await?;
            from_file(&mut session, file, &contents).await
        };
        let restored = restored.await;
        let restored = session.end(restored).await;
        let mut session = self.about_to_write().await?;
        let detached = session.script("DETACH DATABASE backup").await;
        session.end(detached).await.ok();
        self.committed();
        restored
    }

    /// Whether there is anything to lose.
    pub async fn has_rows(&self) -> Result<bool, StoreError> {
        let mut session = self.reading().await?;
        let tables = session.tables().await?;
        for migration in migrations::ALL {
            // Those that are born with a row hold nothing of anybody's.
            let born = migration.up(self.engine()).contains("INSERT INTO");
            if born || !tables.iter().any(|table| table == migration.name) {
                continue;
            }
            let sql = format!(
                "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT 1 FROM {} LIMIT 1) one",
                migration.name
            );
            if session.row::<(i64,)>(sql, &[]).await?.is_some_and(|(rows,)| rows > 0) {
                return session.end(Ok(true)).await;
            }
        }
        session.end(Ok(false)).await
    }

    /// Ours among the tables that exist, in the order in which they are made.
    async fn our_tables(&self) -> Result<Vec<&'static str>, StoreError> {
        let mut session = self.reading().await?;
        let live = session.tables().await;
        let live = session.end(live).await?;
        let all = migrations::ALL.iter().map(|migration| migration.name).chain([RECORD]);
        Ok(all.filter(|name| live.iter().any(|table| table == name)).collect())
    }

    /// SQLite: all tables in one transaction, whose snapshot nobody's writing disturbs.
    async fn copy_into(&self, file: &Path, tables: &[&str]) -> Result<Vec<BackupTable>, StoreError> {
        let mut session = self.reading().await?;
        // Connections that read refuse every change, also to another file. This one is not given back.
        session.discard();
        session.script("PRAGMA query_only = OFF").await?;
        attach(&mut session, file).await?;
        session.begin("BEGIN".into()).await?;
        let copied = async {
            let mut all = Vec::with_capacity(tables.len());
            for &table in tables {
                let columns = shared_columns(
                    &sqlite::columns_of(&mut session, "main", table).await?,
                    &sqlite::columns_of(&mut session, "backup", table).await?,
                );
                let sql =
                    format!("INSERT INTO backup.{table} ({columns}) SELECT {columns} FROM main.{table}");
                session.script(sql).await?;
                let rows = count(&mut session, &format!("main.{table}")).await?;
                all.push(BackupTable { name: table.to_owned(), rows });
            }
            for table in &all {
                let sql = format!("INSERT INTO backup.{CONTENTS} VALUES ('{}', {})", table.name, table.rows);
                session.script(sql).await?;
            }
            Ok(all)
        };
        let copied = copied.await;
        session.end(copied).await
    }

    /// PostgreSQL: the same through a snapshot of the server, a thousand rows at a time.
    async fn carry_into(
        &self,
        copy: &mut SqliteConnection,
        tables: &[&str],
    ) -> Result<Vec<BackupTable>, StoreError> {
        let mut session = self.writing().await?;
        let carried = async {
            session.script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
            session.take_time().await?;
            let mut all = Vec::with_capacity(tables.len());
            for &table in tables {
                carry_table(&mut session, copy, table).await?;
                let rows = count(&mut session, table).await?;
                all.push(BackupTable { name: table.to_owned(), rows });
            }
            Ok(all)
        };
        let carried = carried.await;
        session.end(carried).await
    }
}

/// Opens a backup, checks that the file is whole and that every table has the rows it was made with; answers them.
pub async fn check_backup(file: &Path) -> Result<Vec<BackupTable>, StoreError> {
    let unreadable = |error: StoreError| {
        StoreError::corrupt(format!("the backup {} cannot be opened: {error}", file.display()))
    };
    let mut copy = open(file, false).await.map_err(unreadable)?;
    let checked = check(&mut copy, file).await;
    copy.close().await.map_err(failed)?;
    checked
}

async fn check(copy: &mut SqliteConnection, file: &Path) -> Result<Vec<BackupTable>, StoreError> {
    let broken = |reason: &str| StoreError::corrupt(format!("the backup {}: {reason}", file.display()));
    let found = texts(copy, "PRAGMA integrity_check").await.map_err(|_| broken("it is no SQLite file"))?;
    if found != ["ok"] {
        return Err(broken(&found.join("; ")));
    }
    let rows =
        sqlx::query(AssertSqlSafe(format!("SELECT table_name, row_count FROM {CONTENTS} ORDER BY rowid")))
            .fetch_all(&mut *copy)
            .await
            .map_err(|_| broken("it was not made by `gleaner backup`"))?;
    let mut tables = Vec::with_capacity(rows.len());
    for row in rows {
        let (name, expected): (String, i64) = (row.get(0), row.get(1));
        let known = name == RECORD || migrations::ALL.iter().any(|migration| migration.name == name);
        if !known {
            let newest = texts(copy, &format!("SELECT CAST(MAX(version) AS TEXT) FROM {RECORD}")).await?;
            let found = newest.first().and_then(|version| version.parse().ok()).unwrap_or(i64::MAX);
            return Err(StoreError::NewerSchema { found, known: migrations::newest() });
        }
        let rows = number(copy, &format!("SELECT COUNT(*) FROM {name}")).await?;
        if rows != expected {
            return Err(broken(&format!("{name} has {rows} rows instead of {expected}")));
        }
        tables.push(BackupTable { name, rows });
    }
    Ok(tables)
}

async fn open(file: &Path, create: bool) -> Result<SqliteConnection, StoreError> {
    let options = SqliteConnectOptions::new().filename(file);
    let options = if create {
        // Its bytes are made to last once they are all there.
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Delete)
            .synchronous(SqliteSynchronous::Off)
    } else {
        options.read_only(true)
    };
    SqliteConnection::connect_with(&options).await.map_err(failed)
}

pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    StoreError::from_driver(Engine::Sqlite, "of the backup", error)
}

pub(crate) async fn run(copy: &mut SqliteConnection, sql: String) -> Result<(), StoreError> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(copy).await.map(drop).map_err(failed)
}

async fn texts(copy: &mut SqliteConnection, sql: &str) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(copy).await.map_err(failed)?;
    Ok(rows.iter().map(|row: &SqliteRow| row.get::<Option<String>, _>(0).unwrap_or_default()).collect())
}

async fn number(copy: &mut SqliteConnection, sql: &str) -> Result<i64, StoreError> {
    let row = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_one(copy).await.map_err(failed)?;
    row.try_get(0).map_err(failed)
}

/// Makes the tables, without rows.
async fn make_empty(copy: &mut SqliteConnection, tables: &[&str]) -> Result<(), StoreError> {
    run(copy, "BEGIN".to_owned()).await?;
    for table in tables {
        match migrations::ALL.iter().find(|migration| migration.name == *table) {
            Some(migration) => run(copy, migration.up(Engine::Sqlite).to_owned()).await?,
            None => run(copy, CREATE_RECORD.to_owned()).await?,
        }
        run(copy, format!("DELETE FROM {table}")).await?;
    }
    run(
        copy,
        format!("CREATE TABLE {CONTENTS} (table_name TEXT NOT NULL PRIMARY KEY, row_count INTEGER NOT NULL)"),
    )
    .await?;
    run(copy, "COMMIT".to_owned()).await
}

async fn note_contents(copy: &mut SqliteConnection, tables: &[BackupTable]) -> Result<(), StoreError> {
    for table in tables {
        run(copy, format!("INSERT INTO {CONTENTS} VALUES ('{}', {})", table.name, table.rows)).await?;
    }
    Ok(())
}

pub(crate) async fn file_columns(
    copy: &mut SqliteConnection,
    table: &str,
) -> Result<Vec<String>, StoreError> {
    texts(copy, &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await
}

async fn attach(session: &mut Session, file: &Path) -> Result<(), StoreError> {
    let sql = "ATTACH DATABASE $1 AS backup".into();
    let values = vec![file.display().to_string().as_str().into()];
    session.execute(&Statement { sql, values }).await.map(drop)
}

async fn count(session: &mut Session, table: &str) -> Result<i64, StoreError> {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
    Ok(session.row::<(i64,)>(sql, &[]).await?.map_or(0, |(rows,)| rows))
}

fn shared_columns(one: &[String], other: &[String]) -> String {
    let both: Vec<&str> = one.iter().filter(|name| other.contains(name)).map(String::as_str).collect();
    both.join(", ")
}

/// The transaction of [`Store::restore`]. On SQLite the file is attached.
async fn from_file(
    session: &mut Session,
    file: &Path,
    contents: &[BackupTable],
) -> Result<Vec<BackupTable>, StoreError> {
    session.take_time().await?;
    if session.engine() == Engine::Postgres {
        session.script(postgres::LOCK_MIGRATIONS).await?;
    }
    let here = session.tables().await?;
    let is_here = |name: &str| here.iter().any(|table| table == name);
    let generation = if is_here("gleaner_generation") { generation::current(session).await? } else { 0 };
    let adopted = adopted(session, is_here(RECORD), &here).await?;
    for migration in migrations::ALL.iter().rev().filter(|migration| is_here(migration.name)) {
        if !migration.shared {
            session.script(migration.down()).await?;
        } else if contents.iter().any(|table| table.name == migration.name) {
            session.script(format!("DELETE FROM {}", migration.name)).await?;
        }
    }
    if is_here(RECORD) {
        session.script(format!("DROP TABLE {RECORD}")).await?;
    }
    let mut copy = open(file, false).await?;
    for table in contents {
        let name = table.name.as_str();
        match migrations::ALL.iter().find(|migration| migration.name == name) {
            Some(migration) if migration.shared && is_here(name) => {}
            Some(migration) => {
                session.script(migration.up(session.engine())).await?;
                session.script(format!("DELETE FROM {name}")).await?;
            }
            None => session.script(CREATE_RECORD).await?,
        }
        match session.engine() {
            Engine::Sqlite => {
                let columns = shared_columns(
                    &sqlite::columns_of(session, "main", name).await?,
                    &sqlite::columns_of(session, "backup", name).await?,
                );
                let sql = format!("INSERT INTO main.{name} ({columns}) SELECT {columns} FROM backup.{name}");
                session.script(sql).await?;
            }
            Engine::Postgres => fetch_table(session, &mut copy, name).await?,
        }
        let rows = count(session, name).await?;
        if rows != table.rows {
            return Err(StoreError::corrupt(format!("{name}: {rows} of {} rows came back", table.rows)));
        }
    }
    copy.close().await.map_err(failed)?;
    settle(session, contents, generation, &adopted).await?;
    Ok(contents.to_vec())
}

/// The versions whose tables were there before us, and stay when all is undone.
async fn adopted(session: &mut Session, recorded: bool, here: &[String]) -> Result<Vec<i64>, StoreError> {
    if recorded {
        let sql = format!("SELECT version FROM {RECORD} WHERE adopted");
        let rows: Vec<(i64,)> = session.rows(sql, &[]).await?;
        return Ok(rows.into_iter().map(|(version,)| version).collect());
    }
    let shared = migrations::ALL.iter().filter(|migration| migration.shared);
    Ok(shared.filter(|one| here.iter().any(|table| table == one.name)).map(|one| one.version).collect())
}

/// What belongs to the place and not to the backup.
async fn settle(
    session: &mut Session,
    contents: &[BackupTable],
    generation: i64,
    adopted: &[i64],
) -> Result<(), StoreError> {
    let has = |name: &str| contents.iter().any(|table| table.name == name);
    for transient in ["gleaner_flight", "gleaner_token_reservation"] {
        if has(transient) {
            session.script(format!("DELETE FROM {transient}")).await?;
        }
    }
    if has("gleaner_history_state") {
        session
            .script("UPDATE gleaner_history_state SET checked_at = NULL, mark = NULL, marker = NULL")
            .await?;
    }
    if has(RECORD) {
        for version in adopted {
            session
                .script(format!("UPDATE {RECORD} SET adopted = (1 = 1) WHERE version = {version}"))
                .await?;
        }
    }
    if has("gleaner_generation") {
        let restored = generation::current(session).await?;
        generation::raise(session, generation.max(restored).saturating_add(1)).await?;
    }
    Ok(())
}
