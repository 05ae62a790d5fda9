use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use bridgehead::sync_call;

/// An async client of an object store.
trait Store {
    async fn size(&self, key: &str) -> io::Result<u64>;
    async fn get_range(&self, key: &str, range: Range<u64>) -> io::Result<Vec<u8>>;
}

/// An object that synchronous code can read like a file.
struct Object<S> {
    store: Arc<S>,
    key: String,
    size: u64,
    position: u64,
}

impl<S: Store> Object<S> {
    fn open(store: Arc<S>, key: &str) -> io::Result<Self> {
        let size = sync_call!(store.size(key), on = "background")?;
        Ok(Self { store, key: key.to_owned(), size, position: 0 })
    }
}

impl<S: Store> Read for Object<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.size.min(self.position.saturating_add(buffer.len() as u64));
        if end <= self.position {
            return Ok(0);
        }
        let range = self.position..end;
        let bytes = sync_call!(self.store.get_range(&self.key, range), on = "background")?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.position += bytes.len() as u64;
        Ok(bytes.len())
    }
}

impl<S: Store> Seek for Object<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bridgehead_tests::contexts::everywhere;
    use tokio::fs::File;
    use tokio::io::{AsyncReadExt, AsyncSeekExt};

    use super::*;

    /// Files as objects. Each request opens one, and is counted.
    struct Files(AtomicUsize);

    impl Store for Files {
        async fn size(&self, key: &str) -> io::Result<u64> {
            Ok(tokio::fs::metadata(key).await?.len())
        }

        async fn get_range(&self, key: &str, range: Range<u64>) -> io::Result<Vec<u8>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let mut file = File::open(key).await?;
            file.seek(SeekFrom::Start(range.start)).await?;
            let mut bytes = Vec::new();
            file.take(range.end - range.start).read_to_end(&mut bytes).await?;
            Ok(bytes)
        }
    }

    #[test]
    fn an_object_is_read_as_a_file_is() {
        everywhere(|_| {
            let files = Arc::new(Files(AtomicUsize::new(0)));
            let expected = std::fs::read_to_string("Cargo.toml").expect("the file");
            let mut object = Object::open(Arc::clone(&files), "Cargo.toml").expect("an object");
            let mut all = String::new();
            object.read_to_string(&mut all).expect("no error");
            assert_eq!(all, expected);

            // The end first, as a reader of an archive does.
            let mut end = String::new();
            object.seek(SeekFrom::End(-10)).expect("no error");
            object.read_to_string(&mut end).expect("no error");
            assert!(expected.ends_with(&end) && end.len() == 10);
            object.seek(SeekFrom::Start(1)).expect("no error");
            let mut name = [0; 7];
            object.read_exact(&mut name).expect("no error");
            assert_eq!(&name, b"package");
            object.seek(SeekFrom::Current(1000 * 1000)).expect("as in a file");
            assert_eq!(object.read(&mut name).expect("no error"), 0);
            object.seek(SeekFrom::End(-1000 * 1000)).expect_err("before the beginning");
        });
    }

    #[test]
    fn a_buffer_saves_requests() {
        let files = Arc::new(Files(AtomicUsize::new(0)));
        let object = Object::open(Arc::clone(&files), "Cargo.toml").expect("an object");
        let mut object = BufReader::with_capacity(1 << 20, object);
        let mut byte = [0];
        for _ in 0..100 {
            object.read_exact(&mut byte).expect("no error");
            object.seek_relative(1).expect("no error");
        }
        assert_eq!(files.0.load(Ordering::Relaxed), 1);
        assert!(Object::open(files, "missing").is_err());
    }
}
