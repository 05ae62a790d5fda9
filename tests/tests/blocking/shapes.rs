//! Every shape of an async function.

use std::cell::Cell;
use std::fmt::Display;
use std::future::{Future, Ready, ready};
use std::panic::{self, AssertUnwindSafe, Location};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridgehead::blocking;
use bridgehead_tests::message;
use futures::future::{BoxFuture, LocalBoxFuture};

use crate::pause;

struct Client<T, const N: usize> {
    values: [T; N],
}

#[blocking]
impl<T, const N: usize> Client<T, N>
where
    T: Display + Copy,
{
    async fn new(values: [T; N]) -> Self {
        pause().await;
        Self { values }
    }

    async fn no_arguments() -> usize {
        N
    }

    async fn by_value(mut self, value: T) -> T {
        pause().await;
        self.values[0] = value;
        self.values[0]
    }

    async fn pinned(self: Pin<&mut Self>) -> usize {
        N
    }

    async fn shared(self: Arc<Self>) -> usize {
        Arc::strong_count(&self)
    }

    async fn counted(self: &Rc<Self>) -> usize {
        Rc::strong_count(self)
    }

    async fn boxed(self: Box<Self>) -> T {
        self.values[0]
    }

    async fn typed(self: &mut Self, value: T) -> &T {
        self.values[0] = value;
        &self.values[0]
    }

    async fn named<'a>(&'a self, other: &'a T, _unused: &T) -> &'a T {
        if N > 1 { &self.values[0] } else { other }
    }

    async fn elided(&self, _other: &str) -> Option<&T> {
        pause().await;
        self.values.first()
    }

    async fn borrowing(&self) -> Held<'_, T> {
        Held(&self.values[0])
    }

    async fn generic<A: Default + PartialEq, const M: usize>(&self) -> (A, [u8; M]) {
        (A::default(), [0; M])
    }

    async fn implied(
        &self,
        text: impl Into<String>,
        f: impl AsyncFnOnce(T) -> u32,
    ) -> impl Display {
        let text = text.into();
        format!("{text}{}", f(self.values[0]).await)
    }

    async fn named_and_implied<A: Default>(&self, number: impl Into<u64>) -> (A, u64) {
        (A::default(), number.into())
    }

    async fn patterns(&self, (a, b): (u8, u8), mut c: u8, _: u8, _d: u8, [e, ..]: [u8; 2]) -> u8 {
        c += 1;
        a + b + c + e
    }

    async fn conditional(
        &self,
        #[cfg(test)] a: u8,
        #[cfg(not(test))] b: &str,
        #[cfg(any())] c: u8,
        d: u8,
    ) -> u8 {
        a + d
    }

    async fn bounded<A>(&self, value: A) -> A
    where
        A: Clone,
        Self: Sized,
    {
        value.clone()
    }

    /// # Safety
    ///
    /// None.
    #[allow(unsafe_code, clippy::unused_async)]
    async unsafe fn not_checked(&self) -> T {
        self.values[0]
    }

    fn future(&self) -> impl Future<Output = T> + '_ {
        async {
            pause().await;
            self.values[0]
        }
    }

    fn future_of_result<'a>(&'a self) -> impl Future<Output = Result<&'a T, ()>> + use<'a, T, N> {
        ready(Ok(&self.values[0]))
    }

    fn future_of_implied(&self) -> impl Future<Output = impl Display + '_> + Send
    where
        T: Sync,
        T: Send,
    {
        ready(&self.values[0])
    }

    fn dynamic(&self) -> Pin<Box<dyn Future<Output = &T> + '_>> {
        Box::pin(async { &self.values[0] })
    }

    fn named_box(&self) -> LocalBoxFuture<'_, T> {
        Box::pin(async { self.values[0] })
    }

    #[blocking(output = u8)]
    fn told(&self) -> Ready<u8> {
        ready(5)
    }

    #[blocking(name = "waited_for")]
    async fn named_otherwise(&self) {}

    #[blocking(skip)]
    #[allow(dead_code)]
    async fn left_out(&self) {}

    fn blocking_left_out(&self) -> usize {
        N
    }

    #[cfg(any())]
    async fn not_there(&self) -> NotThere {}

    #[must_use]
    #[deprecated = "for the test"]
    #[inline]
    async fn attributes(&self) -> usize {
        N
    }

    async fn r#type(&self) -> usize {
        N
    }

    async fn never(&self) -> ! {
        panic::panic_any(String::from("of the test"))
    }
}

/// With a timeout its output type has a name, though the function never returns.
#[blocking(timeout)]
async fn serve() -> ! {
    std::future::pending().await
}

/// As with `blocking` of an optional dependency.
#[cfg_attr(test, blocking)]
impl Client<u32, 0> {
    async fn optional(&self) -> u32 {
        4
    }
}

/// An item that is configured out has no twin.
#[blocking]
#[cfg(any())]
async fn not_there() -> NotThere {}

#[blocking]
#[cfg(any())]
impl NotThere {
    async fn get(&self) {}
}

#[blocking(type = BlockingNotThere)]
#[cfg(any())]
struct NotThere;

#[blocking(module = not_there)]
#[cfg(any())]
struct NotThereEither;

#[blocking]
#[cfg(any())]
trait NotThere {
    async fn get(&self) -> NotThere;
}

struct Held<'a, T>(&'a T);

#[blocking(prefix = "sync_")]
impl Held<'_, u8> {
    async fn get(&self) -> u8 {
        *self.0
    }
}

