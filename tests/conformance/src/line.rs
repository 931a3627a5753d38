//! A line to a server, on which things go wrong when a test says so: a proxy on this machine.
//!
//! What goes over it is looked at but not understood: it is encrypted. What it can count is how often the
//! two ends take turns, because a client that has asked says nothing until it is answered.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpStream as StdStream};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lienthu_sqlserver::{ServerAddress, SqlServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Bytes that are read at once.
const PIECE_LEN_MAX: usize = 65_536;
/// Pieces that wait for their time at most, each way; then the sender waits.
const PIECES_WAITING_MAX: usize = 1_024;

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Whoever is on the line is thrown out, and whoever comes.
    Cut,
    /// Whoever is on the line is thrown out, and nobody listens.
    Refused,
    /// Connections are taken; nothing goes through, and nobody is told.
    BlackHole,
    /// So much time passes between asking and hearing, on top of what passes anyway.
    Latency(Duration),
    /// The server's next answer comes with its first half, and then the line is reset.
    ResetInReply,
    /// Of the server's greeting, the promise to encrypt is replaced: it cannot, it says.
    EncryptionTakenOut,
}

/// See the module. Ends with its last owner.
#[derive(Debug)]
pub struct Line {
    here: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    host: String,
    port: u16,
    fault: watch::Sender<Fault>,
    listening: watch::Sender<bool>,
    /// Changes when all who are on the line lose it.
    generation: watch::Sender<Generation>,
    /// The near ends of all who are on the line, by their ports at the other side.
    near_ends: Mutex<HashMap<u16, StdStream>>,
    turns: AtomicU64,
    seen: Mutex<Vec<u8>>,
}

/// Who is on the line: connections of an earlier generation have lost it.
#[derive(Debug, Clone, Copy, Default)]
struct Generation {
    /// Whether those of the one before were told.
    is_told: bool,
}

impl Line {
    /// A whole line to this server, which has a fixed port.
    ///
    /// # Errors
    /// Those of the network.
    ///
    /// # Panics
    /// When the server has none.
    pub async fn to(config: &SqlServerConfig) -> std::io::Result<Self> {
        Self::at(IpAddr::V4(Ipv4Addr::LOCALHOST), config).await
    }

    /// A whole line whose near end has this address of the machine's.
    ///
    /// # Errors
    /// Those of the network.
    ///
    /// # Panics
    /// When the server has no fixed port.
    pub async fn at(address: IpAddr, config: &SqlServerConfig) -> std::io::Result<Self> {
        let ServerAddress::Port { host, port } = config.address.clone() else {
            panic!("a test server has a fixed port")
        };
        let listener = TcpListener::bind((address, 0)).await?;
        let here = listener.local_addr()?;
        let state = Arc::new(State {
            host,
            port,
            fault: watch::Sender::new(Fault::None),
            listening: watch::Sender::new(true),
            generation: watch::Sender::new(Generation::default()),
            near_ends: Mutex::default(),
            turns: AtomicU64::new(0),
            seen: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(Arc::clone(&state), listener, here));
        Ok(Self { here, state, accepting })
    }

    /// The same site, at the near end of this line, under the server's own name.
    #[must_use]
    pub fn through(&self, config: &SqlServerConfig) -> SqlServerConfig {
        let host = config.address.host().to_owned();
        let address = ServerAddress::Port { host, port: self.here.port() };
        SqlServerConfig { address, ..config.clone() }
    }

    /// The same site, under the address of the near end.
    #[must_use]
    pub fn under_its_address(&self, config: &SqlServerConfig) -> SqlServerConfig {
        let host = self.here.ip().to_string();
        let address = ServerAddress::Port { host, port: self.here.port() };
        SqlServerConfig { address, ..config.clone() }
    }

    /// Breaks the line, or mends it.
    pub fn set(&self, fault: Fault) {
        self.state.fault.send_replace(fault);
        if matches!(fault, Fault::Cut | Fault::Refused) {
            self.state.lose_all(true);
        }
    }

    /// Mends the line, and waits until it can be used.
    pub async fn mend(&self) {
        self.set(Fault::None);
        // The sender is our own: it never goes.
        drop(self.state.listening.subscribe().wait_for(|listens| *listens).await);
    }

    /// What is wrong with it now. A fault that strikes once is over when it has struck.
    #[must_use]
    pub fn fault(&self) -> Fault {
        *self.state.fault.borrow()
    }

    /// Cuts the line, under everyone who is on it, or mends it.
    pub fn cut(&self, cut: bool) {
        self.set(if cut { Fault::Cut } else { Fault::None });
    }

    /// Forgets who is on the line, and tells nobody, as a firewall does when a computer has slept: what
    /// they send goes nowhere. Who comes now gets through.
    pub fn forget(&self) {
        self.state.lose_all(false);
    }

    /// How often someone spoke after the server did, since the last time this was asked: round trips.
    #[must_use]
    pub fn take_turns(&self) -> u64 {
        self.state.turns.swap(0, Ordering::SeqCst)
    }

    /// All that went over the line since the last time this was asked.
    #[must_use]
    pub fn take_seen(&self) -> Vec<u8> {
        std::mem::take(&mut *self.state.seen())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
        self.state.lose_all(true);
    }
}

impl State {
    /// Waits until the line is no black hole.
    async fn out_of_black_hole(&self) {
        // The sender is our own: it never goes.
        drop(self.fault.subscribe().wait_for(|fault| *fault != Fault::BlackHole).await);
    }

