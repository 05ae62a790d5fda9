//! What `#[blocking]` expands to compiles under the strictest lints, whatever names are in scope.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications
)]
#![deny(
    rust_2018_idioms,
    single_use_lifetimes,
    unused_lifetimes,
    let_underscore_drop,
    clippy::pedantic
)]
#![forbid(unsafe_code)]

/// Every name that generated code could pick up by mistake means something else here.
mod hostile {
    #![no_implicit_prelude]
    #![allow(non_camel_case_types, non_local_definitions, unused_macros, clippy::unused_async)]

    macro_rules! hostile {
        ($($item:item)*) => { $(#[allow(dead_code)] $item)* };
    }

    hostile! {
        mod bridgehead {}
        mod core {}
        mod std {}
        mod __private {}
        mod future {}
        struct Option;
        struct Result;
        struct Some;
        struct None;
        struct Ok;
        struct Err;
        struct Duration;
        struct CallError;
        struct Iter;
        struct Vec;
        struct Box;
        struct Pin;
        struct u32;
        trait Sized {}
        trait Future {}
        trait Iterator {}
        trait From {
            fn from(&self) {}
            fn into(&self) {}
        }
        impl<T> From for T {}
        trait AsRef {
            fn as_ref(&self) {}
            fn as_mut(&self) {}
        }
        impl<T> AsRef for T {}
        trait Get {
            fn get(&self) {}
            fn set(self) where Self: ::core::marker::Sized {}
            fn map(&self) {}
            fn collect(&self) {}
        }
        impl<T> Get for T {}
        fn wait() {}
        fn enter() {}
        fn try_enter() {}
        fn try_wait() {}
        struct CallOptions;
        fn iter() {}
        fn ready() {}
        struct T;
        struct S;
        macro_rules! derive { () => {}; }
        macro_rules! compile_error { () => {}; }
    }

    #[::bridgehead::blocking(timeout)]
    pub(crate) async fn double(timeout: i32, entered: i32, error: i32) -> i32 {
        ::tokio::task::yield_now().await;
        2 * (timeout + entered + error)
    }

    #[::bridgehead::blocking(timeout)]
    pub(crate) async fn never() -> ! {
        ::core::panic!("of the test")
    }

    #[::bridgehead::blocking(type = BlockingClient)]
    #[::core::prelude::v1::derive(::core::fmt::Debug, ::core::clone::Clone)]
    pub(crate) struct Client<'a>(&'a i32);

    #[::bridgehead::blocking(timeout)]
    impl Client<'_> {
        async fn get(&self) -> i32 {
            *self.0
        }

        async fn made(value: i32) -> ::core::option::Option<i32> {
            ::core::option::Option::Some(value)
        }
    }

