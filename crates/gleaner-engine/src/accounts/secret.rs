//! Secrets that nobody can guess, and what is kept of them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::EngineError;

/// 32 bytes from the operating system, as 43 characters that fit into a cookie or an address. Not from a generator
/// that a test can seed: these must never come twice.
pub fn fresh() -> Result<String, EngineError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the operating system gives no random numbers");
        EngineError::Internal
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 in hexadecimal digits: enough for what was random to begin with.
pub(crate) fn digest(secret: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(secret.as_bytes()) {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_one_that_other_programs_compute() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn no_secret_comes_twice() {
        let all: std::collections::HashSet<String> = (0..1_000).map(|_| fresh().unwrap()).collect();
        assert_eq!(all.len(), 1_000);
        assert!(all.iter().all(|secret| secret.len() == 43));
    }
}
