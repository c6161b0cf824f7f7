//! Where messages go, checked.

use lettre::message::Mailbox;
use reqwest::Url;
use secrecy::SecretString;
use thiserror::Error;

use crate::webhook::Secret;

/// The longest address of a receiver.
const LONGEST_URL: usize = 2_000;

/// A receiver.
#[derive(Debug, Clone)]
pub enum Target {
    /// A program that takes signed messages.
    Webhook {
        /// Where to.
        url: Url,
        /// What to sign with; more than one while a secret is being replaced.
        secrets: Vec<Secret>,
    },
    /// A topic of ntfy.
    Ntfy {
        /// `https://SERVER/TOPIC`
        url: Url,
        /// For topics that ask for one.
        token: Option<SecretString>,
    },
    /// A mailbox.
    Mail {
        /// Whose.
        to: Mailbox,
    },
}

/// Why a text is no receiver.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// No address of the web.
    #[error("must be an address such as https://example.com/hook")]
    NotAnAddress,
    /// A password in the address would be shown with it.
    #[error("must not hold a user or password: use the secret or the token")]
    Credentials,
    /// Longer than any receiver's.
    #[error("must have at most 2000 characters")]
    TooLong,
    /// ntfy needs a topic.
    #[error("must name a topic, such as https://ntfy.sh/my-topic")]
    NoTopic,
    /// No mailbox.
    #[error("must be a mail address such as you@example.com")]
    NotAMailbox,
}

impl Target {
    /// A webhook at an address.
    pub fn webhook(url: &str, secrets: Vec<Secret>) -> Result<Self, TargetError> {
        Ok(Self::Webhook { url: web_address(url)?, secrets })
    }

    /// A topic at an address.
    pub fn ntfy(url: &str, token: Option<String>) -> Result<Self, TargetError> {
        let url = web_address(url)?;
        if url.path().trim_matches('/').is_empty() {
            return Err(TargetError::NoTopic);
        }
        Ok(Self::Ntfy { url, token: token.map(SecretString::from) })
    }

    /// A mailbox.
    pub fn mail(to: &str) -> Result<Self, TargetError> {
        let to = to.trim();
        if to.len() > 320 {
            return Err(TargetError::NotAMailbox);
        }
        to.parse().map(|to| Self::Mail { to }).map_err(|_| TargetError::NotAMailbox)
    }
}

fn web_address(text: &str) -> Result<Url, TargetError> {
    let text = text.trim();
    if text.len() > LONGEST_URL {
        return Err(TargetError::TooLong);
    }
    let url: Url = text.parse().map_err(|_| TargetError::NotAnAddress)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(TargetError::NotAnAddress);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TargetError::Credentials);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_receiver_is_refused_with_what_is_expected() {
        let webhook = |text: &str| Target::webhook(text, Vec::new()).map(drop);
        assert_eq!(webhook("https://example.com/hook?x=1"), Ok(()));
        for wrong in
            ["", "example.com", "ftp://example.com", "file:///etc/passwd", "javascript:alert(1)", "http://"]
        {
            assert_eq!(webhook(wrong), Err(TargetError::NotAnAddress), "{wrong}");
        }
        assert_eq!(webhook("https://me:secret@example.com/"), Err(TargetError::Credentials));
        assert_eq!(webhook(&format!("https://example.com/{}", "x".repeat(2_000))), Err(TargetError::TooLong));
        assert!(matches!(Target::ntfy("https://ntfy.sh/", None), Err(TargetError::NoTopic)));
        assert!(Target::ntfy("https://ntfy.sh/topic", None).is_ok());
        for wrong in ["", "you", "you@", "a@b\r\nBcc: x@y.example", "a@b.example, c@d.example"] {
            assert!(matches!(Target::mail(wrong), Err(TargetError::NotAMailbox)), "{wrong}");
        }
        assert!(Target::mail(" You <you@example.com> ").is_ok());
    }
}
