//! Twins of traits, and of their impls.

use std::fmt::{self, Debug, Display};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bridgehead::blocking;
use futures::stream::{self, BoxStream, Stream, StreamExt};

use crate::pause;

trait Named {
    fn name(&self) -> String;
}

/// A trait with everything that a trait may have.
#[blocking(timeout)]
trait Store<K, V = String>: Named + Debug
where
    K: ?Sized,
{
    type Error: Display + From<Self::Cause>;
    type Cause;
    type Unused;
    type Row<'a>
    where
        Self: 'a;

    async fn get(&self, key: &K) -> Result<V, Self::Error>;

    async fn provided(&self, _first: u8, second: u8) -> u8 {
        pause().await;
        second
    }

    async fn row(&mut self) -> Self::Row<'_>;
    async fn array(&self) -> [u8; 2];
    async fn generic<A: Default>(&self) -> A;
    async fn implied(&self, text: impl Into<String>) -> String;
    async fn opened() -> Self
    where
        Self: Sized;
    async fn merged(&self, other: &Self) -> bool;
    async fn end(self) -> usize;
    async fn shared(self: Arc<Self>) -> usize;
    fn keys(&self) -> BoxStream<'_, u8>;
    fn nameless(&self) -> impl Stream<Item = u8> + use<'_, Self, K, V>
    where
        Self: Sized;
    fn plain(&self) -> u8;
}

#[derive(Debug)]
struct Memory;

impl Named for Memory {
    fn name(&self) -> String {
        "memory".to_owned()
    }
}

#[derive(Debug, PartialEq)]
struct NotFound;

impl Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not found")
    }
}

impl From<u8> for NotFound {
    fn from(_: u8) -> Self {
        Self
    }
}

impl Store<str> for Memory {
    type Error = NotFound;
    type Cause = u8;
    type Unused = ();
    type Row<'a> = &'a str;

    async fn get(&self, key: &str) -> Result<String, NotFound> {
        pause().await;
        if key.is_empty() { Err(NotFound) } else { Ok(key.to_owned()) }
    }

    async fn row(&mut self) -> &str {
        "row"
    }

    async fn array(&self) -> [u8; 2] {
        [1, 2]
    }

    async fn generic<A: Default>(&self) -> A {
        A::default()
    }

    async fn implied(&self, text: impl Into<String>) -> String {
        text.into()
    }

    async fn opened() -> Self {
        Memory
    }

    async fn merged(&self, _other: &Self) -> bool {
        true
    }

    async fn end(self) -> usize {
        2
    }

    async fn shared(self: Arc<Self>) -> usize {
        Arc::strong_count(&self)
    }

    fn keys(&self) -> BoxStream<'_, u8> {
        stream::iter([1, 2]).boxed()
    }

    fn nameless(&self) -> impl Stream<Item = u8> + use<'_> {
        stream::iter([1, 2])
    }

    fn plain(&self) -> u8 {
        4
    }
}

#[test]
fn twins_of_a_traits_functions() {
    let mut memory = <Memory as BlockingStore<str>>::blocking_opened();
    assert_eq!(memory.blocking_get(""), Err(NotFound));
    assert_eq!(memory.blocking_get_timeout("a", Duration::MAX).unwrap(), Ok("a".to_owned()));
    assert_eq!(memory.blocking_provided(1, 2), 2);
    assert_eq!(memory.blocking_row(), "row");
    assert_eq!(memory.blocking_array(), [1, 2]);
    assert_eq!(memory.blocking_generic::<u8>(), 0);
    assert_eq!(memory.blocking_implied("a"), "a");
    assert!(memory.blocking_merged(&memory));
    assert!(memory.blocking_keys().eq([1, 2]));
    assert!(memory.blocking_nameless().eq([1, 2]));
    assert_eq!((memory.plain(), memory.name().as_str()), (4, "memory"));
    assert_eq!(memory.blocking_end(), 2);
    assert_eq!(Arc::new(Memory).blocking_shared(), 1);
}

#[blocking(name = "SyncPlain", suffix = "_sync")]
trait Plain: Send + Sync {
    type Output;
    async fn get(&self) -> Self::Output;
    async fn generic<A>(&self, value: A) -> A;
    async fn returned(&self) -> impl Display;
    async fn end(self);
    async fn made() -> u8;
}

impl Plain for u8 {
    type Output = u8;

    async fn get(&self) -> u8 {
        pause().await;
        *self
    }

