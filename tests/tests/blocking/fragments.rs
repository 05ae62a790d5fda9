//! Functions that a `macro_rules!` macro passes on as items.

use bridgehead::blocking;

macro_rules! client {
    ($name:ident, $($item:item)*) => {
        struct $name;

        #[blocking]
        impl $name {
            $($item)*

            async fn own(&self) -> u32 {
                1
            }
        }
    };
}

macro_rules! only_items {
    ($name:ident, $($item:item)*) => {
        #[blocking]
        impl $name {
            $($item)*
        }
    };
}

macro_rules! store {
    ($($item:item)*) => {
        #[blocking]
        trait Store {
            $($item)*
        }
    };
}

macro_rules! single {
    ($item:item) => {
        #[blocking]
        $item
    };
}

/// Passes on an item that another macro has passed on.
macro_rules! twice {
    ($item:item) => {
        single! { $item }
    };
}

client! {
    Client,

    const ANSWER: u32 = 42;

    async fn answer(&self) -> u32 {
        Self::ANSWER
    }

    #[blocking(name = "renamed")]
    async fn named(&self) -> fn(u32) -> u32 {
        |value| value
    }
}

struct Other;

only_items! {
    Other,

    #[blocking(skip)]
    async fn skipped(&self) -> u32 {
        self.get().await
    }

    async fn get(&self) -> u32 {
        2
    }
}

store! {
    type Value;

    async fn value(&self) -> Self::Value;

    #[blocking(skip)]
    async fn skipped(&self) {}
}

impl Store for Other {
    type Value = u32;

    async fn value(&self) -> u32 {
        3
    }
}

single! {
    async fn free() -> u32 {
        4
    }
}

twice! {
    async fn handed_on() -> u32 {
        5
    }
}

#[test]
fn have_their_twins() {
    assert_eq!((Client.blocking_own(), Client.blocking_answer(), Client.renamed()(2)), (1, 42, 2));
    assert_eq!((Other.blocking_get(), Other.blocking_value()), (2, 3));
    assert_eq!((blocking_free(), blocking_handed_on()), (4, 5));
    let others = async {
        Other.skipped().await;
        Store::skipped(&Other).await;
    };
    bridgehead::sync_call!(others);
}
