//! Rendering in a child process: the report or sheet as JSON on standard input,
//! the PDF on standard output.
//!
//! What must hold: the child reads nothing but its input and writes nothing but
//! one reply; the parent learns either the PDF with its warnings or a problem.
//! The reply is one line of JSON, a line feed, then the bytes of the PDF.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;

use super::{Rendered, Sheet, render_pdf, render_sheet};
use crate::value::Report;

/// What a child is to set.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    /// A report.
    Report(Box<Report>),
    /// A text of the company's own.
    Sheet(Sheet),
}

/// As [`Asked`], from what the parent has at hand.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pages<'p> {
    /// A report.
    Report(&'p Report),
    /// A text of the company's own.
    Sheet(&'p Sheet),
}

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
/// A problem when the pages cannot be written as JSON.
pub fn request(pages: Pages<'_>) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(&pages).map_err(|error| {
        Problem::new("the report could not be handed to the renderer").cause(error.to_string())
    })
}

/// Sets pages in a child, so that what the typesetter keeps in memory goes with
/// it. `executable`: a program whose command `render-pdf` is [`serve`].
///
/// # Errors
/// When the child cannot be started, fails, or refuses the pages.
pub fn render(executable: &Path, pages: Pages<'_>) -> Result<Rendered, Problem> {
    let failed =
        |error: std::io::Error| Problem::new("the PDF could not be made").cause(error.to_string());
    let request = request(pages)?;
    let mut process = Command::new(executable)
        .arg("render-pdf")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let writer = process
        .stdin
        .take()
        .map(|mut input| std::thread::spawn(move || input.write_all(&request)));
    let output = process.wait_with_output().map_err(failed)?;
    if let Some(Ok(written)) = writer.map(std::thread::JoinHandle::join) {
        written.map_err(failed)?;
    }
    response(&output.stdout)
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
    let rendered = read(request).and_then(|asked| match asked {
        Asked::Report(report) => render_pdf(&report),
        Asked::Sheet(sheet) => render_sheet(&sheet),
    });
    match rendered {
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

fn read(request: &[u8]) -> Result<Asked, Problem> {
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
