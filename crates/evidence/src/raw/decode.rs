//! Turns the bytes of a text file into UTF-8.
//!
//! Must hold: bytes that are wrong in the file's encoding are never replaced in
//! silence: they come out as the byte 0xFF, which is not UTF-8, so that the
//! reader of records finds the very value that is wrong.

use std::io::{BufRead, BufReader, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

const CHUNK_BYTES: usize = 64 * 1024;
const WRONG: u8 = 0xFF;

/// Opens a text: honours a byte order mark, else takes `encoding`.
pub(super) fn utf8<'r, R: Read + 'r>(
    source: R,
    encoding: &'static Encoding,
) -> std::io::Result<Box<dyn Read + 'r>> {
    let mut source = BufReader::with_capacity(CHUNK_BYTES, source);
    let (encoding, mark_bytes) =
        Encoding::for_bom(first_bytes(&mut source)?).unwrap_or((encoding, 0));
    source.consume(mark_bytes);
    if encoding == UTF_8 {
        return Ok(Box::new(source));
    }
    Ok(Box::new(Transcoder::new(source, encoding)))
}

fn first_bytes<R: Read>(source: &mut BufReader<R>) -> std::io::Result<&[u8]> {
    source.fill_buf()
}

struct Transcoder<R> {
    source: R,
    decoder: Decoder,
    output: Vec<u8>,
    given: usize,
    is_done: bool,
}

impl<R: BufRead> Transcoder<R> {
    fn new(source: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self {
            source,
            decoder,
            output: Vec::new(),
            given: 0,
            is_done: false,
        }
    }

    /// Decodes the next chunk into `output`.
    fn refill(&mut self) -> std::io::Result<()> {
        self.output.clear();
        self.given = 0;
        let input = self.source.fill_buf()?;
        let is_last = input.is_empty();
        let room = self
            .decoder
            .max_utf8_buffer_length(input.len())
            .unwrap_or(CHUNK_BYTES * 4);
        self.output.resize(room, 0);
        let (result, taken, made) =
            self.decoder
                .decode_to_utf8_without_replacement(input, &mut self.output, is_last);
        self.output.truncate(made);
        if let DecoderResult::Malformed(..) = result {
            self.output.push(WRONG);
        }
        self.is_done = is_last && result == DecoderResult::InputEmpty;
        self.source.consume(taken);
        Ok(())
    }
}

impl<R: BufRead> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.output.len() && !self.is_done {
            self.refill()?;
        }
        let mut rest = self.output.get(self.given..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.given += count;
        Ok(count)
    }
}
