//! Builders, in the shapes of the clients `reqwest`, `redis`, `mongodb` and `zbus`.

use std::pin::Pin;

use bridgehead::blocking;

use crate::pause;

#[blocking(type = BlockingRequest)]
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Request<'a, T = u32> {
    headers: Vec<&'a str>,
    body: Option<T>,
}

#[blocking(type = BlockingRequest, forward, timeout)]
impl<'a, T: Clone> Request<'a, T> {
    pub(crate) fn header(&mut self, name: &'a str) -> &mut Self {
        self.headers.push(name);
        self
    }

    pub(crate) fn body<'b>(self: &'b mut Self, body: T) -> &'b mut Request<'a, T> {
        self.body = Some(body);
        self
    }

    pub(crate) fn checked(&mut self, name: &'a str) -> Result<&mut Self, String> {
        if name.is_empty() { Err("empty".to_owned()) } else { Ok(self.header(name)) }
    }

    pub(crate) fn maybe(&mut self, name: Option<&'a str>) -> Option<&mut Self> {
        name.map(|name| self.header(name))
    }

    pub(crate) fn nested(&mut self, name: Option<&'a str>) -> Result<Option<&mut Self>, ()> {
        Ok(self.maybe(name))
    }

    pub(crate) fn inspect(&self, look: impl FnOnce(&[&str])) -> &Self {
        look(&self.headers);
        self
    }

    pub(crate) fn frozen(&mut self) -> &Self {
        self
    }

    pub(crate) async fn resolve(&mut self) -> &mut Self {
        pause().await;
        self.header("resolved")
    }

    pub(crate) async fn resolve_name(&mut self, name: &'a str) -> Result<&mut Self, String> {
        pause().await;
        self.checked(name)
    }

    pub(crate) fn resolve_later(&mut self) -> Pin<Box<dyn Future<Output = &mut Self> + '_>> {
        Box::pin(self.resolve())
    }

    // By value.
    pub(crate) fn with(mut self, name: &'a str) -> Self {
        self.headers.push(name);
        self
    }

    pub(crate) fn try_with(self, name: &'a str) -> Result<Self, String> {
        if name.is_empty() { Err("empty".to_owned()) } else { Ok(self.with(name)) }
    }

    pub(crate) fn boxed(self: Box<Self>) -> Box<Self> {
        self
    }

    pub(crate) async fn send(self) -> (usize, Option<T>) {
        pause().await;
        (self.headers.len(), self.body)
    }

    pub(crate) async fn send_copy(&self) -> usize {
        pause().await;
        self.headers.len()
    }
}

/// An impl that leaves out its lifetime.
#[blocking(type = BlockingRequest, forward)]
impl Request<'_, u64> {
    pub(crate) fn large(&mut self) -> &mut Self {
        self.body = Some(u64::MAX);
        self
    }

    pub(crate) fn with_large(mut self) -> Self {
        self.large();
        self
    }

    pub(crate) async fn kept(self) -> Result<Self, Self> {
        pause().await;
        Ok(self)
    }

    /// As in `mongodb`: the method returns a builder of its own, which is awaited.
    pub(crate) fn action(&self) -> impl IntoFuture<Output = Option<u64>> + use<> {
        std::future::ready(self.body)
    }
}

/// A node that owns others of its own type. No twin of such a node can be borrowed from it.
#[blocking(type = BlockingNode)]
#[derive(Debug, Default)]
pub(crate) struct Node {
    next: Option<Box<Node>>,
}

#[blocking(type = BlockingNode, forward)]
impl Node {
    pub(crate) async fn push(&mut self) -> &mut Self {
        self.next = Some(Box::default());
        self
    }

    pub(crate) fn next(&mut self) -> Option<&mut Self> {
        self.next.as_deref_mut()
    }
}

fn request<'a>() -> BlockingRequest<'a> {
    BlockingRequest::from(Request { headers: Vec::new(), body: None })
}

#[test]
fn by_reference() {
    let mut request = request();
    request.header("a").body(4).header("b").resolve().header("c");
    request
        .checked("d")
        .unwrap()
        .maybe(Some("e"))
        .unwrap()
        .nested(Some("f"))
        .unwrap()
        .unwrap()
        .resolve_later();
    assert_eq!(request.checked("").unwrap_err(), "empty");
    assert!(request.maybe(None).is_none() && request.nested(None).unwrap().is_none());
    assert_eq!(request.resolve_name("").unwrap_err(), "empty");
    request.resolve_name("g").unwrap();
    request.resolve_timeout(std::time::Duration::MAX).unwrap().header("h");
    let mut seen = 0;
    assert_eq!(request.frozen().inspect(|headers| seen = headers.len()).send_copy(), 11);
    assert_eq!(seen, 11);
    assert_eq!(request.send(), (11, Some(4)));
}

#[test]
fn in_an_impl_with_an_anonymous_lifetime() {
    let mut request = BlockingRequest::<u64>::from(Request { headers: Vec::new(), body: None });
    request.large().header("a").large();
    assert_eq!(request.with_large().kept().unwrap().action(), Some(u64::MAX));
}

#[test]
fn by_value() {
    let request = request().with("a").try_with("b").unwrap();
    assert_eq!(request.clone().try_with("").unwrap_err(), "empty");
    assert_eq!(Box::new(request).boxed().send().0, 2);
}

#[test]
#[should_panic(expected = "a twin returns `self` for a reference")]
fn another_reference_is_refused() {
    let mut node = BlockingNode::default();
    assert!(node.next().is_none());
    node.push().next();
}
