//! Passwords: argon2id, with the parameters that OWASP recommends (19 MiB, two passes).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use gleaner_core::filters::FieldError;
use tokio::sync::Semaphore;

use crate::EngineError;

/// The shortest password; NIST SP 800-63B asks for no less.
const SHORTEST: usize = 8;
/// The longest: longer ones only take time.
const LONGEST: usize = 200;

/// Each takes 19 MiB and some fifty milliseconds of a processor: whoever hammers at the door must not take all.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// What is wrong with a password that somebody chose.
pub(crate) fn check(name: &str, password: &str) -> Result<(), FieldError> {
    let length = password.chars().count();
    let wrong = if length < SHORTEST {
        format!("must have at least {SHORTEST} characters")
    } else if length > LONGEST {
        format!("must have at most {LONGEST} characters")
    } else if password.eq_ignore_ascii_case(name) {
        "must not be the user name".to_owned()
    } else {
        return Ok(());
    };
    Err(FieldError::new("password", wrong))
}

/// The hash to keep.
pub(crate) async fn hash(password: String) -> Result<String, EngineError> {
    apart(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|error| {
            tracing::error!(%error, "a password cannot be hashed");
            EngineError::Internal
        })
    })
    .await?
}

/// Whether a password is the right one. Without a hash it takes as long and is wrong, so that nobody can tell from the
/// time whether an account exists.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<bool, EngineError> {
    if password.chars().count() > LONGEST {
        return Ok(false);
    }
    apart(move || {
        let Some(hash) = hash else {
            let _ = Argon2::default().hash_password(password.as_bytes());
            return false;
        };
        PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, EngineError> {
    let _permit = AT_ONCE.acquire().await.map_err(|_| EngineError::Stopping)?;
    tokio::task::spawn_blocking(work).await.map_err(|_| EngineError::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_known_again() {
        let kept = hash("correct horse".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("correct horse".to_owned(), Some(kept.clone())).await.unwrap());
        assert!(!verify("correct horsf".to_owned(), Some(kept)).await.unwrap());
        assert!(!verify("correct horse".to_owned(), None).await.unwrap());
        assert!(!verify("correct horse".to_owned(), Some("nonsense".to_owned())).await.unwrap());
    }

    #[test]
    fn short_long_and_obvious_passwords_are_refused() {
        assert!(check("anna", "1234567").is_err());
        assert!(check("anna", &"x".repeat(201)).is_err());
        assert!(check("hannibal", "Hannibal").is_err());
        assert!(check("anna", "12345678").is_ok());
    }
}
