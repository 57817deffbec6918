//! Lists the data files so that they become part of the executable.
//!
//! Must hold: the list is sorted, so the same files give the same program; a
//! file added to or removed from `data/` changes the list at the next build.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let data = PathBuf::from("data");
    let mut code = String::new();
    for (constant, folder, extension) in [
        ("DATASETS", "datasets", "toml"),
        ("CONTROLS", "controls", "md"),
    ] {
        let folder = data.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        list(&mut code, constant, &files(&folder, extension)?)?;
    }
    println!("cargo::rerun-if-changed=data");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("embedded.rs"), code)
}

/// The files of a folder with an extension, sorted; none when it is absent.
fn files(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Writes a constant with the name and the text of every file.
fn list(code: &mut String, constant: &str, paths: &[PathBuf]) -> io::Result<()> {
    let root = env::current_dir()?;
    writeln!(code, "const {constant}: &[(&str, &str)] = &[").map_err(io::Error::other)?;
    for path in paths {
        let absolute = root.join(path);
        writeln!(code, "    ({path:?}, include_str!({absolute:?})),").map_err(io::Error::other)?;
    }
    writeln!(code, "];").map_err(io::Error::other)
}
