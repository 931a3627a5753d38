//! The first exchange of a TDS connection, PRELOGIN ([MS-TDS] 2.2.6.5): the one question that a server
//! answers to a stranger, and with which it says whether it demands encryption.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Packet types: what the client sends, and every answer of a server.
const PRELOGIN: u8 = 0x12;
const RESPONSE: u8 = 0x04;
/// The packet's status: nothing follows.
const END_OF_MESSAGE: u8 = 0x01;
const HEADER_LEN: usize = 8;
/// An answer at most; real ones have some forty bytes.
const ANSWER_LEN_MAX: usize = 4_096;

/// Options of the message, of five bytes each: token, offset and length of the value.
const VERSION: u8 = 0x00;
const ENCRYPTION: u8 = 0x01;
const TERMINATOR: u8 = 0xff;
const OPTION_LEN: usize = 5;

/// The client can encrypt and does not insist; a server then names its own wish.
const ENCRYPT_OFF: u8 = 0x00;
const ENCRYPT_ON: u8 = 0x01;
const ENCRYPT_REQUIRED: u8 = 0x03;

/// Asks the server on this machine's `port`.
///
/// # Errors
/// Nobody listens, it is no TDS server, or it would let a session go on unencrypted.
pub fn demands_encryption(port: u16) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)
        .with_context(|| format!("nobody listens on {address}"))?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
    stream.write_all(&question())?;

    let mut header = [0; HEADER_LEN];
    stream.read_exact(&mut header).with_context(|| format!("no answer from {address}"))?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] != RESPONSE || !(HEADER_LEN..=ANSWER_LEN_MAX).contains(&length) {
        bail!("what listens on {address} is no T-SQL server");
    }
    let mut body = vec![0; length - HEADER_LEN];
    stream.read_exact(&mut body).with_context(|| format!("half an answer from {address}"))?;
    match encryption(&body) {
        Some(ENCRYPT_ON | ENCRYPT_REQUIRED) => Ok(()),
        _ => bail!("the server on {address} does not demand encryption"),
    }
}

fn question() -> Vec<u8> {
    let version = [0; 6];
    let values_at = 2 * OPTION_LEN as u8 + 1;
    let version_len = version.len() as u8;
    let mut body = vec![VERSION, 0, values_at, 0, version_len];
    body.extend([ENCRYPTION, 0, values_at + version_len, 0, 1, TERMINATOR]);
    body.extend(version);
    body.push(ENCRYPT_OFF);
    let length = (HEADER_LEN + body.len()) as u8;
    let mut packet = vec![PRELOGIN, END_OF_MESSAGE, 0, length, 0, 0, 1, 0];
    packet.extend(body);
    packet
}

/// The value of the option ENCRYPTION; `None` where the message has none.
fn encryption(body: &[u8]) -> Option<u8> {
    let option = body
        .chunks_exact(OPTION_LEN)
        .take_while(|option| option[0] != TERMINATOR)
        .find(|option| option[0] == ENCRYPTION)?;
    let offset = usize::from(u16::from_be_bytes([option[1], option[2]]));
    body.get(offset).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_a_whole_message() {
        let packet = question();
        assert_eq!(usize::from(packet[3]), packet.len());
        assert_eq!(encryption(&packet[HEADER_LEN..]), Some(ENCRYPT_OFF));
    }

    #[test]
    fn an_answer_that_is_cut_says_nothing() {
        let packet = question();
        let body = &packet[HEADER_LEN..packet.len() - 1];
        assert_eq!(encryption(body), None);
        assert_eq!(encryption(&[]), None);
    }
}
