//! Has the crate rebuilt when a file of the embedded library is added, changed
//! or removed; the embedding macro alone notices only changed files.

fn main() {
    println!("cargo::rerun-if-changed=library");
}
