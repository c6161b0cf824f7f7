//! Records of our own in files: CSV as everybody reads it, packed with zstd where it is kept.
//!
//! A file that is kept tells a missing value from an empty one: missing is `\N`, and a text that begins with a
//! backslash has one more in front. Lines end with `\n`, cells are quoted where they must be.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// How much zstd tries: at 3 it packs some hundred megabytes a second.
const LEVEL: i32 = 3;

/// Rows as CSV text. What a spreadsheet would take for a formula is made a text by a leading apostrophe.
#[must_use]
pub fn to_csv(rows: &[Vec<String>]) -> String {
    let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        // Writing into memory does not fail.
        let _ = writer.write_record(row.iter().map(|cell| harmless(cell)));
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

/// What a file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Records below the header.
    pub records: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

/// A file in the making.
pub struct RecordWriter {
    csv: ::csv::Writer<zstd::Encoder<'static, BufWriter<File>>>,
    records: u64,
}

impl std::fmt::Debug for RecordWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordWriter").field("records", &self.records).finish_non_exhaustive()
    }
}

impl RecordWriter {
    /// Begins a file, replacing what is there.
    pub fn create(path: &Path, header: &[&str]) -> io::Result<Self> {
        let mut packer = zstd::Encoder::new(BufWriter::new(File::create(path)?), LEVEL)?;
        packer.include_checksum(true)?;
        let mut csv = ::csv::WriterBuilder::new().from_writer(packer);
        csv.write_record(header).map_err(io::Error::other)?;
        Ok(Self { csv, records: 0 })
    }

    /// Adds a record.
    pub fn write(&mut self, cells: &[Option<String>]) -> io::Result<()> {
        self.records += 1;
        self.csv.write_record(cells.iter().map(|cell| escaped(cell.as_deref()))).map_err(io::Error::other)
    }

    /// Ends the file; it is on the disk when this returns.
    pub fn finish(self) -> io::Result<u64> {
        let packer = self.csv.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        let file = packer.finish()?.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        file.sync_all()?;
        Ok(self.records)
    }
}

/// A file being read.
pub struct RecordReader {
    csv: ::csv::Reader<zstd::Decoder<'static, BufReader<File>>>,
}

impl std::fmt::Debug for RecordReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordReader").finish_non_exhaustive()
    }
}

impl RecordReader {
    /// Opens a file, which must have this header.
    pub fn open(path: &Path, header: &[&str]) -> io::Result<Self> {
        let unpacker = zstd::Decoder::new(File::open(path)?)?;
        let mut csv = ::csv::ReaderBuilder::new().from_reader(unpacker);
        let found = csv.headers().map_err(io::Error::other)?;
        if found.iter().ne(header.iter().copied()) {
            let found: Vec<&str> = found.iter().collect();
            return Err(io::Error::other(format!("its columns are {}", found.join(", "))));
        }
        Ok(Self { csv })
    }

    /// The next records, at most so many; none at the end.
    pub fn next(&mut self, most: usize) -> io::Result<Vec<Vec<Option<String>>>> {
        let mut records = Vec::new();
        for record in self.csv.records().take(most) {
            let record = record.map_err(io::Error::other)?;
            records.push(record.iter().map(unescaped).collect());
        }
        Ok(records)
    }
}

/// Size and SHA-256 of a file.
pub fn measured(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += u64::try_from(read).unwrap_or_default();
    }
    let mut digits = String::new();
    for byte in hash.finalize() {
        let _ = write!(digits, "{byte:02x}");
    }
    Ok((bytes, digits))
}

/// Writes a small file so that it is there whole or not at all.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = File::create(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&part, path)
}

fn escaped(cell: Option<&str>) -> String {
    match cell {
        None => r"\N".to_owned(),
        Some(text) if text.starts_with('\\') => format!(r"\{text}"),
        Some(text) => text.to_owned(),
    }
}

fn unescaped(cell: &str) -> Option<String> {
    match cell.strip_prefix('\\') {
        Some("N") => None,
        Some(rest) if rest.starts_with('\\') => Some(rest.to_owned()),
        _ => Some(cell.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back_missing_stays_missing_and_empty_stays_empty(
            rows in proptest::collection::vec(
                proptest::collection::vec(proptest::option::of("[\\\\N\"a,\n\r é]{0,6}"), 3), 0..20)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("x.csv.zst");
            let mut writer = RecordWriter::create(&path, &["a", "b", "c"]).unwrap();
            for row in &rows {
                writer.write(row).unwrap();
            }
            prop_assert_eq!(writer.finish().unwrap(), rows.len() as u64);
            let mut reader = RecordReader::open(&path, &["a", "b", "c"]).unwrap();
            let mut back = reader.next(7).unwrap();
            loop {
                let more = reader.next(7).unwrap();
                if more.is_empty() { break }
                back.extend(more);
            }
            prop_assert_eq!(back, rows);
        }
    }

    #[test]
    fn a_cut_or_changed_file_is_an_error_never_fewer_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv.zst");
        let mut writer = RecordWriter::create(&path, &["a"]).unwrap();
        for n in 0..5_000 {
            writer.write(&[Some(format!("row {n} {}", n * 7919 % 10_007))]).unwrap();
        }
        writer.finish().unwrap();
        let whole = std::fs::read(&path).unwrap();
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            RecordReader::open(&path, &["a"]).and_then(|mut reader| reader.next(usize::MAX))
        };
        assert_eq!(read(&whole).unwrap().len(), 5_000);
        for cut in [whole.len() - 1, whole.len() / 2, 10, 0] {
            assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
        }
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 0x10;
        assert!(read(&changed).is_err());
    }

    #[test]
    fn no_cell_becomes_a_formula_and_negative_numbers_stay_numbers() {
        let rows = vec![["=1+1", "-3.5", "@x", "plain"].map(str::to_owned).to_vec()];
        assert_eq!(to_csv(&rows), "'=1+1,-3.5,'@x,plain\n");
    }
}
