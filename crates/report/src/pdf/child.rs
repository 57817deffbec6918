//! Rendering in a child process: the report as JSON on standard input, the PDF
//! on standard output.
//!
//! What must hold: the child reads nothing but its input and writes nothing but
//! one reply; the parent learns either the PDF with its warnings or a problem.
//! The reply is one line of JSON, a line feed, then the bytes of the PDF.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;

use super::{Rendered, render_pdf};
use crate::value::Report;

/// The first line of the child's reply.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Reply {
    /// The PDF follows.
    Rendered {
        page_count: usize,
        pdf_bytes: usize,
        warnings: Vec<String>,
    },
    /// Nothing follows.
    Refused { problem: Problem },
}

/// What the parent writes to the child's standard input.
///
/// # Errors
/// A problem when the report cannot be written as JSON.
pub fn request(report: &Report) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(report).map_err(|error| {
        Problem::new("the report could not be handed to the renderer").cause(error.to_string())
    })
}

/// The child's whole work.
///
/// # Errors
/// Input and output only; a report that cannot be rendered is told in the reply.
pub fn serve(input: &mut dyn Read, output: &mut dyn Write) -> std::io::Result<()> {
    let mut request = Vec::new();
    input.read_to_end(&mut request)?;
    let (reply, pdf) = answer(&request);
    serde_json::to_writer(&mut *output, &reply)?;
    output.write_all(b"\n")?;
    output.write_all(&pdf)?;
    output.flush()
}

fn answer(request: &[u8]) -> (Reply, Vec<u8>) {
    match read(request).and_then(|report| render_pdf(&report)) {
        Ok(Rendered {
            pdf,
            page_count,
            warnings,
        }) => (
            Reply::Rendered {
                page_count,
                pdf_bytes: pdf.len(),
                warnings,
            },
            pdf,
        ),
        Err(problem) => (Reply::Refused { problem }, Vec::new()),
    }
}

fn read(request: &[u8]) -> Result<Report, Problem> {
    serde_json::from_slice(request).map_err(|error| {
        Problem::new("the renderer could not read the report").cause(error.to_string())
    })
}

/// Reads the child's reply.
///
/// # Errors
/// The problem the child told, or one that says its reply was cut short.
pub fn response(reply: &[u8]) -> Result<Rendered, Problem> {
    let end = reply
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or_else(cut_short)?;
    let (line, rest) = reply.split_at(end);
    let pdf = rest.get(1..).unwrap_or_default();
    match serde_json::from_slice(line) {
        Ok(Reply::Rendered {
            page_count,
            pdf_bytes,
            warnings,
        }) if pdf_bytes == pdf.len() => Ok(Rendered {
            pdf: pdf.to_vec(),
            page_count,
            warnings,
        }),
        Ok(Reply::Rendered { .. }) => Err(cut_short()),
        Ok(Reply::Refused { problem }) => Err(problem),
        Err(error) => Err(cut_short().cause(error.to_string())),
    }
}

fn cut_short() -> Problem {
    Problem::new("the renderer ended without a complete reply")
        .hint("it may have run out of memory; render again with more, or a smaller report")
}
