use bridgehead::blocking;

use super::queries::Params;
use super::{
    AsyncCancelToken, CancelToken, IsolationLevel, Portal, Result, Row, RowIter, Rows, ToStatement,
};

/// A transaction, which is rolled back when it is dropped.
#[blocking(type = Transaction)]
pub struct AsyncTransaction<'a> {
    pub(super) inner: tokio_postgres::Transaction<'a>,
}

#[blocking(
    type = Transaction,
    twins(AsyncCancelToken = CancelToken, Rows = RowIter),
    timeout,
    forward
)]
impl AsyncTransaction<'_> {
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await
    }
    pub async fn rollback(self) -> Result<()> {
        self.inner.rollback().await
    }

    /// A transaction within this one, by a savepoint.
    pub async fn transaction(&mut self) -> Result<AsyncTransaction<'_>> {
        Ok(AsyncTransaction { inner: self.inner.transaction().await? })
    }
    pub async fn savepoint(&mut self, name: impl Into<String>) -> Result<AsyncTransaction<'_>> {
        Ok(AsyncTransaction { inner: self.inner.savepoint(name).await? })
    }

    /// Makes a portal, which returns the rows of a query in portions.
    pub async fn bind<Q: ToStatement + ?Sized>(
        &self,
        query: &Q,
        params: Params<'_>,
    ) -> Result<Portal> {
        self.inner.bind(query, params).await
    }

    /// The next rows of a portal. A `max_rows` of 0 returns all remaining ones.
    pub async fn query_portal(&self, portal: &Portal, max_rows: i32) -> Result<Vec<Row>> {
        self.inner.query_portal(portal, max_rows).await
    }
    pub async fn query_portal_raw(&mut self, portal: &Portal, max_rows: i32) -> Result<Rows<'_>> {
        self.inner.query_portal_raw(portal, max_rows).await.map(Rows::new)
    }
    pub fn cancel_token(&self) -> AsyncCancelToken {
        AsyncCancelToken(self.inner.cancel_token())
    }
}

/// The settings of a transaction that has not begun.
#[blocking(type = TransactionBuilder)]
pub struct AsyncTransactionBuilder<'a> {
    pub(super) inner: tokio_postgres::TransactionBuilder<'a>,
}

#[blocking(
    type = TransactionBuilder,
    twins(AsyncTransaction = Transaction),
    timeout,
    forward
)]
impl<'a> AsyncTransactionBuilder<'a> {
    pub fn isolation_level(self, isolation_level: IsolationLevel) -> Self {
        Self { inner: self.inner.isolation_level(isolation_level) }
    }
    pub fn read_only(self, read_only: bool) -> Self {
        Self { inner: self.inner.read_only(read_only) }
    }
    pub fn deferrable(self, deferrable: bool) -> Self {
        Self { inner: self.inner.deferrable(deferrable) }
    }
    pub async fn start(self) -> Result<AsyncTransaction<'a>> {
        Ok(AsyncTransaction { inner: self.inner.start().await? })
    }
}
