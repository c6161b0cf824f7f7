//! Just enough of PNG to draw a chart: true colour, one filter, one block of data.

use std::io::Write as _;

/// A white picture to draw on.
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Canvas {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![[0xFF; 3]; width * height] }
    }

    pub(crate) const fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn set(&mut self, x: usize, y: usize, color: [u8; 3]) {
        if x < self.width
            && let Some(pixel) = self.pixels.get_mut(y * self.width + x)
        {
            *pixel = color;
        }
    }

    pub(crate) fn horizontal(&mut self, left: usize, right: usize, y: usize, color: [u8; 3]) {
        for x in left..=right {
            self.set(x, y, color);
        }
    }

    pub(crate) fn vertical(&mut self, x: usize, from: usize, to: usize, color: [u8; 3]) {
        for y in from.min(to)..=from.max(to) {
            self.set(x, y, color);
        }
    }

    pub(crate) fn frame(&mut self, color: [u8; 3]) {
        let (right, bottom) = (self.width - 1, self.height - 1);
        self.horizontal(0, right, 0, color);
        self.horizontal(0, right, bottom, color);
        self.vertical(0, 0, bottom, color);
        self.vertical(right, 0, bottom, color);
    }

    /// The picture as a PNG file.
    pub(crate) fn png(&self) -> Vec<u8> {
        let side = |length: usize| u32::try_from(length).unwrap_or(0).to_be_bytes();
        let mut header = Vec::from(side(self.width));
        header.extend(side(self.height));
        // 8 bits a channel, true colour, the only compression and filter method, not interlaced.
        header.extend([8, 2, 0, 0, 0]);
        let mut raw = Vec::with_capacity(self.pixels.len() * 3 + self.height);
        for row in self.pixels.chunks(self.width) {
            raw.push(0);
            raw.extend(row.iter().flatten());
        }
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        // Writing into a Vec cannot fail.
        let data = encoder.write_all(&raw).and_then(|()| encoder.finish()).unwrap_or_default();
        let mut file = Vec::from(*b"\x89PNG\r\n\x1a\n");
        chunk(&mut file, *b"IHDR", &header);
        chunk(&mut file, *b"IDAT", &data);
        chunk(&mut file, *b"IEND", &[]);
        file
    }
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    file.extend(kind);
    file.extend(data);
    let mut check = flate2::Crc::new();
    check.update(&kind);
    check.update(data);
    file.extend(check.sum().to_be_bytes());
}
