//! A bounded look ahead into a stream.

use std::io::{self, ErrorKind, Read};

/// How much is asked of the stream at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// The part of a stream between what is done with and what is not yet read.
pub(crate) struct Window<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    /// Offset in the stream of the first byte of [`Self::bytes`].
    offset: u64,
    ended: bool,
}

impl<R: Read> Window<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), start: 0, offset: 0, ended: false }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// What has been read and not consumed.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Up to `wanted` bytes, fewer only at the end of the stream.
    pub(crate) fn peek(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.bytes().len() < wanted && self.read_more()? {}
        let available = self.bytes().len().min(wanted);
        Ok(&self.bytes()[..available])
    }

    /// Whether nothing is left.
    pub(crate) fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.peek(1)?.is_empty())
    }

    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.bytes().len());
        self.start += count;
        self.offset += count as u64;
    }

    /// The place of the first byte for which `is_wanted`, within the next `bound` bytes and not
    /// before `from`. Reads no further than it must.
    pub(crate) fn find(
        &mut self,
        from: usize,
        bound: usize,
        is_wanted: impl Fn(u8) -> bool,
    ) -> io::Result<Option<usize>> {
        let mut searched = from;
        loop {
            let end = self.bytes().len().min(bound);
            if searched < end {
                let found = self.bytes()[searched..end].iter().position(|byte| is_wanted(*byte));
                if let Some(found) = found {
                    return Ok(Some(searched + found));
                }
                searched = end;
            }
            if end == bound || !self.read_more()? {
                return Ok(None);
            }
        }
    }

    /// Reads another chunk; false at the end of the stream.
    pub(crate) fn read_more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        // Moving the rest down only when as much is done with keeps the cost per byte constant.
        if self.start >= self.bytes().len() {
            self.buffer.copy_within(self.start.., 0);
            self.buffer.truncate(self.buffer.len() - self.start);
            self.start = 0;
        }
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK_BYTES, 0);
        let read = loop {
            match self.source.read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let count = *read.as_ref().unwrap_or(&0);
        // A `Read` may claim more than it was given room for.
        self.buffer.truncate((filled + count).min(filled + CHUNK_BYTES));
        self.ended = count == 0;
        read?;
        Ok(!self.ended)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn memory_depends_on_the_look_ahead_and_not_on_the_stream() {
        const BOUND: usize = 100_000;
        let mut window = Window::new(io::repeat(b'x').take(20_000_000));
        let mut passed = 0;
        while !window.is_at_end().unwrap() {
            assert_eq!(window.find(0, BOUND, |byte| byte == b'y').unwrap(), None);
            assert!(window.buffer.len() <= 2 * BOUND + 2 * CHUNK_BYTES);
            window.consume(997);
            passed += 997;
        }
        assert_eq!(window.offset(), 20_000_000);
        assert!(passed >= 20_000_000);
    }

    #[test]
    fn a_search_reads_no_further_than_its_bound() {
        let mut window = Window::new(&b"0123456789"[..]);
        assert_eq!(window.find(0, 10, |byte| byte == b'9').unwrap(), Some(9));
        assert_eq!(window.find(0, 9, |byte| byte == b'9').unwrap(), None);
        assert_eq!(window.find(4, 10, |byte| byte == b'3').unwrap(), None);
        window.consume(4);
        assert_eq!((window.offset(), window.peek(3).unwrap()), (4, &b"456"[..]));
    }
}
