use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use bridgehead::{Iter, blocking};
use futures_util::Stream;
use tokio_postgres::RowStream;

use super::lazy_pin::LazyPin;
use super::types::{BorrowToSql, ToSql, Type};
use super::{
    AsyncClient, AsyncCopyInWriter, AsyncCopyOutReader, AsyncTransaction, Client, CopyInWriter,
    CopyOutReader, Result, Row, SimpleQueryMessage, Statement, ToStatement, Transaction, copy,
};

pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];
pub(super) type TypedParams<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// The methods that a client and a transaction have in common.
macro_rules! queries {
    ($async_type:ty, $blocking_type:ident) => {
        #[blocking(
            type = $blocking_type,
            twins(Rows = RowIter, AsyncCopyInWriter = CopyInWriter, AsyncCopyOutReader = CopyOutReader),
            timeout
        )]
        impl $async_type {
            pub async fn prepare(&self, query: &str) -> Result<Statement> {
                self.inner.prepare(query).await
            }
            pub async fn prepare_typed(&self, query: &str, types: &[Type]) -> Result<Statement> {
                self.inner.prepare_typed(query, types).await
            }
            pub async fn execute<Q: ToStatement + ?Sized>(&self, query: &Q, params: Params<'_>) -> Result<u64> {
                self.inner.execute(query, params).await
            }
            pub async fn query<Q: ToStatement + ?Sized>(&self, query: &Q, params: Params<'_>) -> Result<Vec<Row>> {
                self.inner.query(query, params).await
            }
            pub async fn query_one<Q: ToStatement + ?Sized>(&self, query: &Q, params: Params<'_>) -> Result<Row> {
                self.inner.query_one(query, params).await
            }
            pub async fn query_opt<Q: ToStatement + ?Sized>(&self, query: &Q, params: Params<'_>) -> Result<Option<Row>> {
                self.inner.query_opt(query, params).await
            }
            /// The rows one by one, as they arrive.
            pub async fn query_raw<Q, P, I>(&mut self, query: &Q, params: I) -> Result<Rows<'_>>
            where
                Q: ToStatement + ?Sized,
                P: BorrowToSql,
                I: IntoIterator<Item = P, IntoIter: ExactSizeIterator>,
            {
                self.inner.query_raw(query, params).await.map(Rows::new)
            }
            pub async fn execute_typed(&self, query: &str, params: TypedParams<'_>) -> Result<u64> {
                self.inner.execute_typed(query, params).await
            }
            pub async fn query_typed(&self, query: &str, params: TypedParams<'_>) -> Result<Vec<Row>> {
                self.inner.query_typed(query, params).await
            }
            pub async fn query_typed_one(&self, query: &str, params: TypedParams<'_>) -> Result<Row> {
                self.inner.query_typed_one(query, params).await
            }
            pub async fn query_typed_opt(&self, query: &str, params: TypedParams<'_>) -> Result<Option<Row>> {
                self.inner.query_typed_opt(query, params).await
            }
            pub async fn query_typed_raw<P, I>(&mut self, query: &str, params: I) -> Result<Rows<'_>>
            where
                P: BorrowToSql,
                I: IntoIterator<Item = (P, Type)>,
            {
                self.inner.query_typed_raw(query, params).await.map(Rows::new)
            }
            pub async fn simple_query(&self, query: &str) -> Result<Vec<SimpleQueryMessage>> {
                self.inner.simple_query(query).await
            }
            pub async fn batch_execute(&self, query: &str) -> Result<()> {
                self.inner.batch_execute(query).await
            }
            /// A writer for what a `COPY … FROM STDIN` reads.
            pub async fn copy_in<Q: ToStatement + ?Sized>(&mut self, query: &Q) -> Result<AsyncCopyInWriter<'_>> {
                self.inner.copy_in(query).await.map(AsyncCopyInWriter::new)
            }
            /// A reader of what a `COPY … TO STDOUT` writes.
            pub async fn copy_out<Q: ToStatement + ?Sized>(&mut self, query: &Q) -> Result<AsyncCopyOutReader<'_>> {
                self.inner.copy_out(query).await.map(copy::reader)
            }
        }
    };
}

queries!(AsyncClient, Client);
queries!(AsyncTransaction<'_>, Transaction);

/// The rows of a query, as they arrive.
pub type RowIter<'a> = Iter<Rows<'a>>;
pub type Rows<'a> = Answers<'a, RowStream>;

/// A response that the server sends piece by piece. Until its end, the connection can't be used for
/// anything else.
pub struct Answers<'a, S> {
    stream: LazyPin<S>,
    client: PhantomData<&'a mut AsyncClient>,
}

impl<S> Answers<'_, S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream: LazyPin::new(stream), client: PhantomData }
    }
    pub(super) fn into_inner(self) -> S {
        self.stream.into_inner()
    }
}

impl Rows<'_> {
    /// How many rows the statement has returned or changed. `None` until all rows have been taken.
    pub fn rows_affected(&self) -> Option<u64> {
        self.stream.get().rows_affected()
    }
}

impl<S: Stream> Stream for Answers<'_, S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.stream.pin().poll_next(cx)
    }
}
