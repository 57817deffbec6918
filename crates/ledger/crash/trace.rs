//! What strace recorded, as operations on a disk.
//!
//! strace runs with `-y -xx`: every string and path is written as `\xNN`, and
//! file descriptors carry their path.

use std::collections::HashMap;

use crate::Outcome;

/// Calls that change what is on disk, or promise something (`write` to
/// standard output).
pub const CALLS: &str =
    "openat,mkdir,write,pwrite64,fsync,fdatasync,ftruncate,rename,unlink,fallocate";

/// One thing that happened, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A file was opened; created or emptied when the flags say so.
    Open {
        path: String,
        create: bool,
        empty: bool,
    },
    /// A folder was made.
    MakeFolder(String),
    /// Bytes were written at an offset, or at the end of what was written
    /// through this file before.
    Write {
        path: String,
        offset: Option<u64>,
        bytes: Vec<u8>,
    },
    /// The file was cut or extended.
    Truncate { path: String, length: u64 },
    /// File or folder was synced.
    Sync(String),
    /// A file got another name.
    Rename { from: String, to: String },
    /// A name was removed.
    Remove(String),
}

/// Reads a whole trace. Calls that failed are left out.
pub fn parse(text: &str) -> Outcome<Vec<Step>> {
    let mut begun: HashMap<&str, &str> = HashMap::new();
    let mut steps = Vec::new();
    for line in text.lines() {
        let Some((thread, call)) = line.split_once(char::is_whitespace) else {
            continue;
        };
        let call = call.trim_start();
        if let Some(start) = call.strip_suffix("<unfinished ...>") {
            begun.insert(thread, start);
            continue;
        }
        let whole = match call
            .strip_prefix("<... ")
            .and_then(|rest| rest.split_once("resumed>"))
        {
            Some((_, end)) => format!("{}{end}", begun.remove(thread).unwrap_or_default()),
            None => call.to_owned(),
        };
        steps.extend(parse_call(&whole)?);
    }
    Ok(steps)
}

fn parse_call(call: &str) -> Outcome<Option<Step>> {
    let Some((name, rest)) = call.split_once('(') else {
        return Ok(None);
    };
    let Some((arguments, result)) = rest.rsplit_once(") = ") else {
        return Ok(None); // a signal or the end of a process
    };
    if result.starts_with('-') {
        return Ok(None);
    }
    let strange = || format!("strace line not understood: {call}");
    let texts = decoded(arguments, '"', '"');
    let files = decoded(arguments, '<', '>');
    let path_of = |paths: &[Vec<u8>], at: usize| {
        paths
            .get(at)
            .map(|path| String::from_utf8_lossy(path).into_owned())
            .ok_or_else(strange)
    };
    let number = |from_end: usize| {
        arguments
            .rsplit(", ")
            .nth(from_end)
            .and_then(|text| text.trim().parse::<u64>().ok())
    };
    Ok(Some(match name {
        "openat" => Step::Open {
            path: path_of(&texts, 0)?,
            create: arguments.contains("O_CREAT"),
            empty: arguments.contains("O_TRUNC"),
        },
        "mkdir" => Step::MakeFolder(path_of(&texts, 0)?),
        "write" => Step::Write {
            path: path_of(&files, 0)?,
            offset: None,
            bytes: texts.into_iter().next().ok_or_else(strange)?,
        },
        "pwrite64" => Step::Write {
            path: path_of(&files, 0)?,
            offset: Some(number(0).ok_or_else(strange)?),
            bytes: texts.into_iter().next().ok_or_else(strange)?,
        },
        "ftruncate" => Step::Truncate {
            path: path_of(&files, 0)?,
            length: number(0).ok_or_else(strange)?,
        },
        "fsync" | "fdatasync" => Step::Sync(path_of(&files, 0)?),
        "rename" => Step::Rename {
            from: path_of(&texts, 0)?,
            to: path_of(&texts, 1)?,
        },
        "unlink" => Step::Remove(path_of(&texts, 0)?),
        _ => return Err(strange()),
    }))
}

/// Every `\xNN…` between two marks, in order. `AT_FDCWD<…>` is no file.
fn decoded(text: &str, open: char, close: char) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let Some((inside, end)) = after.split_once(close) else {
            break;
        };
        if !before.ends_with("AT_FDCWD") {
            found.push(bytes_of(inside));
        }
        rest = end;
    }
    found
}

fn bytes_of(escaped: &str) -> Vec<u8> {
    escaped
        .split("\\x")
        .skip(1)
        .filter_map(|digits| u8::from_str_radix(digits.get(..2)?, 16).ok())
        .collect()
}
