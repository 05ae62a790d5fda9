//! Twin types, and the values that are converted to them.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bridgehead::blocking;
use futures::future::BoxFuture;
use futures::stream::{self, Stream};

use crate::pause;

#[blocking(type = BlockingClient)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Client {
    number: u32,
}

#[blocking(type = BlockingTransaction)]
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    client: &'a mut Client,
}

#[blocking(type = BlockingClient, twins(Transaction = BlockingTransaction), timeout, forward)]
impl Client {
    pub(crate) const fn new(number: u32) -> Self {
        Self { number }
    }

    pub(crate) async fn connect(number: u32) -> Result<Self, String> {
        pause().await;
        Ok(Self { number })
    }

    pub(crate) async fn get(&self) -> u32 {
        pause().await;
        self.number
    }

    pub(crate) async fn transaction(&mut self) -> Result<Transaction<'_>, String> {
        pause().await;
        Ok(Transaction { client: self })
    }

    pub(crate) async fn everywhere(
        self,
        other: Client,
        third: &Self,
        fourth: &mut self::Client,
        fifth: Vec<Self>,
        sixth: Option<(Client, u8)>,
    ) -> (Option<Self>, Vec<Client>, Result<u32, Self>, Box<Self>, [Client; 2]) {
        pause().await;
        fourth.number += third.number;
        let rest = fifth.into_iter().chain(sixth.map(|(client, _)| client)).collect();
        let result = if other.number == 0 { Ok(0) } else { Err(other.clone()) };
        (Some(self), rest, result, Box::new(other.clone()), [other.clone(), other])
    }

    pub(crate) async fn pinned(self: Pin<&mut Self>) -> u32 {
        self.number
    }

    pub(crate) async fn boxed(self: Box<Self>) -> u32 {
        self.number
    }

    pub(crate) async fn typed(self: &Client) -> u32 {
        self.number
    }

    #[blocking(skip)]
    #[allow(dead_code)]
    pub(crate) async fn shared(self: Arc<Self>) -> Arc<Self> {
        self
    }

    #[blocking(name = "all", timeout = false)]
    pub(crate) async fn stream(&self) -> impl Stream<Item = u32> + use<> {
        stream::iter([self.number])
    }

    pub(crate) fn is_closed(&self) -> bool {
        // Code of the async type may need a current runtime.
        tokio::runtime::Handle::current();
        self.number == 0
    }

    pub(crate) fn with(mut self, number: u32) -> Self {
        self.number = number;
        self
    }

    #[blocking(forward = false)]
    pub(crate) fn reference(&self) -> &Self {
        self
    }

    async fn private(&self) -> u32 {
        self.reference().number
    }

    #[blocking(forward)]
    fn private_too(&self) -> u32 {
        self.number
    }
}

/// A second impl of the type.
#[blocking(type = BlockingClient, prefix = "do_")]
impl Client {
    async fn set(&mut self, number: u32) -> Result<(), Self> {
        pause().await;
        self.number = number;
        Ok(())
    }
}

#[blocking(type = BlockingTransaction, twins(Client = BlockingClient))]
impl<'a> Transaction<'a> {
    pub(crate) async fn set(&mut self, number: u32) {
        pause().await;
        self.client.number = number;
    }

    pub(crate) async fn nested(&mut self) -> Option<Transaction<'_>> {
        pause().await;
        Some(Transaction { client: self.client })
    }

    pub(crate) fn commit(self) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async {
            pause().await;
            Ok(())
        })
    }

    pub(crate) async fn back(self) -> Result<&'a mut u32, Client> {
        Ok(&mut self.client.number)
    }
}

#[blocking(type = BlockingTransaction)]
impl Transaction<'_> {
    async fn copy(&self) -> u32 {
        self.client.number
    }
}

#[test]
fn twins_take_and_return_twins() {
    let mut client = BlockingClient::connect(1).unwrap();
    let mut transaction = client.transaction().unwrap();
    transaction.set(2);
    transaction.nested().unwrap().set(3);
    assert_eq!(transaction.copy(), 3);
    transaction.commit().unwrap();
    assert_eq!(client.transaction_timeout(Duration::MAX).unwrap().unwrap().back(), Ok(&mut 3));
    assert_eq!(client.get_timeout(Duration::MAX).unwrap(), 3);

    let (other, mut fourth) = (BlockingClient::new(2), BlockingClient::new(4));
    let more = (vec![BlockingClient::new(5)], Some((BlockingClient::new(6), 0)));
    let (first, rest, result, boxed, array) =
        client.clone().everywhere(other.clone(), &client, &mut fourth, more.0, more.1);
    assert_eq!((first, rest), (Some(client), vec![BlockingClient::new(5), BlockingClient::new(6)]));
    assert_eq!(
        (result, *boxed, array),
        (Err(other.clone()), other.clone(), [other.clone(), other])
    );
    assert_eq!(fourth, BlockingClient::new(7));
}

