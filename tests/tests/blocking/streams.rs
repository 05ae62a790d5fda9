//! Twins of functions that return streams.

use std::pin::Pin;
use std::time::Duration;

use bridgehead::blocking;
use futures::stream::{self, BoxStream, LocalBoxStream, Stream, StreamExt};

use crate::pause;

struct Numbers(u32);

fn numbers(count: u32) -> impl Stream<Item = u32> + 'static {
    stream::iter(0..count).then(async |number| {
        pause().await;
        number
    })
}

/// A stream of a named type.
struct Named(LocalBoxStream<'static, u32>);

impl Stream for Named {
    type Item = u32;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

/// A reader.
type Body = std::io::Cursor<&'static str>;

#[blocking(twins(Named = bridgehead::Iter<Named>, Body = bridgehead::Io<Body>))]
impl Numbers {
    fn implied(&self) -> impl Stream<Item = u32> + use<> {
        numbers(self.0)
    }

    fn borrowing(&self) -> impl Stream<Item = &u32> {
        stream::iter([&self.0])
    }

    fn boxed(&self) -> BoxStream<'_, u32> {
        numbers(self.0).boxed()
    }

    fn pinned<'a>(&'a self) -> Pin<Box<dyn Stream<Item = &'a u32> + 'a>> {
        Box::pin(stream::iter([&self.0]))
    }

    async fn later(&self) -> impl Stream<Item = u32> + use<> {
        pause().await;
        numbers(self.0)
    }

    #[blocking(timeout)]
    async fn perhaps(&self) -> Result<impl Stream<Item = u32> + use<>, String> {
        pause().await;
        if self.0 > 0 { Ok(numbers(self.0)) } else { Err("none".to_owned()) }
    }

    fn if_any(&self) -> Option<LocalBoxStream<'static, u32>> {
        (self.0 > 0).then(|| numbers(self.0).boxed_local())
    }

    async fn named(&self) -> Result<Named, ()> {
        Ok(Named(numbers(self.0).boxed_local()))
    }

    async fn body(&self) -> Result<Body, ()> {
        pause().await;
        Ok(Body::new("text"))
    }
}

#[test]
fn become_iterators() {
    let three = Numbers(3);
    let all = [0, 1, 2];
    assert!(three.blocking_implied().eq(all));
    assert!(three.blocking_borrowing().eq([&3]));
    assert!(three.blocking_boxed().eq(all));
    assert!(three.blocking_pinned().eq([&3]));
    assert!(three.blocking_later().eq(all));
    assert!(three.blocking_perhaps().unwrap().eq(all));
    assert!(three.blocking_perhaps_timeout(Duration::MAX).unwrap().unwrap().eq(all));
    assert_eq!(Numbers(0).blocking_perhaps().map(Iterator::count), Err("none".to_owned()));
    assert!(three.blocking_if_any().unwrap().eq(all));
    assert!(Numbers(0).blocking_if_any().is_none());
    assert!(three.blocking_named().unwrap().eq(all));
}

#[test]
fn readers_become_those_of_std() {
    assert_eq!(std::io::read_to_string(Numbers(1).blocking_body().unwrap()).unwrap(), "text");
}

/// As with any iterator over a stream.
#[test]
fn the_location_is_the_callers() {
    let zero = Numbers(1);
    for (line, text) in [
        (line!(), format!("{:?}", zero.blocking_implied())),
        (line!(), format!("{:?}", zero.blocking_later())),
        (line!(), format!("{:?}", zero.blocking_perhaps().unwrap())),
        (line!(), format!("{:?}", zero.blocking_if_any().unwrap())),
    ] {
        assert!(text.contains(&format!("line: {line}")), "{text} isn't of line {line}");
    }
}
