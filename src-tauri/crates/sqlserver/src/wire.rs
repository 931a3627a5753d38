//! The bytes between the driver and a server, encrypted or not. The driver believes that it greets the
//! server itself and that nobody encrypts: its question is swallowed, and it reads the answer that the
//! server gave to [`crate::greeting::greet`].

use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::greeting::{Greeting, HEADER_LEN, PACKET_LEN_MAX, content, header};

/// See the module.
pub(crate) struct Wire {
    stream: Stream,
    question: Swallowed,
    answer: Vec<u8>,
    answered: usize,
}

enum Stream {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<Enveloped>>),
}

impl Wire {
    pub(crate) fn plain(stream: TcpStream, greeting: Greeting) -> Self {
        Self::new(Stream::Plain(stream), greeting)
    }

    pub(crate) fn encrypted(mut stream: TlsStream<Enveloped>, greeting: Greeting) -> Self {
        stream.get_mut().0.open();
        Self::new(Stream::Encrypted(Box::new(stream)), greeting)
    }

    fn new(stream: Stream, greeting: Greeting) -> Self {
        Self { stream, question: Swallowed::default(), answer: greeting.packet, answered: 0 }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let rest = &self.answer[self.answered..];
        if !rest.is_empty() {
            let taken = rest.len().min(into.remaining());
            into.put_slice(&rest[..taken]);
            self.answered += taken;
            return Poll::Ready(Ok(()));
        }
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, into),
            Stream::Encrypted(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let swallowed = self.question.take(bytes)?;
        if swallowed > 0 {
            return Poll::Ready(Ok(swallowed));
        }
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// The first message that is written goes nowhere.
#[derive(Default)]
struct Swallowed {
    packet: Packet,
    is_over: bool,
}

impl Swallowed {
    /// How many of these bytes belong to the message.
    fn take(&mut self, bytes: &[u8]) -> Result<usize> {
        let mut taken = 0;
        while !self.is_over && taken < bytes.len() {
            taken += self.packet.take_header(&bytes[taken..])?;
            let of_content = self.packet.left.min(bytes.len() - taken);
            self.packet.left -= of_content;
            taken += of_content;
            self.is_over = self.packet.is_over() && self.packet.is_last;
        }
        Ok(taken)
    }
}

/// Where one stands in a row of packets.
#[derive(Default)]
struct Packet {
    header: [u8; HEADER_LEN],
    known: usize,
    left: usize,
    is_last: bool,
}

impl Packet {
    /// How many of these bytes belong to the head of the packet; a packet that is over makes room for the
    /// next.
    fn take_header(&mut self, bytes: &[u8]) -> Result<usize> {
        if self.is_over() {
            *self = Self::default();
        }
        let taken = (HEADER_LEN - self.known).min(bytes.len());
        self.header[self.known..self.known + taken].copy_from_slice(&bytes[..taken]);
        self.known += taken;
        if taken > 0 && self.known == HEADER_LEN {
            (self.left, self.is_last) = content(self.header)?;
        }
        Ok(taken)
    }

    const fn is_over(&self) -> bool {
        self.known == HEADER_LEN && self.left == 0
    }
}

/// The line while the two sides agree on encryption: every piece of the handshake travels in an envelope,
/// a packet of the greeting's kind. Opened, it is the line itself.
pub(crate) struct Enveloped {
    stream: TcpStream,
    is_open: bool,
    read: Packet,
    /// Written and in no envelope yet.
    loose: Vec<u8>,
    /// In envelopes, of which so many bytes are sent.
    packed: Vec<u8>,
    sent: usize,
}

impl Enveloped {
    pub(crate) fn new(stream: TcpStream) -> Self {
        let (loose, packed) = (Vec::new(), Vec::new());
        Self { stream, is_open: false, read: Packet::default(), loose, packed, sent: 0 }
    }

    const fn open(&mut self) {
        self.is_open = true;
    }

    fn pack(&mut self) {
        self.packed.clear();
        self.sent = 0;
        let mut pieces = self.loose.chunks(PACKET_LEN_MAX - HEADER_LEN).peekable();
        while let Some(piece) = pieces.next() {
            self.packed.extend(header(piece.len(), pieces.peek().is_none()));
            self.packed.extend_from_slice(piece);
        }
        self.loose.clear();
    }
}

impl AsyncRead for Enveloped {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let this = self.get_mut();
        if this.is_open {
            return Pin::new(&mut this.stream).poll_read(cx, into);
        }
        while this.read.left == 0 {
            if this.read.is_over() {
                this.read = Packet::default();
            }
            let mut head = [0; HEADER_LEN];
            let mut head = ReadBuf::new(&mut head[this.read.known..]);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut head))?;
            if head.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.read.take_header(head.filled())?;
        }
        let room = this.read.left.min(into.remaining());
        let mut content = ReadBuf::new(into.initialize_unfilled_to(room));
        ready!(Pin::new(&mut this.stream).poll_read(cx, &mut content))?;
        let taken = content.filled().len();
        into.advance(taken);
        this.read.left -= taken;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Enveloped {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let this = self.get_mut();
        if this.is_open {
            return Pin::new(&mut this.stream).poll_write(cx, bytes);
        }
        this.loose.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        loop {
            while this.sent < this.packed.len() {
                let rest = &this.packed[this.sent..];
                let sent = ready!(Pin::new(&mut this.stream).poll_write(cx, rest))?;
                if sent == 0 {
                    return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into()));
                }
                this.sent += sent;
            }
            if this.loose.is_empty() {
                return Pin::new(&mut this.stream).poll_flush(cx);
            }
            this.pack();
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_first_message_is_swallowed_to_its_end_however_it_is_cut() {
        let first = [&header(3, false)[..], b"abc", &header(2, true), b"de"].concat();
        let all = [&first[..], b"the login"].concat();
        for step in 1..=all.len() {
            let mut swallowed = Swallowed::default();
            let mut through = Vec::new();
            for piece in all.chunks(step) {
                let taken = swallowed.take(piece).unwrap();
                through.extend_from_slice(&piece[taken..]);
            }
            assert_eq!(through, b"the login", "in steps of {step}");
        }
    }

    #[test]
    fn an_empty_packet_is_a_packet() {
        let mut swallowed = Swallowed::default();
        assert_eq!(swallowed.take(&header(0, true)).unwrap(), HEADER_LEN);
        assert_eq!(swallowed.take(b"more").unwrap(), 0);
    }
}
