//! A blocking client of PostgreSQL that works on every thread.
//!
//! Its names are those of the crate `postgres`. Each type here whose name begins with `Async`
//! adapts one of `tokio-postgres`, and `#[blocking]` makes the blocking type of it.
//!
//! A method whose statement is over when it returns takes `&self`, so that threads can share a
//! client. A transaction or a row iterator goes on afterwards, and so borrows the client: on one
//! connection no other statement would be answered meanwhile.
//! nothing else would be answered meanwhile.

mod binary_copy;
mod client;
mod config;
mod copy;
mod generic_client;
mod lazy_pin;
mod notifications;
mod queries;
mod transaction;

pub use tokio_postgres::{
    Column, Error, IsolationLevel, NoTls, Notification, Portal, Row, SimpleQueryMessage, Socket,
    Statement, ToStatement, error, row, tls, types,
};

pub use binary_copy::{AsyncBinaryCopyInWriter, BinaryCopyInWriter, BinaryCopyOutIter};
pub use client::{AsyncCancelToken, AsyncClient, CancelToken, Client};
pub use config::{Config, Tls};
pub use copy::{AsyncCopyInWriter, AsyncCopyOutReader, CopyInWriter, CopyOutReader};
pub use generic_client::GenericClient;
pub use notifications::{AsyncNotifications, Notifications};
pub use queries::{Answers, RowIter, Rows};
pub use transaction::{AsyncTransaction, AsyncTransactionBuilder, Transaction, TransactionBuilder};

type Result<T> = std::result::Result<T, Error>;
