use std::future::poll_fn;
use std::{panic, thread};

use bridgehead::{blocking, sync_call};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_postgres::AsyncMessage;

use super::{
    AsyncNotifications, AsyncTransaction, AsyncTransactionBuilder, Config, Notification,
    Notifications, Result, Tls, Transaction, TransactionBuilder,
};

/// A connection to a server, which is closed when the client is dropped.
#[blocking(type = Client)]
#[derive(Debug)]
pub struct AsyncClient {
    pub(super) inner: tokio_postgres::Client,
    /// The background task that moves the bytes. It ends with the client, or with an error.
    connection: JoinHandle<Result<()>>,
    notifications: mpsc::UnboundedReceiver<Notification>,
}

#[blocking(type = Client, timeout, forward, twins(
    AsyncCancelToken = CancelToken,
    AsyncNotifications = Notifications,
    AsyncTransaction = Transaction,
    AsyncTransactionBuilder = TransactionBuilder,
))]
impl AsyncClient {
    pub async fn connect<T: Tls>(params: &str, tls: T) -> Result<Self> {
        Self::open(&params.parse()?, tls).await
    }
    pub fn configure() -> Config {
        Config::new()
    }

    /// Connects, as `Config::connect` does.
    pub(super) async fn open<T: Tls>(config: &Config, tls: T) -> Result<Self> {
        if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            return Self::open_here(config, tls).await;
        }
        // A current-thread runtime makes no progress while its thread blocks, and so neither would
        // a connection on it. Calls on a plain thread are served by a runtime with threads of its
        // own.
        let (sender, receiver) = oneshot::channel();
        let config = config.clone();
        thread::spawn(move || drop(sender.send(sync_call!(Self::open_here(&config, tls)))));
        receiver.await.expect("the thread has not panicked")
    }

    async fn open_here<T: Tls>(config: &Config, tls: T) -> Result<Self> {
        let (inner, mut connection) = config.inner.connect(tls).await?;
        let (sender, notifications) = mpsc::unbounded_channel();
        let on_notice = config.on_notice.clone();
        let connection = tokio::spawn(async move {
            while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
                match message? {
                    // The receiver is gone if the client has been dropped.
                    AsyncMessage::Notification(notification) => drop(sender.send(notification)),
                    AsyncMessage::Notice(notice) => on_notice(notice),
                    _ => (),
                }
            }
            Ok(())
        });
        Ok(Self { inner, connection, notifications })
    }

    /// Checks that the server still answers.
    pub async fn check_connection(&self) -> Result<()> {
        self.inner.check_connection().await
    }
    pub async fn transaction(&mut self) -> Result<AsyncTransaction<'_>> {
        Ok(AsyncTransaction { inner: self.inner.transaction().await? })
    }
    pub fn build_transaction(&mut self) -> AsyncTransactionBuilder<'_> {
        AsyncTransactionBuilder { inner: self.inner.build_transaction() }
    }
    pub fn notifications(&mut self) -> AsyncNotifications<'_> {
        AsyncNotifications { receiver: &mut self.notifications }
    }
    pub fn cancel_token(&self) -> AsyncCancelToken {
        AsyncCancelToken(self.inner.cancel_token())
    }
    pub fn clear_type_cache(&self) {
        self.inner.clear_type_cache();
    }
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Closes the connection. If it was closed already, returns the reason.
    pub async fn close(self) -> Result<()> {
        drop(self.inner);
        match self.connection.await {
            Ok(result) => result,
            // A panic of the callback for notices.
            Err(error) if error.is_panic() => panic::resume_unwind(error.into_panic()),
            // The task ended with its runtime.
            Err(_) => Ok(()),
        }
    }
}

/// Cancels the statement that the server is executing for a client, over a connection of its own.
#[blocking(type = CancelToken)]
#[derive(Clone)]
pub struct AsyncCancelToken(pub(super) tokio_postgres::CancelToken);

#[blocking(type = CancelToken, timeout)]
impl AsyncCancelToken {
    pub async fn cancel_query<T: Tls>(&self, tls: T) -> Result<()> {
        self.0.cancel_query(tls).await
    }
}
