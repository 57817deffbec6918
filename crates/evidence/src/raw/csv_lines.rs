//! Where the lines of separated values begin, and where their quotes go wrong.
//!
//! Must hold: a line ends with CR LF, LF or CR, each counted once; what is kept
//! does not grow with the file, only with the record that is being read.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Read;
use std::rc::Rc;

/// What is known about the text read so far; shared with its [`Tracked`] reader.
#[derive(Clone)]
pub(super) struct Lines(Rc<RefCell<Scan>>);

/// Reads through to `inner` and lets [`Lines`] see every byte.
pub(super) struct Tracked<R> {
    inner: R,
    lines: Lines,
}

/// Where the walk over the quotes of a record stands.
#[derive(Clone, Copy, PartialEq)]
enum Quoting {
    FieldStart,
    Bare,
    Quoted,
    MaybeClosed,
}

struct Scan {
    delimiter: u8,
    offset: u64,
    line: u64,
    is_line_start: bool,
    is_after_cr: bool,
    is_done: bool,
    quoting: Quoting,
    /// Offset and number of every line that is not blank, from the present
    /// record on.
    starts: VecDeque<(u64, u64)>,
    /// Offsets of text that follows a closing quote, from the present record on.
    misplaced: VecDeque<u64>,
}

impl Lines {
    /// A text whose first line has the number `first_line`.
    pub(super) fn new(delimiter: u8, first_line: u64) -> Self {
        Self(Rc::new(RefCell::new(Scan {
            delimiter,
            offset: 0,
            line: first_line,
            is_line_start: true,
            is_after_cr: false,
            is_done: false,
            quoting: Quoting::FieldStart,
            starts: VecDeque::new(),
            misplaced: VecDeque::new(),
        })))
    }

    /// A reader whose bytes are looked at on their way.
    pub(super) fn track<R: Read>(&self, inner: R) -> Tracked<R> {
        Tracked {
            inner,
            lines: self.clone(),
        }
    }

    /// The line of the first record at or after an offset; forgets what lies
    /// before it.
    pub(super) fn line_from(&self, offset: u64) -> u64 {
        let mut scan = self.0.borrow_mut();
        while scan.starts.front().is_some_and(|(at, _)| *at < offset) {
            scan.starts.pop_front();
        }
        scan.starts.front().map_or(scan.line, |(_, line)| *line)
    }

    /// Whether text follows a closing quote before an offset; forgets it.
    pub(super) fn has_misplaced_quote(&self, end: u64) -> bool {
        let mut scan = self.0.borrow_mut();
        let before = scan.misplaced.len();
        while scan.misplaced.front().is_some_and(|at| *at < end) {
            scan.misplaced.pop_front();
        }
        scan.misplaced.len() < before
    }

    /// Whether the text ended inside quotes.
    pub(super) fn ended_open(&self) -> bool {
        let scan = self.0.borrow();
        scan.is_done && scan.quoting == Quoting::Quoted
    }
}

impl<R: Read> Read for Tracked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut scan = self.lines.0.borrow_mut();
        scan.is_done = count == 0;
        for byte in buffer.get(..count).unwrap_or_default() {
            scan.see(*byte);
        }
        Ok(count)
    }
}

impl Scan {
    fn see(&mut self, byte: u8) {
        match byte {
            b'\n' | b'\r' => self.end_line(byte),
            _ => {
                if self.is_line_start {
                    self.starts.push_back((self.offset, self.line));
                    self.is_line_start = false;
                }
                self.is_after_cr = false;
            }
        }
        self.quoting = self.quoting_after(byte);
        self.offset += 1;
    }

    fn end_line(&mut self, byte: u8) {
        let ends_crlf = byte == b'\n' && self.is_after_cr;
        if !ends_crlf {
            self.line += 1;
        }
        self.is_after_cr = byte == b'\r';
        self.is_line_start = true;
    }

    fn quoting_after(&mut self, byte: u8) -> Quoting {
        match (self.quoting, byte) {
            (Quoting::Quoted, b'"') => Quoting::MaybeClosed,
            (Quoting::Quoted, _) => Quoting::Quoted,
            (Quoting::FieldStart | Quoting::MaybeClosed, b'"') => Quoting::Quoted,
            (_, b'\n' | b'\r') => Quoting::FieldStart,
            (_, other) if other == self.delimiter => Quoting::FieldStart,
            (Quoting::MaybeClosed, _) => {
                self.misplaced.push_back(self.offset);
                Quoting::Bare
            }
            _ => Quoting::Bare,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::Lines;

    fn scan(text: &str) -> Lines {
        let lines = Lines::new(b',', 1);
        let mut read = String::new();
        lines
            .track(text.as_bytes())
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, text);
        lines
    }

    #[test]
    fn finds_open_quotes() {
        let check = |text, expected| assert_eq!(scan(text).ended_open(), expected, "{text}");
        check("", false);
        check("a,b", false);
        check("a,\"b", true);
        check("a,\"b\nc,d\n", true);
        check("a,\"b\nc\"\n", false);
        check("a,\"b\"\"", true);
        check("a,\"b\"\"\"", false);
        check("5\" disk,b\n", false);
    }

    #[test]
    fn finds_text_after_a_closing_quote() {
        let check = |text, expected| {
            assert_eq!(scan(text).has_misplaced_quote(99), expected, "{text}");
        };
        check("\"a\"b,c", true);
        check("\"a\\\"b\",c", true);
        check("\"a\" ,c", true);
        check("\"a\",c\r\n", false);
        check("\"a\"\"b\",c", false);
        check("5\" disk,c", false);
    }

    #[test]
    fn counts_every_kind_of_line_end() {
        let check = |text, offset, expected| {
            assert_eq!(scan(text).line_from(offset), expected, "{text:?}");
        };
        check("a\nb\nc", 2, 2);
        check("a\r\nb\r\nc", 2, 2);
        check("a\r\nb\r\nc", 5, 3);
        check("a\rb\rc", 2, 2);
        check("a\n\n\nb", 2, 4);
        check("\r\n\r\na", 0, 3);
        check("a\n", 2, 2);
    }
}