    fn lose_all(&self, is_told: bool) {
        for (_, near) in self.near_ends().drain().filter(|_| is_told) {
            // At once, and not when its task gets to it; one that has ended already needs no end.
            drop(near.shutdown(Shutdown::Both));
        }
        self.generation.send_replace(Generation { is_told });
    }

    /// Notes who comes.
    fn note(&self, near: TcpStream) -> std::io::Result<(u16, TcpStream)> {
        let port = near.peer_addr()?.port();
        let near = near.into_std()?;
        self.near_ends().insert(port, near.try_clone()?);
        Ok((port, TcpStream::from_std(near)?))
    }

    fn near_ends(&self) -> MutexGuard<'_, HashMap<u16, StdStream>> {
        self.near_ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, Vec<u8>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes connections; does not even listen while it refuses them.
async fn accept(state: Arc<State>, first: TcpListener, here: SocketAddr) {
    let mut listener = Some(first);
    let mut fault = state.fault.subscribe();
    loop {
        if *fault.borrow_and_update() == Fault::Refused {
            listener = None;
            state.listening.send_replace(false);
            if fault.changed().await.is_err() {
                return;
            }
            continue;
        }
        let open = match listener.take() {
            Some(open) => open,
            // The port is ours still: nobody else gets one that was in use a moment ago.
            None => TcpListener::bind(here).await.unwrap(),
        };
        state.listening.send_replace(true);
        tokio::select! {
            accepted = open.accept() => {
                let is_cut = matches!(*state.fault.borrow(), Fault::Cut | Fault::Refused);
                if !is_cut && let Ok((port, near)) = accepted.and_then(|(near, _)| state.note(near)) {
                    let state = Arc::clone(&state);
                    tokio::spawn(async move {
                        carry(&state, port, near).await;
                        state.near_ends().remove(&port);
                    });
                }
            }
            changed = fault.changed() => if changed.is_err() { return },
        }
        listener = Some(open);
    }
}

/// One connection, until an end hangs up or the line is lost.
async fn carry(state: &State, port: u16, near: TcpStream) {
    let mut generation = state.generation.subscribe();
    let mut carrying = pin!(pass_both_ways(state, port, near));
    let mut is_forgotten = false;
    loop {
        tokio::select! {
            () = &mut carrying, if !is_forgotten => return,
            changed = generation.changed() => {
                if changed.is_err() || generation.borrow_and_update().is_told {
                    return;
                }
                // Both sockets stay open, and nobody looks at them any more.
                is_forgotten = true;
            }
        }
    }
}

async fn pass_both_ways(state: &State, port: u16, near: TcpStream) {
    state.out_of_black_hole().await;
    let Ok(far) = TcpStream::connect((state.host.as_str(), state.port)).await else { return };
    if near.set_nodelay(true).and(far.set_nodelay(true)).is_err() {
        return;
    }
    // A reset is one only when nobody holds the socket any more.
    let let_go = || drop(state.near_ends().remove(&port));
    let server_spoke = AtomicBool::new(true);
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    let up = Way { state, server_spoke: &server_spoke, is_up: true };
    let down = Way { state, server_spoke: &server_spoke, is_up: false };
    tokio::select! {
        () = up.pass(near_read, far_write, &let_go) => {}
        () = down.pass(far_read, near_write, &let_go) => {}
    }
}

/// One way of a connection: up to the server, or down from it.
struct Way<'a> {
    state: &'a State,
    server_spoke: &'a AtomicBool,
    is_up: bool,
}

/// A piece on its way.
struct Piece {
    due: Instant,
    bytes: Vec<u8>,
    is_last: bool,
}

impl Way<'_> {
    async fn pass(&self, from: OwnedReadHalf, to: OwnedWriteHalf, let_go: &impl Fn()) {
        let (waiting, on_time) = mpsc::channel(PIECES_WAITING_MAX);
        tokio::join!(self.take(from, waiting), deliver(on_time, to, let_go));
    }

