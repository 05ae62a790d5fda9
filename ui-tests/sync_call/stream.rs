use std::pin::Pin;
use std::task::{Context, Poll};

use bridgehead::sync_call;

struct Numbers;

impl Stream for Numbers {
    type Item = u32;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        Poll::Ready(None)
    }
}

trait Stream {
    type Item;
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>>;
}

fn main() {
    let _ = sync_call!(Numbers);
}
