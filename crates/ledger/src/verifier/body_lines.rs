//! The lines of a bodies file, read on all processors: each holds the index of
//! an entry, and body and salt that open its commitment, or that it is erased.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use super::Failure;
use super::directory::VerifiedLedger;
use super::leaf::VerifiedEntry;
use super::parallel::in_order;
use super::text::{digest, plain_length};

/// Bytes of the file one thread reads at a time.
const PIECE: u64 = 1024 * 1024;
/// Longest line: a body of 16 MiB whose every byte is escaped, and the rest.
const MAX_LINE_BYTES: u64 = 6 * 16 * 1024 * 1024 + 1024;

/// What a line says of an entry.
pub(super) struct Opened<T> {
    /// Index of the entry.
    pub index: u64,
    /// What was kept of its body, `None` when erased; or why the line does not
    /// open the commitment.
    pub body: Result<Option<T>, String>,
}

/// A line as anyone may write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    index: u64,
    salt: Option<String>,
    body: Option<String>,
    #[serde(default)]
    erased: bool,
}

/// What a thread reads into, line after line.
#[derive(Default)]
struct Buffers {
    piece: Vec<u8>,
    body: Vec<u8>,
}

/// Lines of one piece of the file, and those of them that cannot be read.
struct Piece<T> {
    lines: usize,
    opened: Vec<Opened<T>>,
    unread: Vec<(usize, String)>,
}

/// Opens every line of the file at `path` and keeps of each body what `keep`
/// returns for its entry and text.
///
/// # Errors
/// Only when the file cannot be read; lines that cannot be are in the second
/// part of the result.
pub(super) fn open_lines<T: Send>(
    path: &Path,
    ledger: &VerifiedLedger,
    keep: impl Fn(&VerifiedEntry, &str) -> Result<T, String> + Sync,
) -> Result<(Vec<Opened<T>>, Vec<Failure>), Failure> {
    let place = path.display().to_string();
    let unreadable = |error: std::io::Error| Failure::new(&place, error.to_string());
    let length = path.metadata().map_err(unreadable)?.len();
    let pieces = in_order(length.div_ceil(PIECE), |buffers: &mut Buffers, piece| {
        read_piece(path, piece * PIECE, &mut buffers.piece)?;
        Ok(open_piece(buffers, ledger, &keep))
    });
    let (mut opened, mut failures, mut lines) = (Vec::new(), Vec::new(), 0);
    for piece in pieces {
        let piece = piece.map_err(unreadable)?;
        let unread = piece.unread.into_iter();
        failures.extend(
            unread.map(|(line, why)| Failure::new(format!("{place}:{}", lines + line), why)),
        );
        opened.extend(piece.opened);
        lines += piece.lines;
    }
    Ok((opened, failures))
}

/// Reads the lines that begin within [`PIECE`] bytes from `start`, the last of
/// them to its end.
fn read_piece(path: &Path, start: u64, buffer: &mut Vec<u8>) -> std::io::Result<()> {
    buffer.clear();
    let mut file = File::open(path)?;
    // From the byte before, which tells whether a line begins at `start`.
    let before = start.saturating_sub(1);
    file.seek(SeekFrom::Start(before))?;
    file.by_ref()
        .take(start - before + PIECE)
        .read_to_end(buffer)?;
    let is_end = |byte: &u8| *byte == b'\n';
    if start > 0 {
        let begins = buffer.iter().position(is_end).map(|end| end + 1);
        buffer.drain(..begins.unwrap_or(buffer.len()));
        if buffer.is_empty() {
            return Ok(());
        }
    }
    while buffer.last() != Some(&b'\n') {
        let held = buffer.len();
        let read = file.by_ref().take(PIECE / 16).read_to_end(buffer)?;
        let more = buffer.get(held..).unwrap_or(&[]);
        if let Some(end) = more.iter().position(is_end) {
            buffer.truncate(held + end + 1);
        }
        if read == 0 || buffer.len() as u64 > PIECE + MAX_LINE_BYTES {
            break; // the end of the file, or no line of a bodies file
        }
    }
    Ok(())
}