    async fn take(&self, mut from: OwnedReadHalf, waiting: mpsc::Sender<Piece>) {
        let mut bytes = vec![0; PIECE_LEN_MAX];
        let mut is_first = true;
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            self.state.out_of_black_hole().await;
            let piece = self.piece(&bytes[..length], is_first);
            let is_last = piece.is_last;
            if waiting.send(piece).await.is_err() || is_last {
                return;
            }
            is_first = false;
        }
    }

    fn piece(&self, bytes: &[u8], is_first: bool) -> Piece {
        let mut piece = Piece { due: Instant::now(), bytes: bytes.to_vec(), is_last: false };
        let fault = *self.state.fault.borrow();
        match fault {
            Fault::Latency(round_trip) => piece.due += round_trip / 2,
            Fault::ResetInReply if !self.is_up && !is_first => {
                piece.bytes.truncate(piece.bytes.len() / 2);
                piece.is_last = true;
                self.state.fault.send_replace(Fault::None);
            }
            Fault::EncryptionTakenOut if !self.is_up && is_first => {
                take_encryption_out(&mut piece.bytes);
            }
            _ => {}
        }
        if !self.is_up {
            self.server_spoke.store(true, Ordering::SeqCst);
        } else if self.server_spoke.swap(false, Ordering::SeqCst) {
            self.state.turns.fetch_add(1, Ordering::SeqCst);
        }
        self.state.seen().extend_from_slice(&piece.bytes);
        piece
    }
}

async fn deliver(mut on_time: mpsc::Receiver<Piece>, mut to: OwnedWriteHalf, let_go: &impl Fn()) {
    while let Some(piece) = on_time.recv().await {
        tokio::time::sleep_until(piece.due).await;
        if to.write_all(&piece.bytes).await.is_err() {
            return;
        }
        if piece.is_last {
            // The other end hears of a reset, not of an end.
            drop(to.as_ref().set_zero_linger());
            let_go();
            return;
        }
    }
}

/// In a server's greeting ([MS-TDS] 2.2.6.5), after the packet's head: options of five bytes each, token,
/// place and length of the value, until a terminator.
fn take_encryption_out(greeting: &mut [u8]) {
    const HEADER_LEN: usize = 8;
    const OPTION_LEN: usize = 5;
    const ENCRYPTION: u8 = 0x01;
    const TERMINATOR: u8 = 0xff;
    const NOT_SUPPORTED: u8 = 0x02;
    let Some(body) = greeting.get_mut(HEADER_LEN..) else { return };
    let mut options = body.chunks_exact(OPTION_LEN).take_while(|option| option[0] != TERMINATOR);
    let place = options.find(|option| option[0] == ENCRYPTION).map(|option| option[2]);
    if let Some(value) = place.and_then(|place| body.get_mut(usize::from(place))) {
        *value = NOT_SUPPORTED;
    }
}
