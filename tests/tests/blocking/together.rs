//! `#[blocking]` together with the checks for blocking calls in async code. A twin is synchronous
//! also if it is defined in async code.

use bridgehead::{blocking, deny_blocking, sync_call};

use crate::pause;

#[deny_blocking]
#[blocking]
async fn below() -> u8 {
    pause().await;
    4
}

#[blocking]
#[deny_blocking]
async fn above() -> u8 {
    pause().await;
    4
}

struct Client;

#[blocking(timeout)]
#[deny_blocking]
impl Client {
    async fn get(&self) -> u8 {
        pause().await;
        4
    }

    fn get_synchronously(&self) -> u8 {
        sync_call!(self.get())
    }
}

#[deny_blocking]
mod denied {
    use bridgehead::blocking;

    #[blocking(type = BlockingInner)]
    pub(crate) struct Inner;

    #[blocking(type = BlockingInner)]
    impl Inner {
        pub(crate) async fn new() -> Self {
            crate::pause().await;
            Self
        }
    }

    #[blocking]
    pub(crate) trait Source {
        async fn source(&self) -> u8 {
            crate::pause().await;
            4
        }
    }

    impl Source for Inner {}
}

#[test]
fn twins_are_not_denied() {
    assert_eq!((blocking_below(), blocking_above()), (4, 4));
    assert_eq!((Client.blocking_get(), Client.get_synchronously()), (4, 4));
    let inner = denied::BlockingInner::new();
    assert_eq!(denied::BlockingSource::blocking_source(inner.as_ref()), 4);
}

/// A twin may be defined in async code, as a function of its own.
#[bridgehead::test]
async fn a_twin_may_be_made_in_async_code() {
    #[blocking]
    async fn double(number: u8) -> u8 {
        pause().await;
        // The call is not directly in async code: the closure is synchronous.
        let number = || sync_call!(async { number });
        2 * number()
    }
    struct Local;
    #[blocking]
    impl Local {
        async fn get(&self) -> u8 {
            blocking_double(2)
        }
    }
    assert_eq!(tokio::task::spawn_blocking(|| Local.blocking_get()).await.expect("no panic"), 4);
}