fn open_piece<T>(
    buffers: &mut Buffers,
    ledger: &VerifiedLedger,
    keep: &impl Fn(&VerifiedEntry, &str) -> Result<T, String>,
) -> Piece<T> {
    let mut piece = Piece {
        lines: 0,
        opened: Vec::new(),
        unread: Vec::new(),
    };
    let mut rest = buffers.piece.as_slice();
    while !rest.is_empty() {
        piece.lines += 1;
        if let Some((index, salt, after)) = plain_line(rest, &mut buffers.body) {
            rest = after;
            let body = open_at(ledger, index, &salt, &buffers.body, keep);
            piece.opened.push(Opened { index, body });
            continue;
        }
        let (text, after) = split_line(rest);
        rest = after;
        match any_line(text, ledger, keep) {
            Ok(None) => {}
            Ok(Some(opened)) => piece.opened.push(opened),
            Err(why) => piece.unread.push((piece.lines, why)),
        }
    }
    piece
}

/// The first line, without its end, and what comes after.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n');
    let (line, rest) = text.split_at(end.unwrap_or(text.len()));
    (line, rest.get(1..).unwrap_or(&[]))
}

/// What a line says, however it is spelled; nothing when it is empty.
fn any_line<T>(
    text: &[u8],
    ledger: &VerifiedLedger,
    keep: &impl Fn(&VerifiedEntry, &str) -> Result<T, String>,
) -> Result<Option<Opened<T>>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let line: Line = serde_json::from_slice(text)
        .map_err(|error| format!("it is not a line of a bodies file: {error}"))?;
    let body = match (line.salt, line.body, line.erased) {
        (None, None, true) => Ok(None),
        (Some(salt), Some(body), false) => digest(salt.as_bytes())
            .ok_or_else(|| "its salt is not 32 bytes in hexadecimal".to_owned())
            .and_then(|salt| open_at(ledger, line.index, &salt, body.as_bytes(), keep)),
        _ => Err("it is neither a body with its salt nor an erased one".into()),
    };
    let index = line.index;
    Ok(Some(Opened { index, body }))
}

/// Opens the commitment of the entry at `index`; nothing where there is none,
/// which whoever gathers the lines says.
fn open_at<T>(
    ledger: &VerifiedLedger,
    index: u64,
    salt: &[u8; 32],
    body: &[u8],
    keep: &impl Fn(&VerifiedEntry, &str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    let at = usize::try_from(index).ok();
    let entry = at.and_then(|at| ledger.entries.get(at));
    entry.map(|entry| open(entry, salt, body, keep)).transpose()
}

/// What is kept of the body that opens the entry's commitment.
fn open<T>(
    entry: &VerifiedEntry,
    salt: &[u8; 32],
    body: &[u8],
    keep: &impl Fn(&VerifiedEntry, &str) -> Result<T, String>,
) -> Result<T, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).map_err(|e| e.to_string())?;
    mac.update(body);
    mac.verify_slice(&entry.commitment)
        .map_err(|_| "its body is not the one that was recorded")?;
    let text = std::str::from_utf8(body).map_err(|_| "its body is not UTF-8 text")?;
    keep(entry, text)
}

/// Index and salt of a line in the spelling that packages have, its body put
/// into `body`, and what comes after it. Nothing for any other line: slower
/// code reads those.
fn plain_line<'a>(text: &'a [u8], body: &mut Vec<u8>) -> Option<(u64, [u8; 32], &'a [u8])> {
    let rest = text.strip_prefix(b"{\"index\":")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = rest.split_at_checked(digits)?;
    let plain = number == b"0" || !number.starts_with(b"0");
    let index = std::str::from_utf8(number).ok()?.parse().ok()?;
    let (salt, rest) = rest
        .strip_prefix(b",\"salt\":\"")?
        .split_first_chunk::<64>()?;
    let rest = unescape(rest.strip_prefix(b"\",\"body\":\"")?, body)?;
    plain.then_some((index, digest(salt)?, rest.strip_prefix(b"}\n")?))
}

/// Puts a JSON string without its first quote into `to` and returns what comes
/// after the last. Nothing for escapes that few strings have.
fn unescape<'a>(mut text: &'a [u8], to: &mut Vec<u8>) -> Option<&'a [u8]> {
    to.clear();
    loop {
        let (plain, rest) = text.split_at_checked(plain_length(text))?;
        to.extend_from_slice(plain);
        match rest {
            [b'"', rest @ ..] => return Some(rest),
            [b'\\', escaped @ (b'"' | b'\\' | b'/'), rest @ ..] => {
                to.push(*escaped);
                text = rest;
            }
            [b'\\', b'n', rest @ ..] => {
                to.push(b'\n');
                text = rest;
            }
            _ => return None,
        }
    }
}
