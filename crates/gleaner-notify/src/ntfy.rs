//! ntfy (ntfy.sh, or one's own server): a message is posted to the address of a topic.

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::http::Client;
use crate::{Message, SendError, Sent};

/// What ntfy shows of a message; it turns longer ones into attachments.
const MOST_BYTES: usize = 4_000;

pub(crate) async fn send(
    http: &Client,
    url: &Url,
    token: Option<&SecretString>,
    message: &Message,
) -> Result<Sent, SendError> {
    // As JSON to the server's root: headers hold no letters beyond ASCII.
    let (root, topic) = split(url).ok_or_else(|| {
        SendError::gave_up("invalid_target", "the address of a topic is https://SERVER/TOPIC")
    })?;
    let text = if message.text.is_empty() { &message.subject } else { &message.text };
    let urgent =
        matches!(message.kind.as_str(), "pick.jackpot" | "tokens.low" | "run.failed" | "alert.raised");
    let body = json!({
        "topic": topic,
        "title": message.subject,
        "message": cut(text),
        "priority": if urgent { 4 } else { 3 },
    });
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(token) = token {
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
            .map_err(|_| SendError::gave_up("invalid_target", "the token has letters no token has"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    http.post(&root, headers, body.to_string().into_bytes()).await
}

/// The server's root and the topic.
fn split(url: &Url) -> Option<(Url, String)> {
    let topic = url.path_segments()?.rfind(|part| !part.is_empty())?.to_owned();
    let mut root = url.clone();
    root.set_query(None);
    {
        let mut path = root.path_segments_mut().ok()?;
        path.pop_if_empty().pop();
    }
    Some((root, topic))
}

fn cut(text: &str) -> String {
    if text.len() <= MOST_BYTES {
        return text.to_owned();
    }
    let end = (0..=MOST_BYTES).rfind(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{} …", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topic_is_the_last_part_of_the_address() {
        let parts = |text: &str| split(&text.parse().unwrap()).map(|(root, topic)| (root.to_string(), topic));
        assert_eq!(parts("https://ntfy.sh/mine"), Some(("https://ntfy.sh/".to_owned(), "mine".to_owned())));
        assert_eq!(
            parts("https://home.example/ntfy/mine/"),
            Some(("https://home.example/ntfy".to_owned(), "mine".to_owned()))
        );
        assert_eq!(parts("https://ntfy.sh/"), None);
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        let text = cut(&"é".repeat(3_000));
        assert!(text.len() <= MOST_BYTES + 5 && text.ends_with('…'), "{}", text.len());
        assert_eq!(cut("short"), "short");
    }
}
