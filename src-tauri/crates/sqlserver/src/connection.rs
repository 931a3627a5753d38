//! One connection to a server, and the pool of them that a login has at a site.

use std::io::ErrorKind;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use futures::TryStreamExt;
use lienthu_port::diagnosis::Finding;
use lienthu_port::password::PASSWORD_CHARS_MAX;
use lienthu_port::site::Credentials;
use secrecy::{ExposeSecret, SecretString};
use tiberius::{AuthMethod, Client, EncryptionLevel, Query, QueryItem, Row};
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use crate::config::{ServerAddress, SignIn, SqlServerConfig};
use crate::failure::Failure;
use crate::reach::{Reached, reach};
use crate::wire::Wire;

/// How long a connection may take to come about, sign-in included, in seconds.
pub const CONNECT_SECS_MAX: u64 = 10;
/// How long a call may take, in seconds.
pub const COMMAND_SECS_MAX: u64 = 30;
/// Connections of one login to one site at most: one for the screen, one for the outbox, one for the
/// feed, and one to spare.
pub const CONNECTIONS_MAX: usize = 4;
/// After how long without use a connection is asked whether it lives, in seconds: a laptop that slept, or
/// a firewall that forgot, leaves connections that take questions and never answer.
const IDLE_SECS_MAX: u64 = 30;
/// How long it may take to answer that, in seconds.
const PROBE_SECS_MAX: u64 = 3;
const APPLICATION: &str = "Lien Thu";

/// What a server sends back: the rows of each result set, also of the empty ones.
pub(crate) type ResultSets = Vec<Vec<Row>>;

/// A value for a procedure's parameter. There is no NULL: servers differ in how they take it.
#[derive(Debug, Clone)]
pub(crate) enum Param {
    Text(String),
    Int(i32),
    BigInt(i64),
    Bit(bool),
}

/// One connection. Whatever happens in mid-call leaves it marked, and it is never used again.
pub(crate) struct Connection {
    client: Client<Compat<Wire>>,
    /// The same socket once more, to see whether the other end has hung up.
    watched: std::net::TcpStream,
    in_call: bool,
    /// The last call ended in an error of the server's own, which may have left something behind in the
    /// session.
    is_suspect: bool,
    used_at: Instant,
}

impl Connection {
    /// Connects and signs in. Once: a wrong password is not tried again.
    pub(crate) async fn open(config: &SqlServerConfig, who: &Credentials) -> Result<Self, Failure> {
        let limit = Duration::from_secs(CONNECT_SECS_MAX);
        match tokio::time::timeout(limit, connect(config, who)).await {
            Ok(connected) => connected,
            Err(_) => Err(Failure::not_reached("the server does not answer")),
        }
    }

    /// Signs in over a line that stands. Once, as ever.
    pub(crate) async fn sign_in(
        reached: Reached,
        config: &SqlServerConfig,
        account: AuthMethod,
    ) -> Result<Self, Failure> {
        let mut tds = tiberius::Config::new();
        tds.host(config.address.host());
        if let ServerAddress::Instance { instance, .. } = &config.address {
            tds.instance_name(instance);
        }
        tds.database(&config.database);
        tds.application_name(APPLICATION);
        tds.authentication(account);
        tds.command_timeout(None);
        // What the driver writes is encrypted below it.
        tds.encryption(EncryptionLevel::NotSupported);
        let Reached { wire, watched } = reached;
        let client = Client::connect(tds, wire.compat_write()).await;
        let client = client.map_err(Failure::from_connect)?;
        let used_at = Instant::now();
        Ok(Self { client, watched, in_call: false, is_suspect: false, used_at })
    }

    /// Whether it was left in mid-call, and must not be used again.
    pub(crate) const fn is_left(&self) -> bool {
        self.in_call
    }

    /// Runs one statement with its parameters `@P1`, `@P2` and so on.
    pub(crate) async fn query(
        &mut self,
        statement: &str,
        params: &[Param],
    ) -> Result<ResultSets, Failure> {
        let mut query = Query::new(statement);
        for param in params {
            match param {
                Param::Text(text) => query.bind(text.as_str()),
                Param::Int(number) => query.bind(*number),
                Param::BigInt(number) => query.bind(*number),
                Param::Bit(bit) => query.bind(*bit),
            }
        }
        self.in_call = true;
        let limit = Duration::from_secs(COMMAND_SECS_MAX);
        let answer = tokio::time::timeout(limit, async {
            collect(query.query(&mut self.client).await?).await
        });
        let answer = match answer.await {
            Ok(answer) => answer.map_err(Failure::from_call),
            Err(_) => Err(Failure::reply_lost("the server took too long")),
        };
        self.used_at = Instant::now();
        self.is_suspect = matches!(answer, Err(Failure::Server { .. }));
        self.in_call = answer.is_err() && !self.is_suspect;
        answer
    }

