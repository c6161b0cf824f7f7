//! Notices when npm has built the web app anew. It builds nothing itself: `cargo build` works without Node.

use std::fs;

fn main() {
    // A folder that is not there would count as changed every time, and this crate be compiled every time.
    let _ = fs::create_dir_all("../../web/dist");
    println!("cargo::rerun-if-changed=../../web/dist");
}
