//! Looks into an Excel workbook, which is a zip archive, before it is opened.
//!
//! Must hold: an archive that would unpack to more than the limits, whatever
//! its directory says, or that names a member outside itself, is refused
//! before anything of it is kept in memory.

use std::fs::File;
use std::io::{BufReader, Read};

use tickmark_catalog::Problem;
use zip::ZipArchive;

use super::RawFile;
use crate::EvidenceError;
use crate::mapping::stays_inside;

const MAX_MEMBERS: usize = 10_000;
const MAX_UNPACKED_BYTES: u64 = 512 * 1024 * 1024;
const MAX_RATIO: u64 = 200;
/// Below this size the ratio is not looked at: small files pack well.
const RATIO_FROM_BYTES: u64 = 16 * 1024 * 1024;

pub(super) fn check(file: &RawFile) -> Result<(), EvidenceError> {
    let source = File::open(file.path()).map_err(|error| file.failed(error))?;
    let mut archive =
        ZipArchive::new(BufReader::new(source)).map_err(|error| not_a_workbook(file, error))?;
    if archive.len() > MAX_MEMBERS {
        return Err(file.problem(Problem::new(format!(
            "the workbook has more than {MAX_MEMBERS} members"
        ))));
    }
    let limit = unpacked_limit(file.object().size_bytes);
    let mut unpacked = 0;
    for index in 0..archive.len() {
        unpacked += member(file, &mut archive, index, limit.saturating_sub(unpacked))?;
        if unpacked > limit {
            return Err(file.problem(too_large(file.object().size_bytes, limit)));
        }
    }
    Ok(())
}

/// How much a file of a size may unpack to.
fn unpacked_limit(size_bytes: u64) -> u64 {
    size_bytes
        .saturating_mul(MAX_RATIO)
        .clamp(RATIO_FROM_BYTES, MAX_UNPACKED_BYTES)
}

fn too_large(size_bytes: u64, limit: u64) -> Problem {
    let mib = limit / 1024 / 1024;
    Problem::new(format!(
        "the workbook of {size_bytes} bytes unpacks to more than {mib} MiB"
    ))
    .hint("export the data as CSV")
}

/// Unpacks one member to nowhere; gives its size, at most one byte over `left`.
fn member(
    file: &RawFile,
    archive: &mut ZipArchive<BufReader<File>>,
    index: usize,
    left: u64,
) -> Result<u64, EvidenceError> {
    let member = archive
        .by_index(index)
        .map_err(|error| not_a_workbook(file, error))?;
    let name = String::from_utf8_lossy(member.name_raw()).into_owned();
    if !stays_inside(name.trim_end_matches('/')) {
        let shown = super::shown(&name);
        return Err(file.problem(Problem::new(format!(
            "the workbook has a member {shown} outside itself"
        ))));
    }
    std::io::copy(&mut member.take(left + 1), &mut std::io::sink())
        .map_err(|error| not_a_workbook(file, error))
}

pub(super) fn not_a_workbook(file: &RawFile, error: impl std::fmt::Display) -> EvidenceError {
    let problem = Problem::new("the file is not an Excel workbook (.xlsx)");
    let hint = "save an older workbook as .xlsx; of a protected one take the password off";
    file.problem(problem.cause(error.to_string()).hint(hint))
}
