//! `--output FILE`: a list as a file.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use gleaner_engine::export::{Format, Sheet};

use crate::exit::usage;
use crate::output::table::counted;

/// Where a list goes; its name says the format.
#[derive(Debug, Clone)]
pub struct Output {
    path: PathBuf,
    format: Format,
}

/// The option, for commands that show a list.
#[derive(Debug, Default, clap::Args)]
pub struct ToFile {
    /// Write the list to a file, .csv or .xlsx.
    #[arg(long, value_name = "FILE", value_parser = parse)]
    output: Option<Output>,
}

impl ToFile {
    /// Whether a file is named.
    pub fn is_wanted(&self) -> bool {
        self.output.is_some()
    }

    /// Writes the list when a file is named.
    pub fn write<'a>(&self, sheet: impl FnOnce() -> Sheet<'a>) -> anyhow::Result<()> {
        self.output.as_ref().map_or(Ok(()), |output| write(sheet(), output))
    }
}

/// Reads the option, so that a wrong name is told before a token is spent.
pub fn parse(text: &str) -> Result<Output, String> {
    let path = PathBuf::from(text);
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.parse() {
        Ok(format) => Ok(Output { path, format }),
        Err(_) => Err("the name must end in .csv or .xlsx".to_owned()),
    }
}

/// Writes a list. The file appears when it is whole; one that was there is replaced.
pub fn write(sheet: Sheet<'_>, output: &Output) -> anyhow::Result<()> {
    let Output { path, format } = output;
    let failed = |error: &dyn std::fmt::Display| usage(format!("--output: {}: {error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file =
        tempfile::Builder::new().prefix(".gleaner-").tempfile_in(folder).map_err(|error| failed(&error))?;
    let mut buffer = BufWriter::new(file.as_file_mut());
    let rows = sheet.write(*format, &mut buffer)?;
    buffer.flush()?;
    drop(buffer);
    readable(file.as_file())?;
    file.persist(path).map_err(|error| failed(&error.error))?;
    // On standard error: what is piped stays the answer.
    eprintln!("wrote {} to {}", counted(i64::try_from(rows).unwrap_or(i64::MAX), "row"), path.display());
    Ok(())
}

/// Temporary files are their owner's alone; a list is like any other file.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_the_format() {
        assert_eq!(parse("a/b.XLSX").unwrap().format, Format::Xlsx);
        assert_eq!(parse("scores.csv").unwrap().format, Format::Csv);
        for wrong in ["scores", "scores.pdf", "csv", ".csv/"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