    async fn generic<A>(&self, value: A) -> A {
        value
    }

    async fn returned(&self) -> impl Display {
        "a"
    }

    async fn end(self) {}

    async fn made() -> u8 {
        4
    }
}

/// The twin is dyn-compatible, although the async trait isn't.
#[test]
fn a_twin_can_be_an_object() {
    let object: Box<dyn SyncPlain<Output = u8>> = Box::new(4);
    let object = std::thread::spawn(move || {
        assert_eq!(object.get_sync(), 4);
        object
    });
    assert_eq!(object.join().unwrap().get_sync(), 4);
    assert_eq!(4_u8.generic_sync("a"), "a");
    assert_eq!(4_u8.returned_sync().to_string(), "a");
    4_u8.end_sync();
    assert_eq!(u8::made_sync(), 4);
}

#[blocking]
trait Base {
    async fn base(&self) -> u8;
}

/// The supertrait of the twin is the twin of the supertrait.
#[blocking(twins(Base = BlockingBase))]
trait Derived: Base {
    async fn derived(&self) -> u8;
}

impl Base for u8 {
    async fn base(&self) -> u8 {
        1
    }
}

impl Derived for u8 {
    async fn derived(&self) -> u8 {
        2
    }
}

#[test]
fn a_supertrait_has_its_twin() {
    let object: &dyn BlockingDerived = &4;
    assert_eq!((object.blocking_base(), object.blocking_derived()), (1, 2));
}

/// Its name is also that of the type parameter for which the twin is implemented.
#[blocking]
trait T<S> {
    async fn get(&self, key: S) -> S;
}

impl<S> T<S> for u8 {
    async fn get(&self, key: S) -> S {
        pause().await;
        key
    }
}

#[test]
fn a_trait_may_have_a_short_name() {
    assert_eq!(4_u8.blocking_get("a"), "a");
}

/// A trait of another crate.
trait Foreign<K> {
    type Error;
    const LENGTH: usize;
    async fn fetch(&self, key: K) -> Result<u32, Self::Error>;
    async fn length(&self) -> [u8; 2];
    fn plain(&self) {}
}

#[blocking(type = BlockingOther)]
#[derive(Clone, Copy)]
struct Other;

#[blocking(timeout)]
impl Foreign<u32> for Other {
    type Error = NotFound;
    const LENGTH: usize = 2;

    async fn fetch(&self, key: u32) -> Result<u32, Self::Error> {
        pause().await;
        Ok(key)
    }

    async fn length(&self) -> [u8; 2] {
        [0; 2]
    }
}

impl Foreign<&str> for Other {
    type Error = ();
    const LENGTH: usize = 3;

    async fn fetch(&self, _: &str) -> Result<u32, ()> {
        Err(())
    }

    async fn length(&self) -> [u8; 2] {
        [0; 2]
    }
}

struct Generic<T>(Rc<T>);

#[blocking]
impl<T: Clone> Foreign<T> for Generic<T> {
    type Error = T;
    const LENGTH: usize = 2;

    async fn fetch(&self, key: T) -> Result<u32, Self::Error> {
        Err(key)
    }

    async fn length(&self) -> [u8; 2] {
        [u8::try_from(Rc::strong_count(&self.0)).unwrap(); 2]
    }
}

#[blocking(type = BlockingOther, forward)]
impl Foreign<u8> for Other {
    type Error = u8;
    const LENGTH: usize = 2;

    async fn fetch(&self, key: u8) -> Result<u32, Self::Error> {
        pause().await;
        Err(key)
    }

    async fn length(&self) -> [u8; 2] {
        [0; 2]
    }

    fn plain(&self) {}
}

/// The twins are inherent methods of the type.
#[test]
fn twins_of_an_impls_functions() {
    assert_eq!(Other.blocking_fetch(4), Ok(4));
    assert_eq!(Other.blocking_fetch_timeout(4, Duration::MAX).unwrap(), Ok(4));
    assert_eq!(Other.blocking_length(), [0; <Other as Foreign<u32>>::LENGTH]);
    assert_eq!(Generic(Rc::new(4)).blocking_fetch(5), Err(5));
    assert_eq!(Generic(Rc::new(4)).blocking_length(), [1, 1]);
    let twin = BlockingOther::from(Other);
    assert_eq!(twin.fetch(4), Err(4));
    assert_eq!(twin.length(), [0, 0]);
    twin.plain();
}