    #[::bridgehead::blocking(
        type = BlockingClient,
        prefix = "and_",
        twins(Other = ::bridgehead::Iter<Other>),
        timeout,
        forward,
        crate = ::bridgehead
    )]
    impl<'a> Client<'a> {
        pub(crate) async fn new(number: &'a i32) -> ::core::result::Result<Self, Client<'a>> {
            ::tokio::task::yield_now().await;
            ::core::result::Result::Ok(Self(number))
        }

        pub(crate) async fn set(&mut self, number: &'a i32) -> ::std::vec::Vec<Self> {
            self.0 = number;
            ::std::vec![Self(number)]
        }

        pub(crate) async fn pair(
            self,
            other: &Self,
            value: ::std::boxed::Box<Self>,
        ) -> (::std::boxed::Box<Self>, [Client<'a>; 1]) {
            (value, [Client(if *other.0 == 0 { self.0 } else { other.0 })])
        }

        pub(crate) async fn other(
            &self,
        ) -> ::core::result::Result<::core::option::Option<Other>, ()> {
            ::core::result::Result::Ok(::core::option::Option::Some(Other))
        }

        #[allow(clippy::unnecessary_wraps)]
        pub(crate) fn itself(&mut self) -> ::core::result::Result<&mut Self, ()> {
            ::core::result::Result::Ok(self)
        }

        pub(crate) async fn waited_for(&mut self) -> &mut Self {
            self
        }

        #[allow(clippy::unnecessary_wraps)]
        pub(crate) fn shared(&self) -> ::core::option::Option<&Client<'a>> {
            ::core::option::Option::Some(self)
        }

        pub(crate) fn plain(&self) -> i32 {
            *self.0
        }

        pub(crate) fn all(&self) -> impl ::futures_util::Stream<Item = i32> {
            ::futures_util::stream::iter([*self.0])
        }
    }

    #[::bridgehead::blocking(type = BlockingOwner)]
    #[::core::prelude::v1::derive(::core::fmt::Debug, ::core::clone::Clone)]
    pub(crate) struct Owner<T>(T, ::tokio::runtime::Handle);

    #[::bridgehead::blocking(type = BlockingOwner, on = self.1, timeout, forward)]
    impl<T: ::core::marker::Copy> Owner<T> {
        #[blocking(on = "background", timeout = false)]
        pub(crate) fn of(value: T, handle: ::tokio::runtime::Handle) -> Self {
            Self(value, handle)
        }

        pub(crate) async fn put(&mut self, entered: T) -> ::core::option::Option<Self> {
            ::tokio::task::yield_now().await;
            self.0 = entered;
            ::core::option::Option::Some(Self(entered, ::core::clone::Clone::clone(&self.1)))
        }

        pub(crate) async fn boxed(self: ::std::boxed::Box<Self>) -> T {
            self.0
        }

        pub(crate) fn plain(self) -> T {
            self.0
        }
    }

    pub(crate) struct Other;

    impl ::futures_util::Stream for Other {
        type Item = ();

        fn poll_next(
            self: ::core::pin::Pin<&mut Self>,
            _: &mut ::core::task::Context<'_>,
        ) -> ::core::task::Poll<::core::option::Option<()>> {
            ::core::task::Poll::Ready(::core::option::Option::None)
        }
    }

    #[::bridgehead::blocking(timeout)]
    pub(crate) trait Store<T> {
        type Error;
        async fn get(&self, value: T) -> ::core::result::Result<T, Self::Error>;
        async fn set(self, value: T) -> (T, Self)
        where
            Self: ::core::marker::Sized;
    }

    impl<T> Store<T> for Client<'_> {
        type Error = ();

        async fn get(&self, value: T) -> ::core::result::Result<T, ()> {
            ::core::result::Result::Ok(value)
        }

        async fn set(self, value: T) -> (T, Self) {
            (value, self)
        }
    }

    #[::bridgehead::blocking(module = blocking)]
    impl Store<i32> for Outside {
        type Error = ();

        async fn get(&self, value: i32) -> ::core::result::Result<i32, ()> {
            ::core::result::Result::Ok(value)
        }

        async fn set(self, value: i32) -> (i32, Self) {
            (value, self)
        }
    }

    #[::bridgehead::blocking(module = blocking)]
    pub(crate) enum Outside {
        There,
    }

    pub(crate) fn calls() {
        let _ = (blocking_never, blocking_never_timeout);
        let (timeout, number) = (::core::time::Duration::MAX, 1);
        ::std::assert_eq!(blocking_double(1, 2, 3), 12);
        ::std::assert_eq!(blocking_double_timeout(1, 2, 3, timeout).expect("in time"), 12);
        ::std::assert_eq!(Client(&number).blocking_get(), 1);
        ::std::assert_eq!(
            Client::blocking_made_timeout(1, timeout).expect("in time"),
            ::core::option::Option::Some(1)
        );
        let mut twin = BlockingClient::and_new(&number).expect("a client");
        ::std::assert_eq!(twin.and_set(&number).len(), 1);
        let [first, second] = [&twin, &twin].map(::core::clone::Clone::clone);
        let pair = first.and_pair(&twin, ::std::boxed::Box::new(second));
        ::std::assert_eq!(pair.0.and_plain(), 1);
        let mut other = twin.and_other().expect("no error").expect("another");
        ::std::assert!(::core::iter::Iterator::next(&mut other).is_none());
        ::std::assert!(::core::iter::Iterator::eq(twin.and_all(), [1]));
        ::std::assert_eq!(
            BlockingStore::blocking_get(&Client(&number), 4),
            ::core::result::Result::Ok(4)
        );
        ::std::assert_eq!(BlockingStore::blocking_set(Client(&number), 4).0, 4);
        let handle = ::bridgehead::background().expect("the runtime");
        let mut owner = BlockingOwner::of(1, handle);
        let other = owner.put(4).expect("another");
        ::std::assert_eq!(
            owner.put_timeout(5, timeout).expect("in time").expect("another").plain(),
            5
        );
        ::std::assert_eq!(::std::boxed::Box::new(other).boxed(), 4);
        let outside: blocking::Outside = ::core::convert::From::from(Outside::There);
        ::std::assert_eq!(outside.get(4), ::core::result::Result::Ok(4));
        ::std::assert_eq!(outside.set(4).0, 4);
    }
}

/// The interface of a library, all of which is documented and linted.
pub mod interface {
    use std::fmt::{self, Display};
    use std::future::Future;
    use std::pin::Pin;

    use bridgehead::blocking;
    use futures_util::stream::{self, Stream};
    use tokio::runtime::Handle;
    use tokio::task::yield_now;

    /// A client.
    #[blocking(type = BlockingClient)]
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[must_use]
    pub struct Client {
        number: u32,
    }

    #[blocking(timeout)]
    impl Client {
        /// Connects.
        ///
        /// # Errors
        ///
        /// Never.
        ///
        /// # Examples
        ///
        /// ```
        /// let client = Client::connect("address").await;
        /// ```
        pub async fn connect(_address: &str, __port: u16) -> Result<Self, fmt::Error> {
            yield_now().await;
            Ok(Self { number: 1 })
        }

        /// The number.
        pub async fn number(&self) -> u32 {
            yield_now().await;
            self.number
        }

        /// The number, to be used.
        #[must_use]
        pub async fn used(&self) -> u32 {
            yield_now().await;
            self.number
        }

        /// The number of old.
        #[deprecated = "use `number`"]
        pub async fn old(&self) -> u32 {
            yield_now().await;
            self.number
        }

