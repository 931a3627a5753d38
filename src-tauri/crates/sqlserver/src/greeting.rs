//! The first exchange of a connection, PRELOGIN ([MS-TDS] 2.2.6.5): with it a server says whether it is
//! one, and whether it encrypts. It is held here and not by the driver, because encryption is ours too.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// A packet's head: type, status, length over all, and four bytes that matter to nobody.
pub(crate) const HEADER_LEN: usize = 8;
/// A packet at most before the two sides agree on more.
pub(crate) const PACKET_LEN_MAX: usize = 4_096;
/// The type of what the client sends until it signs in.
const PRELOGIN: u8 = 0x12;
/// The type of every answer.
pub(crate) const RESPONSE: u8 = 0x04;
/// The status of a message's last packet.
const END_OF_MESSAGE: u8 = 0x01;

/// Options of the message, of five bytes each: token, place and length of the value.
const VERSION: u8 = 0x00;
const ENCRYPTION: u8 = 0x01;
const INSTANCE: u8 = 0x02;
const TERMINATOR: u8 = 0xff;
const OPTION_LEN: usize = 5;

const ENCRYPT_ON: u8 = 0x01;
const ENCRYPT_NOT_SUPPORTED: u8 = 0x02;
const ENCRYPT_REQUIRED: u8 = 0x03;

/// What a server answered.
pub(crate) struct Greeting {
    /// As the driver is to read it: the whole packet, which offers no encryption any more.
    pub(crate) packet: Vec<u8>,
    /// Whether the line is to be encrypted from here on.
    pub(crate) encrypts: bool,
}

/// A head of a packet with so many bytes of content.
pub(crate) fn header(content: usize, is_last: bool) -> [u8; HEADER_LEN] {
    let length = u16::try_from(HEADER_LEN + content).unwrap_or(u16::MAX).to_be_bytes();
    [PRELOGIN, u8::from(is_last) * END_OF_MESSAGE, length[0], length[1], 0, 0, 0, 0]
}

/// The length of a packet's content, and whether it is its message's last. No such length is an error.
pub(crate) fn content(header: [u8; HEADER_LEN]) -> Result<(usize, bool)> {
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let content = length.checked_sub(HEADER_LEN).ok_or_else(|| no_server("a packet too short"))?;
    Ok((content, header[1] & END_OF_MESSAGE != 0))
}

fn no_server(detail: &str) -> Error {
    Error::new(ErrorKind::InvalidData, detail)
}

/// Greets a server: asks for encryption or says that there is none here, and names the instance meant.
///
/// # Errors
/// Those of the line; `InvalidData` where the other end speaks another language.
pub(crate) async fn greet(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    encrypt: bool,
    instance: Option<&str>,
) -> Result<Greeting> {
    stream.write_all(&question(encrypt, instance.unwrap_or_default())).await?;
    stream.flush().await?;
    let mut head = [0; HEADER_LEN];
    stream.read_exact(&mut head).await?;
    let (length, is_last) = content(head)?;
    if head[0] != RESPONSE || !is_last || length > PACKET_LEN_MAX {
        return Err(no_server("not an answer of SQL Server"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let place = encryption(&body).ok_or_else(|| no_server("an answer without encryption"))?;
    let encrypts = matches!(body[place], ENCRYPT_ON | ENCRYPT_REQUIRED);
    body[place] = ENCRYPT_NOT_SUPPORTED;
    Ok(Greeting { packet: [&head[..], &body].concat(), encrypts })
}

pub(crate) fn question(encrypt: bool, instance: &str) -> Vec<u8> {
    let version = [0; 6];
    let encryption = [if encrypt { ENCRYPT_ON } else { ENCRYPT_NOT_SUPPORTED }];
    let instance = [instance.as_bytes(), &[0]].concat();
    let values: [(u8, &[u8]); 3] =
        [(VERSION, &version), (ENCRYPTION, &encryption), (INSTANCE, &instance)];
    let (mut options, mut content) = (Vec::new(), Vec::new());
    for (token, value) in values {
        let place = OPTION_LEN * values.len() + 1 + content.len();
        let place_and_length = [place, value.len()].map(|n| u16::try_from(n).unwrap_or(u16::MAX));
        options.push(token);
        options.extend(place_and_length.into_iter().flat_map(u16::to_be_bytes));
        content.extend_from_slice(value);
    }
    options.push(TERMINATOR);
    let head = header(options.len() + content.len(), true);
    [&head[..], &options, &content].concat()
}

/// Where in the message the value of ENCRYPTION stands; nowhere where the message is cut or has none.
fn encryption(body: &[u8]) -> Option<usize> {
    let option = body
        .chunks_exact(OPTION_LEN)
        .take_while(|option| option[0] != TERMINATOR)
        .find(|option| option[0] == ENCRYPTION)?;
    let place = usize::from(u16::from_be_bytes([option[1], option[2]]));
    (place < body.len()).then_some(place)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_question_is_a_whole_message() {
        let packet = question(true, "SQLEXPRESS");
        let head: [u8; HEADER_LEN] = packet[..HEADER_LEN].try_into().unwrap();
        let body = &packet[HEADER_LEN..];
        assert_eq!(content(head).unwrap(), (body.len(), true));
        assert_eq!(body[encryption(body).unwrap()], ENCRYPT_ON);
        assert!(body.ends_with(b"SQLEXPRESS\0"));
    }

    /// Greets whatever answers with these bytes and hangs up.
    async fn greeted(answer: &[u8]) -> Result<Greeting> {
        let (mut near, mut far) = tokio::io::duplex(PACKET_LEN_MAX);
        far.write_all(answer).await.unwrap();
        far.shutdown().await.unwrap();
        greet(&mut near, true, None).await
    }

    #[tokio::test]
    async fn an_answer_says_whether_the_server_encrypts_and_the_driver_reads_that_it_does_not() {
        for (said, encrypts) in [(0, false), (1, true), (2, false), (3, true)] {
            let mut answer = question(true, "");
            answer[0] = RESPONSE;
            let place = HEADER_LEN + encryption(&answer[HEADER_LEN..]).unwrap();
            answer[place] = said;
            let greeting = greeted(&answer).await.unwrap();
            assert_eq!(greeting.encrypts, encrypts);
            answer[place] = ENCRYPT_NOT_SUPPORTED;
            assert_eq!(greeting.packet, answer);
        }
    }

    #[tokio::test]
    async fn what_is_no_server_is_an_error_and_no_panic() {
        let mut cut = question(true, "");
        cut[0] = RESPONSE;
        for answer in [
            b"SSH-2.0-OpenSSH_9.2\r\n".as_slice(),
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            &[RESPONSE, END_OF_MESSAGE, 0, 0, 0, 0, 0, 0],
            &[RESPONSE, END_OF_MESSAGE, 0, 9, 0, 0, 0, 0, TERMINATOR],
            &[RESPONSE, END_OF_MESSAGE, 0, 13, 0, 0, 0, 0, ENCRYPTION, 0xff, 0xff, 0, 1],
            &cut[..cut.len() - 1],
            &[],
        ] {
            assert!(greeted(answer).await.is_err(), "{answer:?}");
        }
    }
}
