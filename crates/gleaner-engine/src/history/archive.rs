//! Months of the history in files: moved out, still counted, brought back.
//!
//! The order of steps is what makes it safe to die at any moment: the file is written and read back before anything
//! else; then its month is noted and its sums are taken from it; then its rows leave, some hundred at a time; then the
//! month counts as archived. Whatever was begun is finished by the next run, from the file.

use std::path::{Path, PathBuf};

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime};
use gleaner_exchange::records::{RecordReader, RecordWriter, measured, write_whole};
use gleaner_store::{ARCHIVED, ArchiveRow, Bucket, BucketPut, HistoryText, MOVING, OutcomeText, Recount};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ArchivesCounted;
use super::tally::Tally;
use crate::{Engine, EngineError, stored};

type Stretch = (NaiveDateTime, NaiveDateTime);

/// Rows that are read at once.
const PAGE: u32 = 2_000;

/// Rows that leave or come in one transaction: no answer waits long for it.
const BATCH: usize = 500;

/// The columns of a file.
const COLUMNS: [&str; 15] = [
    "id",
    "user_id",
    "search_type",
    "filters",
    "results_count",
    "source",
    "created_at",
    "hits",
    "misses",
    "tokens_estimated",
    "tokens_charged",
    "tokens_saved",
    "verdicts",
    "milliseconds",
    "error",
];

/// What became of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedMonth {
    /// `2026-01`.
    pub month: String,
    /// Its file.
    pub file: PathBuf,
    /// Rows in it.
    pub rows: i64,
    /// Size of the file.
    pub bytes: i64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

impl From<&ArchiveRow> for ArchivedMonth {
    fn from(row: &ArchiveRow) -> Self {
        Self {
            month: row.month.format("%Y-%m").to_string(),
            file: Path::new(&row.folder).join(&row.file),
            rows: row.row_count,
            bytes: row.bytes,
            sha256: row.sha256.clone(),
        }
    }
}

/// A month such as `2026-01`, as its first moment.
pub fn month(field: &'static str, text: &str) -> Result<NaiveDateTime, EngineError> {
    let wrong = || EngineError::field(field, format!("'{text}' is no month such as 2026-01"));
    let (year, month) = text.trim().split_once('-').ok_or_else(wrong)?;
    if year.len() != 4 || month.len() != 2 {
        return Err(wrong());
    }
    let (year, month) = (year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?);
    NaiveDate::from_ymd_opt(year, month, 1).map(NaiveDateTime::from).ok_or_else(wrong)
}

fn next(month: NaiveDateTime) -> NaiveDateTime {
    month.checked_add_months(Months::new(1)).unwrap_or(NaiveDateTime::MAX)
}

fn first_of_month(moment: NaiveDateTime) -> NaiveDateTime {
    moment.date().with_day(1).map_or(moment, NaiveDateTime::from)
}

