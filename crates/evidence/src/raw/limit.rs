//! A reader that stops when one record grows too long.
//!
//! Must hold: however hostile the file, a parser that reads through this never
//! collects much more than the limit for one record.

use std::cell::Cell;
use std::io::{Error, Read};
use std::rc::Rc;

/// How many bytes the present record may still take.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    left: Rc<Cell<u64>>,
    whole: u64,
}

impl Allowance {
    /// An allowance of `whole` bytes a record.
    pub(super) fn new(whole: u64) -> Self {
        Self {
            left: Rc::new(Cell::new(whole)),
            whole,
        }
    }

    /// A new record begins.
    pub(super) fn renew(&self) {
        self.left.set(self.whole);
    }

    /// Whether the present record has used it up.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}

/// Reads from `inner` while the allowance lasts.
pub(super) struct Limited<R> {
    inner: R,
    allowance: Allowance,
}

impl<R: Read> Limited<R> {
    pub(super) fn new(inner: R, allowance: Allowance) -> Self {
        Self { inner, allowance }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.allowance.is_spent() {
            return Err(Error::other("the record is too long"));
        }
        let count = self.inner.read(buffer)?;
        let left = self.allowance.left.get().saturating_sub(count as u64);
        self.allowance.left.set(left);
        Ok(count)
    }
}
