use std::marker::PhantomData;
use std::pin::Pin;

use bridgehead::{Iter, blocking, iter};
use tokio_postgres::binary_copy::{self, BinaryCopyOutRow, BinaryCopyOutStream};

use super::types::{BorrowToSql, ToSql, Type};
use super::{Answers, AsyncClient, AsyncCopyInWriter, CopyInWriter, CopyOutReader, Result};

/// Takes the rows of a `COPY … FROM STDIN BINARY`. Nothing is copied unless it is
/// [finished](Self::finish).
#[blocking(type = BinaryCopyInWriter)]
pub struct AsyncBinaryCopyInWriter<'a> {
    inner: Pin<Box<binary_copy::BinaryCopyInWriter>>,
    client: PhantomData<&'a mut AsyncClient>,
}

#[blocking(type = BinaryCopyInWriter, timeout)]
impl AsyncBinaryCopyInWriter<'_> {
    pub async fn write(&mut self, values: &[&(dyn ToSql + Sync)]) -> Result<()> {
        self.inner.as_mut().write(values).await
    }
    pub async fn write_raw<P, I>(&mut self, values: I) -> Result<()>
    where
        P: BorrowToSql,
        I: IntoIterator<Item = P, IntoIter: ExactSizeIterator>,
    {
        self.inner.as_mut().write_raw(values).await
    }

    /// Ends the copying, and returns the number of rows.
    pub async fn finish(mut self) -> Result<u64> {
        self.inner.as_mut().finish().await
    }
}

impl<'a> BinaryCopyInWriter<'a> {
    /// Makes one of a writer to which nothing has been written.
    pub fn new(writer: CopyInWriter<'a>, types: &[Type]) -> Self {
        let sink = AsyncCopyInWriter::from(writer).into_sink();
        let inner = Box::pin(binary_copy::BinaryCopyInWriter::new(sink, types));
        AsyncBinaryCopyInWriter { inner, client: PhantomData }.into()
    }
}

/// The rows of a `COPY … TO STDOUT BINARY`.
pub struct BinaryCopyOutIter<'a>(Iter<Answers<'a, BinaryCopyOutStream>>);

impl<'a> BinaryCopyOutIter<'a> {
    /// Makes one of a reader from which nothing has been read.
    pub fn new(reader: CopyOutReader<'a>, types: &[Type]) -> Self {
        let stream = reader.into_inner().into_inner().into_inner().into_inner();
        Self(iter(Answers::new(BinaryCopyOutStream::new(stream, types))))
    }
}

impl Iterator for BinaryCopyOutIter<'_> {
    type Item = Result<BinaryCopyOutRow>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
