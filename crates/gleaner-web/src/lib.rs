//! The web app's files, as `npm run build` left them in `web/dist`.
//!
//! A leaf: it depends on nothing of Gleaner's and knows nothing about HTTP but the names of encodings and kinds.
//! Text files lie there three times, plain, as `.gz` and as `.br`, so that nobody compresses while serving. Without
//! a built web app the crate holds no file.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

/// The page that every address of the web app shows.
pub const PAGE: &str = "index.html";

/// The folder of files whose names carry a hash of what they hold: the same name is always the same file.
const HASHED: &str = "assets/";

/// How a file's bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `br`
    Brotli,
    /// `gzip`
    Gzip,
    /// Not at all.
    Identity,
}

impl Encoding {
    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }
}

/// A file as it is sent.
#[derive(Debug)]
pub struct Asset {
    /// The bytes, compressed as `encoding` says.
    pub bytes: Cow<'static, [u8]>,
    /// How they are compressed.
    pub encoding: Encoding,
    /// What they are, for `Content-Type`.
    pub content_type: &'static str,
    /// A quoted entity tag; another for each encoding.
    pub etag: String,
    /// Whether a browser may keep it for ever, because another content would have another name.
    pub immutable: bool,
}

/// Whether the web app was built when the program was.
#[must_use]
pub fn is_built() -> bool {
    Dist::get(PAGE).is_some()
}

/// The file at `path` (without the leading slash), in the first of the `accepted` encodings that there is, else plain.
#[must_use]
pub fn asset(path: &str, accepted: &[Encoding]) -> Option<Asset> {
    // The compressed copies are not files of their own.
    if ["br", "gz"].contains(&extension(path)) {
        return None;
    }
    let plain = Dist::get(path)?;
    let found = accepted
        .iter()
        .filter(|encoding| **encoding != Encoding::Identity)
        .find_map(|encoding| Some((*encoding, Dist::get(&format!("{path}{}", encoding.suffix()))?)));
    let (encoding, file) = found.unwrap_or((Encoding::Identity, plain));
    Some(Asset {
        etag: etag(&file.metadata.sha256_hash()),
        bytes: file.data,
        encoding,
        content_type: content_type(path),
        immutable: path.starts_with(HASHED),
    })
}

fn etag(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("\"");
    for byte in hash.iter().take(12) {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    text
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn content_type(path: &str) -> &'static str {
    match extension(path) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, asset, content_type, etag, is_built};

    #[test]
    fn compressed_copies_are_not_files_of_their_own() {
        assert!(asset("index.html.br", &[]).is_none());
        assert!(asset("index.html.gz", &[]).is_none());
    }

    #[test]
    fn nothing_outside_the_built_folder_is_reached() {
        for path in ["../package.json", "/etc/passwd", "..%2fpackage.json", "assets/../../package.json", ""] {
            assert!(asset(path, &[]).is_none(), "{path}");
        }
    }

    #[test]
    fn a_tag_is_quoted_and_differs_with_the_content() {
        assert_eq!(etag(&[0xab; 32]), format!("\"{}\"", "ab".repeat(12)));
        assert_ne!(etag(&[1; 32]), etag(&[2; 32]));
    }

    #[test]
    fn browsers_are_told_what_a_file_is() {
        assert_eq!(content_type("assets/index-abc.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("assets/inter.woff2"), "font/woff2");
        assert_eq!(content_type("strange"), "application/octet-stream");
    }

    #[test]
    fn a_built_page_comes_in_the_encoding_that_is_asked_for() {
        if !is_built() {
            println!("skipped: web/dist is empty, the web app was not built");
            return;
        }
        for encoding in [Encoding::Brotli, Encoding::Gzip, Encoding::Identity] {
            let page = asset(super::PAGE, &[encoding]).unwrap();
            assert_eq!(page.encoding, encoding);
            assert!(!page.immutable);
        }
    }
}
