use std::net::IpAddr;
use std::ops::Deref;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::config::{
    ChannelBinding, LoadBalanceHosts, SslMode, SslNegotiation, TargetSessionAttrs,
};

use super::error::DbError;
use super::tls::{MakeTlsConnect, TlsConnect};
use super::{Client, Error, Result, Socket};

/// Where to connect to, and how: the settings of a connection string, and a callback for notices.
#[derive(Clone)]
pub struct Config {
    pub(super) inner: tokio_postgres::Config,
    pub(super) on_notice: Arc<dyn Fn(DbError) + Send + Sync>,
}

macro_rules! settings {
    ($($name:ident: $type:ty,)*) => {
        impl Config {
            $(pub fn $name(&mut self, $name: $type) -> &mut Self {
                self.inner.$name($name);
                self
            })*
        }
    };
}

settings! {
    user: &str, password: impl AsRef<[u8]>, dbname: &str, options: &str, application_name: &str,
    host: &str, host_path: impl AsRef<Path>, hostaddr: IpAddr, port: u16, connect_timeout: Duration,
    ssl_mode: SslMode, ssl_negotiation: SslNegotiation, channel_binding: ChannelBinding,
    tcp_user_timeout: Duration, keepalives: bool, keepalives_idle: Duration, keepalives_interval: Duration,
    keepalives_retries: u32, target_session_attrs: TargetSessionAttrs, load_balance_hosts: LoadBalanceHosts,
}

/// What secures a connection, or leaves it insecure.
pub trait Tls: MakeTlsConnect<Socket, Stream: Send, TlsConnect: Connect> + Send + 'static {}
impl<T: MakeTlsConnect<Socket, Stream: Send, TlsConnect: Connect> + Send + 'static> Tls for T {}
pub trait Connect: TlsConnect<Socket, Future: Send> + Send {}
impl<T: TlsConnect<Socket, Future: Send> + Send> Connect for T {}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl Config {
    pub fn new() -> Self {
        tokio_postgres::Config::new().into()
    }

    /// Sets the callback for the server's notices. It is called on any thread, and must not block.
    pub fn notice_callback(
        &mut self,
        on_notice: impl Fn(DbError) + Send + Sync + 'static,
    ) -> &mut Self {
        self.on_notice = Arc::new(on_notice);
        self
    }

    #[track_caller]
    pub fn connect<T: Tls>(&self, tls: T) -> Result<Client> {
        Client::open(self, tls)
    }
}

/// For reading the settings.
impl Deref for Config {
    type Target = tokio_postgres::Config;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl FromStr for Config {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse().map(|inner: tokio_postgres::Config| inner.into())
    }
}

impl From<tokio_postgres::Config> for Config {
    fn from(inner: tokio_postgres::Config) -> Self {
        Self { inner, on_notice: Arc::new(|_| ()) }
    }
}