#[test]
fn receivers_of_twins() {
    let mut client = BlockingClient::new(3);
    assert_eq!((client.pinned(), client.typed()), (3, 3));
    assert_eq!(Box::new(client.clone()).boxed(), 3);
    client.do_set(4).unwrap();
    assert!(client.all().eq([4]));
    assert_eq!(client.private(), 4);
    assert_eq!(client.private_too(), 4);
    assert!(!client.is_closed());
    assert!(client.with(0).is_closed());
}

#[test]
fn a_twin_leads_to_the_async_value_and_back() {
    let mut twin = BlockingClient::from(Client { number: 1 });
    twin.as_mut().number = 2;
    assert_eq!(twin.as_ref(), &Client { number: 2 });
    assert_eq!(Client::from(twin), Client { number: 2 });
}

/// A type with bounds, a default and a `where` clause.
#[blocking(type = BlockingPool)]
#[derive(Debug, Clone, Default)]
pub(crate) struct Pool<'a, T: Debug = u8, const N: usize = 2>
where
    T: Clone,
{
    values: Vec<&'a T>,
}

#[blocking(type = BlockingPool, timeout)]
impl<'a, T: Debug, const N: usize> Pool<'a, T, N>
where
    T: Clone,
    Self: Debug,
{
    async fn new(value: &'a T) -> Pool<'a, T, N> {
        pause().await;
        Self { values: vec![value; N] }
    }

    async fn take<F>(&mut self, choose: F) -> Option<(&'a T, Self)>
    where
        F: AsyncFn(&T) -> bool,
    {
        let value = self.values.pop()?;
        choose(value).await.then(|| (value, self.clone()))
    }
}

#[test]
fn a_generic_twin() {
    let value = 4;
    let mut pool: BlockingPool<'_, i32, 3> = BlockingPool::new(&value);
    let (value, rest) = pool.take(async |value| *value == 4).unwrap();
    assert_eq!((*value, rest.as_ref().values.len()), (4, 2));
    assert_eq!(format!("{:?}", BlockingPool::<u8>::default()), "BlockingPool(Pool { values: [] })");
}

/// A module of twins, as in `reqwest::blocking`.
mod http {
    use bridgehead::blocking;

    #[blocking(module = blocking)]
    #[derive(Debug)]
    pub(crate) struct Client<T: Into<u32>>(T);

    #[blocking(module = blocking)]
    impl<T: Into<u32>> Client<T> {
        pub(crate) async fn new(number: T) -> Result<Self, ()> {
            crate::pause().await;
            Ok(Client(number))
        }

        pub(crate) async fn get(self) -> u32 {
            self.0.into()
        }
    }

    #[blocking(module = sync, type = Conn)]
    #[derive(Debug)]
    pub(super) enum Connection {
        Open,
    }

    #[blocking(type = sync::Conn)]
    impl Connection {
        pub(super) async fn open() -> Self {
            Self::Open
        }
    }
}

#[test]
fn a_module_of_twins() {
    let client = http::blocking::Client::new(4_u8).unwrap();
    assert_eq!(client.get(), 4);
    assert!(matches!(http::sync::Conn::open().as_ref(), http::Connection::Open));
}

/// A `Result` alias, as many crates have one.
type ClientResult<T> = Result<T, String>;

#[blocking(type = BlockingClient)]
impl Client {
    pub(crate) async fn aliased(number: u32) -> ClientResult<Option<Self>> {
        pause().await;
        if number == 0 { Err("none".into()) } else { Ok(Some(Self { number })) }
    }
}

#[test]
fn a_result_by_another_name() {
    assert_eq!(BlockingClient::aliased(1), Ok(Some(BlockingClient::new(1))));
    assert_eq!(BlockingClient::aliased(0), Err("none".into()));
}

/// A twin that the user has written by hand.
struct ByHand {
    inner: Client,
    calls: u32,
}

impl AsRef<Client> for ByHand {
    fn as_ref(&self) -> &Client {
        &self.inner
    }
}

impl AsMut<Client> for ByHand {
    fn as_mut(&mut self) -> &mut Client {
        self.calls += 1;
        &mut self.inner
    }
}

impl From<Client> for ByHand {
    fn from(inner: Client) -> Self {
        Self { inner, calls: 0 }
    }
}

#[blocking(type = ByHand)]
impl Client {
    async fn made() -> Self {
        Self::new(1)
    }

    async fn increase(&mut self) -> u32 {
        self.number += 1;
        self.number
    }
}

#[test]
fn a_twin_by_hand() {
    let mut twin = ByHand::made();
    assert_eq!(twin.increase(), 2);
    assert_eq!(twin.calls, 1);
}

/// A module that exports only the twins.
mod hidden {
    use bridgehead::blocking;

    #[blocking(type = Client, vis = pub(crate))]
    #[derive(Debug)]
    struct AsyncClient;

    #[blocking(type = Client, vis = pub(crate))]
    impl AsyncClient {
        async fn new() -> Self {
            crate::pause().await;
            Self
        }
    }

    #[blocking(vis = pub(crate))]
    async fn fetch() -> u8 {
        crate::pause().await;
        4
    }
}

#[test]
fn a_twin_may_be_seen_where_the_async_one_is_not() {
    assert_eq!(format!("{:?}", hidden::Client::new()), "Client(AsyncClient)");
    assert_eq!(hidden::blocking_fetch(), 4);
}
