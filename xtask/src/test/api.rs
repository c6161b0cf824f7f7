//! The HTTP API against its own document: schemathesis sends what the document allows and what it forbids, to the
//! built program on demo data, and holds every answer to it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::report::Report;
use super::{Args, Environment};
use crate::command::{output_of, succeeds};
use crate::{python, workspace};

const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// What every answer is held to. That a request which fits the schema is also accepted is not among them: the
/// schema cannot say that a range must not be upside down.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,negative_data_rejection";

/// Requests per operation in each phase: enough for every parameter, quick enough for every change.
const EXAMPLES: &str = "12";

/// Part of a test of everything only.
pub(super) fn run(args: &Args, _: &Environment, report: &mut Report) -> Result<()> {
    if !args.want_everything() {
        return Ok(());
    }
    if output_of(Command::new("python3").arg("--version")).is_none() {
        report.left_out("the API is not held to its document: there is no python3");
        return Ok(());
    }
    let program = python::environment(&[SCHEMATHESIS])?.join("schemathesis");
    let folder = tempfile::tempdir()?;
    let mut server = Server::start(folder.path())?;
    let document = format!("{}/api/v1/openapi.json", server.url()?);
    // Several marketplaces' worth of questions would be asked in vain: the built-in one answers all of them.
    let good = succeeds(
        Command::new(program)
            .current_dir(folder.path())
            .args(["run", &document, "--checks", CHECKS, "--max-examples", EXAMPLES])
            // From the first account on, everything else would be refused to whoever has none.
            .args(["--exclude-operation-id", "set_up", "--exclude-operation-id", "add_user"])
            .args(["--suppress-health-check", "all", "--generation-deterministic", "--request-timeout", "30"])
            .args(["--workers", "1", "--no-color"]),
    )?;
    report.outcome("API: no answer contradicts the document, none is a fault of the server", good);
    Ok(())
}

/// The program as a server on demo data; it ends with this.
struct Server(Child);

impl Server {
    fn start(home: &std::path::Path) -> Result<Self> {
        let child = Command::new(workspace::binary())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .current_dir(home)
            .env("HOME", home)
            .env("KEEPA_API_KEY", "")
            .env("DATABASE_URL", format!("sqlite:{}", home.join("api.db").display()))
            .env("GLEANER_DEMO_PRODUCTS", "2000")
            .env("GLEANER_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        Ok(Self(child))
    }

    /// The address in its first words.
    fn url(&mut self) -> Result<String> {
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().context("the server says nothing")?).read_line(&mut line)?;
        let url = line.split_whitespace().last().filter(|word| word.starts_with("http://"));
        Ok(url.with_context(|| format!("the server said: {line}"))?.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
