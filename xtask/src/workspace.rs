//! Where things are in this checkout.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// The build folder, which also keeps tools and demo data: `cargo clean` removes all of it.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The program as the one profile builds it.
pub(crate) fn binary() -> PathBuf {
    target().join("release").join("gleaner")
}

/// The variable `name`, unless it is unset or empty.
pub(crate) fn setting(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether this runs unattended, where nobody reads a warning: `CI` set to anything but `false` or `0`.
pub(crate) fn in_ci() -> bool {
    is_on(setting("CI").as_deref().and_then(|value| value.to_str()))
}

fn is_on(value: Option<&str>) -> bool {
    value.is_some_and(|value| !value.is_empty() && value != "0" && !value.eq_ignore_ascii_case("false"))
}

#[cfg(test)]
mod tests {
    use super::is_on;

    #[test]
    fn ci_is_off_when_unset_empty_false_or_zero() {
        for off in [None, Some(""), Some("0"), Some("false"), Some("FALSE")] {
            assert!(!is_on(off), "{off:?}");
        }
        for on in ["true", "1", "yes"] {
            assert!(is_on(Some(on)), "{on}");
        }
    }
}
