//! Gzip, with a bound on what comes out of it.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;

/// The largest file that is read, unpacked: a hundred full-history products stay well below it.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What people save shrinks to a tenth, at best to a fiftieth; what grows more was made to fill the memory.
const MOST_GROWTH: u64 = 200;

/// Small files may grow to this whatever their size.
const ALWAYS: u64 = 1024 * 1024;

/// Why a file cannot be unpacked.
#[derive(Debug)]
pub enum PackedError {
    /// The gzip data is cut or damaged.
    Damaged(std::io::Error),
    /// Larger than [`MAX_BYTES`], or grows out of all proportion.
    TooLarge,
}

/// The bytes themselves, or what is in them when they are gzip.
pub fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, PackedError> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return if size > MAX_BYTES { Err(PackedError::TooLarge) } else { Ok(Cow::Borrowed(bytes)) };
    }
    let most = size.saturating_mul(MOST_GROWTH).clamp(ALWAYS, MAX_BYTES);
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes).take(most + 1).read_to_end(&mut unpacked).map_err(PackedError::Damaged)?;
    if unpacked.len() as u64 > most { Err(PackedError::TooLarge) } else { Ok(Cow::Owned(unpacked)) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn a_file_that_was_made_to_fill_the_memory_is_refused() {
        let bomb = packed(&vec![b' '; 40 * 1024 * 1024]);
        assert!(bomb.len() < 100_000);
        assert!(matches!(unpack(&bomb), Err(PackedError::TooLarge)));
        assert_eq!(unpack(&packed(b"asin,cost")).unwrap().as_ref(), b"asin,cost");
    }
}
