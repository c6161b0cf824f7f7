//! The Python package `keepa`, as published, against the emulator.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use gleaner_testkit::skip;
use keepa_emulator::{Emulator, EmulatorConfig, SystemClock};

/// The version whose calls were studied.
const PACKAGE: &str = "keepa==1.6.0";

/// A virtual environment with the package, made once below `target`.
fn environment() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign_client");
    let python = folder.join("bin/python");
    let marker = folder.join("installed");
    if std::fs::read_to_string(&marker).is_ok_and(|text| text == PACKAGE) {
        return Ok(python);
    }
    let run = |program: &Path, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .output()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let last = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("{} {}: {last}", program.display(), arguments.join(" ")))
        }
    };
    run(Path::new("python3"), &["-m", "venv", "--clear", &folder.to_string_lossy()])?;
    run(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE])?;
    std::fs::write(marker, PACKAGE).map_err(|error| error.to_string())?;
    Ok(python)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_client_cannot_tell_the_emulator_from_the_service() {
    let python = match tokio::task::spawn_blocking(environment).await.unwrap() {
        Ok(python) => python,
        Err(reason) => return skip(&format!("no Python environment with {PACKAGE} ({reason})")),
    };
    let config = EmulatorConfig {
        products: 3_000,
        refill_rate: 20,
        tokens: Some(1_000_000),
        admin: true,
        ..EmulatorConfig::default()
    };
    let emulator = Emulator::start(config, Arc::new(SystemClock)).await.unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign_client/conformance.py");
    let base = emulator.base_url();
    let output = tokio::task::spawn_blocking(move || Command::new(python).arg(script).arg(base).output())
        .await
        .unwrap()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{out}");
    assert!(output.status.success(), "{out}\n{err}");
    emulator.shutdown().await;
}
