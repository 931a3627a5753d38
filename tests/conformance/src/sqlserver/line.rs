//! A line to the server that can be cut.

use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream as StdStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use lienthu_sqlserver::{ServerAddress, SqlServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// See the module. Ends with its last owner.
#[derive(Debug)]
pub(super) struct Line {
    port: u16,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    is_cut: AtomicBool,
    open: Mutex<Vec<StdStream>>,
}

impl Line {
    /// A whole line to this server, which has a fixed port.
    pub(super) async fn to(config: &SqlServerConfig) -> Self {
        let ServerAddress::Port { host, port } = config.address.clone() else {
            panic!("a test server has a fixed port")
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let here: SocketAddr = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let of_task = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let state = Arc::clone(&of_task);
                let host = host.clone();
                tokio::spawn(async move {
                    if let Ok(far) = TcpStream::connect((host.as_str(), port)).await {
                        state.carry(near, far).await;
                    }
                });
            }
        });
        Self { port: here.port(), state, accepting }
    }

    /// The same site, at the near end of this line.
    pub(super) fn through(&self, config: &SqlServerConfig) -> SqlServerConfig {
        let host = config.address.host().to_owned();
        SqlServerConfig { address: ServerAddress::Port { host, port: self.port }, ..config.clone() }
    }

    /// Cuts the line, under everyone who is on it, or mends it.
    pub(super) fn cut(&self, cut: bool) {
        self.state.is_cut.store(cut, Ordering::SeqCst);
        if cut {
            for stream in self.state.open.lock().unwrap().drain(..) {
                // One that has ended already needs no end.
                drop(stream.shutdown(Shutdown::Both));
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl State {
    async fn carry(&self, near: TcpStream, far: TcpStream) {
        near.set_nodelay(true).unwrap();
        far.set_nodelay(true).unwrap();
        let near = near.into_std().unwrap();
        {
            let mut open = self.open.lock().unwrap();
            if self.is_cut.load(Ordering::SeqCst) {
                return;
            }
            open.push(near.try_clone().unwrap());
        }
        let (mut near, mut far) = (TcpStream::from_std(near).unwrap(), far);
        drop(tokio::io::copy_bidirectional(&mut near, &mut far).await);
    }
}
