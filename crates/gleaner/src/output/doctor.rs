//! What the doctor found.

use comfy_table::Color;

use super::table::{self, coloured};
use crate::commands::doctor::{Report, Status};

/// Prints a line for each thing, then what to do.
pub fn print(report: &Report) -> anyhow::Result<()> {
    let mut rows = table::new(&["STATE", "WHAT", "FOUND"]);
    for check in &report.checks {
        let (word, colour) = match check.status {
            Status::Ok => ("OK", Color::Green),
            Status::Warn => ("WARN", Color::Yellow),
            Status::Fail => ("FAIL", Color::Red),
        };
        rows.add([coloured(word, Some(colour)), check.name.to_owned().into(), check.detail.clone().into()]);
    }
    rows.print()?;
    for check in &report.checks {
        if let Some(advice) = &check.advice {
            // A table's last column may be cut; what is wrong is said in full here.
            let found =
                if check.status == Status::Ok { String::new() } else { format!("{}; ", check.detail) };
            super::line(format!("\n{}: {found}{advice}", check.name))?;
        }
    }
    Ok(())
}
