//! A library with a feature for its blocking twins. Its docs link both ways.
#![deny(warnings, missing_docs, rustdoc::all)]

mod private;

pub use private::{BlockingClient, Client};

/// A builder.
///
/// # Examples
///
/// None.
#[cfg_attr(feature = "blocking", bridge::blocking(module = blocking))]
#[derive(Debug, Default)]
pub struct Builder<T = u32>(Vec<T>);

/// Its functions.
#[cfg_attr(feature = "blocking", bridge::blocking(module = blocking, forward, timeout))]
impl<T> Builder<T> {
    /// Adds a value.
    pub fn add(&mut self, value: T) -> &mut Self {
        self.0.push(value);
        self
    }

    /// Shares it.
    #[cfg_attr(feature = "blocking", must_use, bridge::blocking(skip))]
    pub fn shared(self: std::sync::Arc<Self>) -> std::sync::Arc<Self> {
        self
    }

    /// As another one.
    #[cfg_attr(feature = "blocking", bridge::blocking(name = "size", timeout = false))]
    #[cfg_attr(not(feature = "blocking"), must_use)]
    pub async fn length(&self) -> usize {
        self.0.len()
    }

    /// On a condition of its own.
    #[cfg_attr(all(), doc = "It is always.")]
    #[cfg_attr(any(), bridge::blocking(skip))]
    pub async fn always(&self) {}

    /// Never.
    #[cfg_attr(all(feature = "blocking"), bridge::blocking(skip))]
    pub async fn never(&self) {}
}

/// A trait.
#[cfg_attr(feature = "blocking", bridge::blocking)]
#[allow(async_fn_in_trait)]
pub trait Store<K> {
    /// Its error.
    type Error;

    /// Gets.
    ///
    /// # Errors
    ///
    /// Where it can't.
    async fn get(&self, key: K) -> Result<u32, Self::Error>;
}

/// A function.
#[cfg_attr(feature = "blocking", bridge::blocking(timeout))]
pub async fn fetch() -> u32 {
    4
}