        /// Adds up.
        #[expect(clippy::unused_async)]
        pub async fn add(&self, text: String, (a, _): (u32, u32), other: impl Display) -> u32 {
            self.number
                + a
                + u32::try_from(text.len() + other.to_string().len()).unwrap_or_default()
        }

        /// Any value.
        pub async fn generic<T: Default, const N: usize>(&self) -> [T; N] {
            yield_now().await;
            std::array::from_fn(|_| T::default())
        }

        /// The longer one.
        pub async fn longer<'a>(&'a self, text: &'a str) -> &'a str {
            yield_now().await;
            text
        }

        /// A future.
        pub fn future(&self) -> impl Future<Output = &u32> + Send + use<'_> {
            std::future::ready(&self.number)
        }

        /// A future in a box.
        #[must_use]
        pub fn boxed(&self) -> Pin<Box<dyn Future<Output = &u32> + Send + '_>> {
            Box::pin(async { &self.number })
        }

        /// A stream.
        pub fn stream(&self) -> impl Stream<Item = u32> + use<> {
            stream::iter([self.number])
        }

        async fn private(&self, a: bool, b: bool, c: bool) -> bool {
            yield_now().await;
            a || b || c || self.number == 0
        }

        /// Whether it is so.
        pub async fn is_so(&self) -> bool {
            self.private(true, true, true).await
        }

        #[cfg(any())]
        pub async fn not_there(&self) -> NotThere {}
    }

    #[blocking(on = "background", prefix = "on_", timeout)]
    impl Client {
        /// The number, by another runtime.
        pub async fn by_another(&self, entered: u32) -> u32 {
            yield_now().await;
            self.number + entered
        }
    }

    /// Has a runtime.
    #[blocking(type = BlockingOwner)]
    #[derive(Debug)]
    pub struct Owner {
        runtime: Handle,
    }

    #[blocking(type = BlockingOwner, on = self.runtime, timeout, forward)]
    impl Owner {
        /// A new one.
        #[blocking(on = runtime)]
        #[must_use]
        pub fn new(runtime: Handle) -> Self {
            Self { runtime }
        }

        /// Itself.
        pub async fn itself(&mut self) -> &mut Self {
            yield_now().await;
            self
        }

        /// Which it has.
        #[must_use]
        pub fn runtime(&self) -> &Handle {
            &self.runtime
        }

        /// The end.
        pub async fn close(self) -> Handle {
            yield_now().await;
            self.runtime
        }
    }

    #[blocking(type = BlockingClient, timeout, forward)]
    impl Client {
        /// A new one.
        pub fn new(number: u32) -> Self {
            Self { number }
        }

        /// Its length.
        #[expect(clippy::len_without_is_empty)]
        pub async fn len(&self) -> usize {
            yield_now().await;
            1
        }

        /// The next one.
        pub async fn next(&mut self) -> Option<Self> {
            yield_now().await;
            Some(self.clone())
        }

        /// A builder's.
        pub fn with(&mut self, number: u32) -> &mut Self {
            self.number = number;
            self
        }

        /// Into something.
        pub async fn into_number(self) -> u32 {
            yield_now().await;
            self.number
        }
    }

    /// A store.
    #[blocking(timeout)]
    #[expect(async_fn_in_trait)]
    pub trait Store {
        /// What may go wrong.
        type Error;

        /// Gets it.
        ///
        /// # Errors
        ///
        /// If it isn't there.
        async fn get(&self, key: &str) -> Result<u32, Self::Error>;

        /// Gets it, to be used.
        #[must_use]
        async fn used(&self, key: &str) -> u32;

        /// Gets it as of old.
        #[deprecated]
        async fn old(&self, key: &str) -> u32;
    }

    impl Store for Client {
        type Error = ();

        async fn get(&self, key: &str) -> Result<u32, ()> {
            yield_now().await;
            u32::try_from(key.len()).map_err(drop)
        }

        async fn used(&self, _: &str) -> u32 {
            yield_now().await;
            1
        }

        async fn old(&self, _: &str) -> u32 {
            yield_now().await;
            1
        }
    }

    trait Private {
        async fn fetch(&self) -> u32;
    }

    #[blocking]
    impl Private for Client {
        async fn fetch(&self) -> u32 {
            yield_now().await;
            self.number
        }
    }

    /// Fetches.
    #[blocking(timeout)]
    pub async fn fetch() -> u32 {
        yield_now().await;
        1
    }
}

#[test]
fn names_in_scope_do_not_matter() {
    hostile::calls();
}

#[test]
fn an_interface_is_as_it_was() {
    use interface::{BlockingClient, BlockingStore as _, Client, blocking_fetch};

    let client = Client::blocking_connect("address", 1).unwrap();
    assert_eq!(client.blocking_add("a".to_owned(), (1, 2), "b"), 4);
    assert!(client.blocking_is_so());
    assert_eq!(client.blocking_get("ab"), Ok(2));
    assert_eq!(blocking_fetch(), 1);
    assert_eq!(BlockingClient::new(4).into_number(), 4);
}
