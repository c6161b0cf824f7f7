//! The package, tried on a fresh Debian: debootstrap makes its root, systemd-nspawn boots it with systemd as the
//! first process, and `packaging/proof.sh` installs, upgrades and removes inside.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{apt_install, can_apt, must, output_of};
use crate::workspace;

/// A promise and whether it held.
pub(crate) type Outcome = (String, bool);

/// The unit that runs the script once the machine is up.
const UNIT: &str = "[Unit]\nAfter=multi-user.target\n[Service]\nType=oneshot\nTimeoutStartSec=240\n\
                    ExecStart=/bin/sh /proof/proof.sh\n[Install]\nWantedBy=default.target\n";

/// Why the package cannot be tried here; `None` when it can.
pub(crate) fn obstacle() -> Option<&'static str> {
    (!can_apt()).then_some("the package is tried on a fresh Debian only by root on a Debian")
}

/// Tries the package; what each promise came to, and on failure the log of the machine.
pub(crate) fn run() -> Result<Vec<Outcome>> {
    // curl is for the new root, and the tools that make and boot it.
    if ["debootstrap", "systemd-nspawn"]
        .iter()
        .any(|tool| output_of(Command::new(tool).arg("--version")).is_none())
    {
        apt_install(&["debootstrap", "systemd-container"])?;
    }
    let folder = workspace::target().join("package-proof");
    let root = folder.join("root");
    if root.exists() {
        fs::remove_dir_all(&root).with_context(|| format!("cannot remove {}", root.display()))?;
    }
    fs::create_dir_all(&folder)?;
    let release = output_of(Command::new("sh").args(["-c", ". /etc/os-release; echo $VERSION_CODENAME"]))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "stable".to_owned());
    // What the package depends on is put in beforehand: inside there is no network.
    must(
        Command::new("debootstrap")
            .args([
                "--variant=minbase",
                "--include=systemd,systemd-sysv,adduser,ca-certificates,curl,libgcc-s1",
            ])
            .args([&release])
            .arg(&root),
    )?;
    prepare(&root)?;
    must(
        Command::new("timeout")
            .args(["-k", "10", "300", "systemd-nspawn", "--quiet", "--register=no", "--keep-unit"])
            .args(["--private-network", "--console=pipe", "--boot", "-D"])
            .arg(&root),
    )
    // The machine ends by itself; how its console ended says nothing.
    .unwrap_or_else(|error| eprintln!("{error:#}"));
    let outcomes = outcomes(&fs::read_to_string(root.join("proof/result")).unwrap_or_default());
    if outcomes.iter().any(|(_, held)| !held) {
        let log = fs::read_to_string(root.join("proof/log")).unwrap_or_default();
        eprintln!("{log}");
    }
    Ok(outcomes)
}

fn prepare(root: &Path) -> Result<()> {
    let proof = root.join("proof");
    fs::create_dir_all(&proof)?;
    let version = env!("CARGO_PKG_VERSION");
    let first = format!("{version}-1");
    fs::copy(super::build(Some(&first), true)?, proof.join("first.deb"))?;
    fs::copy(super::build(Some(&format!("{version}-2")), true)?, proof.join("second.deb"))?;
    fs::write(proof.join("first-version"), first)?;
    fs::copy(workspace::root().join("packaging/proof.sh"), proof.join("proof.sh"))?;
    fs::write(root.join("etc/systemd/system/proof.service"), UNIT)?;
    must(
        Command::new("systemctl").arg(format!("--root={}", root.display())).args(["enable", "proof.service"]),
    )
}

/// Reads the lines of the script. One that did not reach its end failed.
fn outcomes(result: &str) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = result
        .lines()
        .filter_map(|line| match line.split_once(' ')? {
            ("PASS", name) => Some((name.to_owned(), true)),
            ("FAIL", name) => Some((name.to_owned(), false)),
            _ => None,
        })
        .collect();
    if !result.lines().any(|line| line == "END .") {
        outcomes.push(("the trial on a fresh Debian comes to its end".to_owned(), false));
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::outcomes;

    #[test]
    fn a_trial_that_stops_half_way_is_a_failure() {
        let told = |text| outcomes(text).iter().map(|(_, held)| *held).collect::<Vec<_>>();
        assert_eq!(told("PASS it installs\nFAIL it starts\nEND .\n"), [true, false]);
        assert_eq!(told("PASS it installs\n"), [true, false]);
        assert_eq!(told(""), [false]);
    }
}
