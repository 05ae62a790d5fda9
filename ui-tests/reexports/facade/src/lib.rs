//! A library whose users don't depend on bridgehead.
//!
//! ```
//! #[bridge::entry]
//! async fn main() {
//!     assert_eq!(facade::Client::default().next().await, 1);
//! }
//! ```

pub use bridge as bridgehead;
pub use bridge::{sync_call, try_sync_call as try_wait_for};

#[macro_export]
macro_rules! wait {
    ($future:expr) => {
        $crate::bridgehead::sync_call!($future,)
    };
}

#[macro_export]
macro_rules! wait_tokens {
    ($($tokens:tt)*) => {
        $crate::sync_call!($($tokens)*)
    };
}

/// As `wait!`, in a function of its own.
#[macro_export]
macro_rules! getter {
    ($name:ident, $future:expr) => {
        fn $name() -> u32 {
            $crate::wait!($future)
        }
    };
}

#[bridge::blocking(type = BlockingClient)]
#[derive(Default)]
pub struct Client(u32);

#[bridge::blocking(type = BlockingClient, timeout)]
impl Client {
    pub async fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}