#[blocking(suffix = "_blocking", timeout)]
impl<'a> Held<'a, String> {
    async fn get(&self) -> &'a str {
        self.0
    }

    async fn with_timeout(&self, timeout: Duration) -> Duration {
        timeout
    }
}

#[blocking]
async fn free<'a, A>(value: &'a A, others: &[A]) -> (&'a A, usize)
where
    A: ?Sized,
    A: Clone,
{
    pause().await;
    (value, others.len())
}

#[blocking]
fn boxed(number: u32) -> BoxFuture<'static, u32> {
    Box::pin(async move { number })
}

/// The attribute on single methods of an impl.
struct Single(Mutex<u32>);

impl Single {
    #[blocking(timeout)]
    async fn new() -> Self {
        Self(Mutex::new(1))
    }

    #[blocking(name = "number")]
    async fn get(&self) -> u32 {
        pause().await;
        *self.0.lock().unwrap()
    }
}

macro_rules! client {
    ($name:ident, $argument:ty, $returned:ty, $body:expr) => {
        #[blocking]
        async fn $name(argument: $argument) -> $returned {
            pause().await;
            $body(argument)
        }
    };
}

client!(by_macro, &str, Option<usize>, |text: &str| Some(text.len()));

#[test]
fn receivers() {
    let mut client = Client::<u8, 1>::blocking_new([1]);
    assert_eq!(Client::<u8, 3>::blocking_no_arguments(), 3);
    assert_eq!(Pin::new(&mut client).blocking_pinned(), 1);
    assert_eq!(*client.blocking_typed(4), 4);
    assert_eq!(client.blocking_by_value(3), 3);
    assert_eq!(Arc::new(Client { values: [1] }).blocking_shared(), 1);
    assert_eq!(Rc::new(Client { values: [1] }).blocking_counted(), 1);
    assert_eq!(Box::new(Client { values: [1] }).blocking_boxed(), 1);
}

#[test]
fn lifetimes_and_generics() {
    let client = Client { values: [1, 2] };
    assert_eq!(client.blocking_named(&3, &4), &1);
    assert_eq!(client.blocking_elided(""), Some(&1));
    assert_eq!(*client.blocking_borrowing().0, 1);
    assert_eq!(client.blocking_generic::<String, 2>(), (String::new(), [0; 2]));
    let implied = client.blocking_implied("a", async |value| {
        pause().await;
        value + 4
    });
    assert_eq!(implied.to_string(), "a5");
    assert_eq!(client.blocking_named_and_implied::<u8>(4_u32), (0, 4));
    assert_eq!(client.blocking_bounded(Cell::new(4)).get(), 4);
    assert_eq!(blocking_free(&1, &[1, 2]), (&1, 2));
}

#[test]
fn arguments() {
    let client = Client { values: [1, 2] };
    assert_eq!(client.blocking_patterns((1, 2), 3, 0, 0, [4, 0]), 11);
    assert_eq!(client.blocking_conditional(1, 2), 3);
    assert_eq!(Client { values: [] }.blocking_optional(), 4);
    assert_eq!(blocking_by_macro("four"), Some(4));
}

#[test]
fn futures_that_are_returned() {
    let client = Client { values: [1, 2] };
    assert_eq!(client.blocking_future(), 1);
    assert_eq!(client.blocking_future_of_result(), Ok(&1));
    assert_eq!(client.blocking_future_of_implied().to_string(), "1");
    assert_eq!(client.blocking_dynamic(), &1);
    assert_eq!(client.blocking_named_box(), 1);
    assert_eq!(client.blocking_told(), 5);
    assert_eq!(blocking_boxed(4), 4);
}

#[test]
#[allow(unsafe_code)]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn qualifiers_and_attributes() {
    let client = Client { values: [1, 2] };
    // SAFETY: it has no requirements.
    assert_eq!(unsafe { client.blocking_not_checked() }, 1);
    #[expect(deprecated)]
    let attributes = client.blocking_attributes();
    assert_eq!(attributes, 2);
    #[expect(deprecated, unused_must_use)]
    client.blocking_attributes();
    assert_eq!(client.blocking_type(), 2);
    let payload = panic::catch_unwind(AssertUnwindSafe(|| client.blocking_never())).unwrap_err();
    assert_eq!(message(payload.as_ref()), "of the test");
}

#[test]
fn a_function_that_never_returns() {
    let Err(error) = blocking_serve_timeout(Duration::from_millis(1));
    assert!(error.is_timeout());
}

#[test]
fn names() {
    let client = Client { values: [1, 2] };
    client.waited_for();
    assert_eq!(client.blocking_left_out(), 2);
    assert_eq!(Held(&4).sync_get(), 4);
    let text = String::from("a");
    assert_eq!(Held(&text).get_blocking(), "a");
    assert_eq!(Held(&text).get_blocking_timeout(Duration::MAX).unwrap(), "a");
    let short = Duration::from_millis(3);
    assert_eq!(Held(&text).with_timeout_blocking_timeout(short, Duration::MAX).unwrap(), short);
    assert_eq!(Single::blocking_new_timeout(Duration::MAX).unwrap().number(), 1);
}

#[track_caller]
fn caller() -> u32 {
    Location::caller().line()
}

/// The error of a call has the line where the twin was called.
#[test]
fn the_location_is_the_callers() {
    #[blocking(timeout)]
    async fn never() {
        std::future::pending::<()>().await;
    }
    let (line, error) = (caller(), blocking_never_timeout(Duration::from_millis(1)).unwrap_err());
    assert_eq!((error.location().file(), error.location().line()), (file!(), line));
}