    /// Runs one batch of a script. It may take as long as it takes: a schema step on a large table does.
    pub(crate) async fn batch(
        &mut self,
        statements: &str,
    ) -> Result<ResultSets, tiberius::error::Error> {
        self.in_call = true;
        let answer = async { collect(self.client.simple_query(statements).await?).await }.await;
        self.used_at = Instant::now();
        self.in_call = answer.as_ref().is_err_and(|error| error.code().is_none());
        answer
    }

    /// Whether the other end has hung up, or says something that nobody asked for.
    fn is_dead(&self) -> bool {
        !matches!(self.watched.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }
}

async fn collect(mut stream: tiberius::QueryStream<'_>) -> tiberius::Result<ResultSets> {
    let mut sets = ResultSets::new();
    while let Some(item) = stream.try_next().await? {
        match item {
            QueryItem::Metadata(_) => sets.push(Vec::new()),
            QueryItem::Row(row) => match sets.last_mut() {
                Some(set) => set.push(row),
                None => sets.push(vec![row]),
            },
        }
    }
    Ok(sets)
}

async fn connect(config: &SqlServerConfig, who: &Credentials) -> Result<Connection, Failure> {
    let account = account(config.sign_in, who)?;
    let reached = reach(config).await.map_err(|stopped| Failure::of_finding(stopped.finding))?;
    Connection::sign_in(reached, config, account).await
}

/// How someone signs in. What cannot be right is told without asking the server.
pub(crate) fn account(sign_in: SignIn, who: &Credentials) -> Result<AuthMethod, Failure> {
    let password = who.password.expose_secret();
    match sign_in {
        SignIn::Login if password.is_empty() => Err(Failure::login()),
        _ if password.chars().count() > PASSWORD_CHARS_MAX => Err(Failure::login()),
        SignIn::Login => Ok(AuthMethod::sql_server(who.login.as_str(), password)),
        #[cfg(windows)]
        SignIn::Windows if password.is_empty() => Ok(AuthMethod::Integrated),
        #[cfg(windows)]
        SignIn::Windows => Ok(AuthMethod::windows(who.login.as_str(), password)),
        #[cfg(not(windows))]
        SignIn::Windows => Err(Failure::of_finding(Finding::WindowsOnly)),
    }
}

/// Makes the connections of one login at one site.
pub(crate) struct Connections {
    pub(crate) config: SqlServerConfig,
    who: RwLock<Credentials>,
}

impl Connections {
    pub(crate) const fn new(config: SqlServerConfig, who: Credentials) -> Self {
        Self { config, who: RwLock::new(who) }
    }

    /// Whose.
    pub(crate) fn who(&self) -> Credentials {
        self.who.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Further connections sign in with this password.
    pub(crate) fn sign_in_with(&self, password: &SecretString) {
        self.who.write().unwrap_or_else(PoisonError::into_inner).password = password.clone();
    }
}

impl Manager for Connections {
    type Type = Connection;
    type Error = Failure;

    async fn create(&self) -> Result<Connection, Failure> {
        Connection::open(&self.config, &self.who()).await
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Failure> {
        if connection.in_call {
            return Err(RecycleError::message("it was left in mid-call"));
        }
        if connection.is_dead() {
            return Err(RecycleError::message("the other end hung up"));
        }
        let is_idle = connection.used_at.elapsed() >= Duration::from_secs(IDLE_SECS_MAX);
        if is_idle || connection.is_suspect {
            // Whatever went wrong is over. It rolls back in any case: a procedure of Babelfish's that ended by an error
            // leaves the session with its owner's rights until then.
            let clean = "IF @@TRANCOUNT = 0 BEGIN TRANSACTION; ROLLBACK TRANSACTION";
            let probe = connection.query(clean, &[]);
            match tokio::time::timeout(Duration::from_secs(PROBE_SECS_MAX), probe).await {
                Ok(answer) => drop(answer.map_err(RecycleError::Backend)?),
                Err(_) => return Err(RecycleError::message("it does not answer any more")),
            }
        }
        Ok(())
    }
}
