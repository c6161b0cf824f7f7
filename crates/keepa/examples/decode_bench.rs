//! How fast one product answer is decoded: `decode_bench FILE [ROUNDS]`.
//!
//! Reads a plain (not compressed) answer or bare product and prints one line of JSON with the median time of a round in
//! microseconds. `benches/decode_vs_python.py` runs it side by side with the Python package.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use keepa::{RawProduct, decode_products};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a file with a product answer")?;
    let rounds: usize = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let text = std::fs::read_to_string(path)?;
    // A bare product is put into an answer, so that both programs do the same work.
    let bare = RawProduct::decode(&text)?.product.asin.is_some();
    let answer = if bare { format!(r#"{{"products":[{text}]}}"#) } else { text };
    let mut micros = Vec::with_capacity(rounds);
    let mut points = 0;
    for _ in 0..rounds {
        let start = Instant::now();
        let (_, products) = decode_products(black_box(answer.as_bytes()))?;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
        points = products.iter().flat_map(|raw| raw.product.csv.iter()).map(|(_, series)| series.len()).sum();
        black_box(products);
    }
    micros.sort_by(f64::total_cmp);
    let median = micros.get(micros.len() / 2).copied().unwrap_or_default();
    println!(r#"{{"bytes":{},"points":{points},"median_us":{median:.1}}}"#, answer.len());
    Ok(())
}