impl Engine {
    /// Moves every month before one into files, a file each. The present month stays.
    pub async fn archive_history(
        &self,
        before: &str,
        folder: &Path,
    ) -> Result<Vec<ArchivedMonth>, EngineError> {
        let before = month("before", before)?;
        if before > first_of_month(stored(self.now())) {
            return Err(EngineError::field("before", "the present month cannot be archived: it still grows"));
        }
        let failed = |error| EngineError::file("write", folder, error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        let _one_at_a_time = self.archiving.lock().await;
        let mut done = Vec::new();
        for row in self.store.archives().await? {
            if row.state == MOVING {
                done.push(self.move_out(&row).await?);
            } else if row.state != ARCHIVED {
                self.bring_back(&[row]).await?;
            }
        }
        let mut months: Vec<NaiveDateTime> =
            self.store.history_hours(None).await?.into_iter().map(|(hour, _)| first_of_month(hour)).collect();
        months.dedup();
        for month in months.into_iter().filter(|month| *month < before) {
            let row = self.write_month(month, &folder).await?;
            done.push(self.move_out(&row).await?);
        }
        // What came while a month was on its way is counted now.
        self.count_history(true).await?;
        Ok(done)
    }

    /// Writes a month into a file, reads it back, and notes it.
    async fn write_month(&self, month: NaiveDateTime, folder: &Path) -> Result<ArchiveRow, EngineError> {
        let known = self.store.archives().await?;
        let name = |part: u32| {
            let part = if part == 1 { String::new() } else { format!(".{part}") };
            format!("search_history-{}{part}.csv.zst", month.format("%Y-%m"))
        };
        let file = (1..=u32::MAX)
            .map(name)
            .find(|name| !known.iter().any(|row| row.file == *name))
            .unwrap_or_default();
        let path = folder.join(&file);
        let failed = |error| EngineError::file("write", &path, error);
        let part = folder.join(format!("{file}.part"));
        let mut writer = RecordWriter::create(&part, &COLUMNS).map_err(failed)?;
        let mut written = Sha256::new();
        let mut last: Option<HistoryText> = None;
        loop {
            let rows = self.store.history_stretch(month, next(month), last.as_ref(), PAGE).await?;
            for row in &rows {
                let cells = cells(row);
                digest(&mut written, &cells);
                writer.write(&cells).map_err(failed)?;
            }
            last = rows.into_iter().next_back();
            if last.is_none() {
                break;
            }
        }
        let row_count = i64::try_from(writer.finish().map_err(failed)?).unwrap_or(i64::MAX);
        let (sums, read) = self.read_back(&part).await?;
        if read.finalize() != written.finalize() {
            return Err(EngineError::file(
                "check",
                &part,
                std::io::Error::other("it does not hold what was written"),
            ));
        }
        let (bytes, sha256) = measured(&part).map_err(failed)?;
        std::fs::rename(&part, &path).map_err(failed)?;
        let row = ArchiveRow {
            file,
            folder: folder.display().to_string(),
            month,
            state: MOVING.to_owned(),
            row_count,
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            sha256,
            archived_at: stored(self.now()),
        };
        let about = path.with_extension("").with_extension("schema.json");
        write_whole(&about, &schema(&row)).map_err(|error| EngineError::file("write", &about, error))?;
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        let _counting = self.counting.lock().await;
        let buckets = self.store.history_buckets(Some(month)).await?;
        let gone = buckets.iter().map(|bucket| bucket.starts_at).filter(|at| *at < next(month)).collect();
        self.store.archive_begin(&row, &Recount { gone, ..sums }).await?;
        Ok(row)
    }

    /// The sums over a file, by day, and the digest of what is in it.
    async fn read_back(&self, path: &Path) -> Result<(Recount, Sha256), EngineError> {
        let mut reader = open(path)?;
        let mut digested = Sha256::new();
        let (mut tally, mut recount) = (Tally::default(), Recount::default());
        let mut day: Option<NaiveDate> = None;
        let finish = |tally: &mut Tally, recount: &mut Recount, day: NaiveDate| {
            let (row_count, lines, filters) = tally.take();
            let bucket = Bucket { starts_at: day.into(), hours: 24, row_count };
            recount.buckets.push(BucketPut { bucket, lines });
            recount.filters.extend(filters);
        };
        loop {
            let records = read(&mut reader, path)?;
            if records.is_empty() {
                break;
            }
            for record in records {
                digest(&mut digested, &record);
                let row = row(record).ok_or_else(|| not_ours(path))?;
                let this = row.created_at.date();
                if let Some(before) = day.filter(|before| *before != this) {
                    finish(&mut tally, &mut recount, before);
                }
                day = Some(this);
                tally.add(&row);
            }
            tokio::task::yield_now().await;
        }
        if let Some(day) = day {
            finish(&mut tally, &mut recount, day);
        }
        recount.filters.sort_unstable();
        recount.filters.dedup();
        Ok((recount, digested))
    }

    /// Removes the rows of a file that is whole from the database.
    async fn move_out(&self, row: &ArchiveRow) -> Result<ArchivedMonth, EngineError> {
        let path = self.trusted(row)?;
        let mut reader = open(&path)?;
        loop {
            let records = read(&mut reader, &path)?;
            if records.is_empty() {
                break;
            }
            let ids: Vec<String> = records
                .into_iter()
                .filter_map(|mut record| record.first_mut().and_then(Option::take))
                .collect();
            for ids in ids.chunks(BATCH) {
                self.store.archive_remove(ids.to_vec()).await?;
            }
        }
        self.store.archive_finish(row).await?;
        Ok(row.into())
    }

    /// Brings archived months back: those that are named, or all. The files stay where they are.
    pub async fn restore_history(&self, months: &[String]) -> Result<Vec<ArchivedMonth>, EngineError> {
        let wanted: Vec<NaiveDateTime> =
            months.iter().map(|text| month("month", text)).collect::<Result<_, _>>()?;
        let _one_at_a_time = self.archiving.lock().await;
        let known = self.store.archives().await?;
        if let Some(unknown) = wanted.iter().find(|month| !known.iter().any(|row| row.month == **month)) {
            return Err(EngineError::field("month", format!("{} is not archived", unknown.format("%Y-%m"))));
        }
        let chosen = |row: &ArchiveRow| wanted.is_empty() || wanted.contains(&row.month);
        let rows: Vec<ArchiveRow> = known.into_iter().filter(chosen).collect();
        let mut done = Vec::new();
        for month in rows.chunk_by(|one, other| one.month == other.month) {
            done.extend(self.bring_back(month).await?);
        }
        self.count_history(true).await?;
        Ok(done)
    }

    /// Puts the rows of a month's files back.
    async fn bring_back(&self, files: &[ArchiveRow]) -> Result<Vec<ArchivedMonth>, EngineError> {
        let Some(first) = files.first() else { return Ok(Vec::new()) };
        let all: Vec<ArchiveRow> =
            self.store.archives().await?.into_iter().filter(|row| row.month == first.month).collect();
        // None of it begins before all of it can be trusted.
        let paths: Vec<PathBuf> = all.iter().map(|row| self.trusted(row)).collect::<Result<_, _>>()?;
        self.store.archive_restoring(first.month).await?;
        for (file, path) in all.iter().zip(&paths) {
            let mut reader = open(path)?;
            let mut present = 0;
            loop {
                let records = read(&mut reader, path)?;
                if records.is_empty() {
                    break;
                }
                let rows: Vec<HistoryText> =
                    records.into_iter().map(row).collect::<Option<_>>().ok_or_else(|| not_ours(path))?;
                for rows in rows.chunks(BATCH) {
                    self.store.archive_put_back(rows).await?;
                    let ids = rows.iter().map(|row| row.id.clone()).collect();
                    present += self.store.history_present(ids).await?;
                }
            }
            if i64::try_from(present) != Ok(file.row_count) {
                let error = format!("{present} of {} rows came back", file.row_count);
                return Err(EngineError::file("restore", path, std::io::Error::other(error)));
            }
        }
        self.store.archive_restored(first.month).await?;
        Ok(all.iter().map(ArchivedMonth::from).collect())
    }

    /// The file of a month, if it is the one that was written.
    fn trusted(&self, row: &ArchiveRow) -> Result<PathBuf, EngineError> {
        let path = self.archive_file(row).unwrap_or_else(|| Path::new(&row.folder).join(&row.file));
        let (_, sha256) = measured(&path).map_err(|error| EngineError::file("read", &path, error))?;
        if sha256 == row.sha256 {
            return Ok(path);
        }
        let error = "it is not the file that was archived (its SHA-256 differs)";
        Err(EngineError::file("trust", &path, std::io::Error::other(error)))
    }

    /// Where a file is: where it was written, or in the folder of the settings.
    fn archive_file(&self, row: &ArchiveRow) -> Option<PathBuf> {
        let there = Path::new(&row.folder).join(&row.file);
        let moved = self.settings.archive_dir.as_ref().map(|folder| folder.join(&row.file));
        [Some(there), moved].into_iter().flatten().find(|path| path.is_file())
    }

    /// The months whose rows are on their way out of the database, or in: their sums stand still.
    pub(super) async fn months_in_motion(&self) -> Result<Vec<Stretch>, EngineError> {
        let files = self.store.archives().await?;
        Ok(files.iter().filter(|file| file.state != ARCHIVED).map(ArchiveRow::stretch).collect())
    }

    /// Which archived months count, and which do not because a file of theirs is gone.
    pub(super) async fn archives_counted(&self) -> Result<(ArchivesCounted, Vec<Stretch>), EngineError> {
        let files = self.store.archives().await?;
        let mut counted = ArchivesCounted::default();
        let mut without = Vec::new();
        for months in files.chunk_by(|one, next| one.month == next.month) {
            let Some(first) = months.first() else { continue };
            let month = first.month.format("%Y-%m").to_string();
            let there = |file: &ArchiveRow| file.state != ARCHIVED || self.archive_file(file).is_some();
            if months.iter().all(there) {
                counted.counted.push(month);
            } else {
                counted.missing.push(month);
                without.push(first.stretch());
            }
        }
        Ok((counted, without))
    }
}

fn open(path: &Path) -> Result<RecordReader, EngineError> {
    RecordReader::open(path, &COLUMNS).map_err(|error| EngineError::file("read", path, error))
}

fn read(reader: &mut RecordReader, path: &Path) -> Result<Vec<Vec<Option<String>>>, EngineError> {
    reader
        .next(usize::try_from(PAGE).unwrap_or(usize::MAX))
        .map_err(|error| EngineError::file("read", path, error))
}

fn not_ours(path: &Path) -> EngineError {
    EngineError::file("read", path, std::io::Error::other("a row in it is none of the history's"))
}

fn cells(row: &HistoryText) -> Vec<Option<String>> {
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let outcome = &row.outcome;
    vec![
        Some(row.id.clone()),
        row.user_id.clone(),
        Some(row.search_type.clone()),
        Some(row.filters.clone()),
        Some(row.results_count.to_string()),
        row.source.clone(),
        Some(row.created_at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()),
        number(outcome.hits),
        number(outcome.misses),
        number(outcome.tokens_estimated),
        number(outcome.tokens_charged),
        number(outcome.tokens_saved),
        outcome.verdicts.clone(),
        number(outcome.milliseconds),
        outcome.error.clone(),
    ]
}

/// `None`: no row of the history.
fn row(record: Vec<Option<String>>) -> Option<HistoryText> {
    let mut cells = record.into_iter();
    let mut cell = || cells.next().flatten();
    let number = |text: Option<String>| match text {
        None => Some(None),
        Some(text) => text.parse::<i64>().ok().map(Some),
    };
    let (id, user_id, search_type, filters) = (cell()?, cell(), cell()?, cell()?);
    let results_count = number(cell())??;
    let (source, written_at) = (cell(), cell()?);
    Some(HistoryText {
        id,
        user_id,
        search_type,
        filters,
        results_count,
        source,
        created_at: written_at.parse().ok()?,
        written_at,
        outcome: OutcomeText {
            hits: number(cell())?,
            misses: number(cell())?,
            tokens_estimated: number(cell())?,
            tokens_charged: number(cell())?,
            tokens_saved: number(cell())?,
            verdicts: cell(),
            milliseconds: number(cell())?,
            error: cell(),
        },
    })
}

/// What two files with the same rows have in common, and two with others have not.
fn digest(hash: &mut Sha256, cells: &[Option<String>]) {
    for cell in cells {
        match cell {
            None => hash.update([0]),
            Some(text) => {
                hash.update([1]);
                hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
                hash.update(text.as_bytes());
            }
        }
    }
}

/// What a file holds, for whoever finds it in ten years.
fn schema(row: &ArchiveRow) -> String {
    let about = [
        "id of the question",
        "who asked",
        "discovery, scoring or autosourcing",
        "what was asked, JSON",
        "results of the answer",
        "frontend, api or manual",
        "when, UTC",
        "parts of the answer from the cache",
        "parts that were not",
        "tokens expected",
        "tokens charged",
        "tokens saved by the cache",
        "how many results got which verdict, JSON",
        "how long the answer took",
        "why there was no answer",
    ];
    let columns: Vec<_> = COLUMNS
        .iter()
        .zip(about)
        .map(|(name, about)| serde_json::json!({ "name": name, "about": about }))
        .collect();
    let all = serde_json::json!({
        "file": row.file,
        "month": row.month.format("%Y-%m").to_string(),
        "rows": row.row_count,
        "bytes": row.bytes,
        "sha256": row.sha256,
        "format": "CSV (RFC 4180, UTF-8) with a header, packed with zstd; \\N is a missing value, and a value that begins with a backslash has one more in front",
        "columns": columns,
    });
    format!("{all:#}\n")
}
