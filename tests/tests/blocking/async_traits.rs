//! `#[blocking]` together with `#[async_trait]`, in either order.

use async_trait::async_trait;
use bridgehead::blocking;

use crate::pause;

#[blocking(timeout)]
#[async_trait]
trait Above: Send + Sync {
    async fn get(&self, key: &str) -> Result<String, String>;
    async fn generic<T: Send>(&mut self, value: T) -> T
    where
        Self: Sized,
    {
        pause().await;
        value
    }
    async fn provided(&self) -> u32 {
        pause().await;
        3
    }
    async fn made() -> u32
    where
        Self: Sized;
}

#[async_trait]
#[blocking]
trait Below {
    async fn get(&self, key: &str) -> Result<&u32, String>;
    async fn generic<'a, T: Send>(&mut self, first: &'a str, value: T) -> (&'a str, T)
    where
        Self: Sized,
    {
        pause().await;
        (first, value)
    }
}

struct Memory(u32);

#[async_trait]
impl Above for Memory {
    async fn get(&self, key: &str) -> Result<String, String> {
        pause().await;
        Ok(key.to_owned())
    }

    async fn made() -> u32 {
        4
    }
}

#[blocking]
#[async_trait]
impl Below for Memory {
    async fn get(&self, key: &str) -> Result<&u32, String> {
        pause().await;
        if key.is_empty() { Err("empty".to_owned()) } else { Ok(&self.0) }
    }
}

#[test]
fn the_attribute_above() {
    let mut memory = Memory(4);
    assert_eq!(BlockingAbove::blocking_generic(&mut memory, 5), 5);
    assert_eq!(BlockingAbove::blocking_provided(&memory), 3);
    assert_eq!(Memory::blocking_made(), 4);
    // An object of the async trait is possible here, too.
    let object: Box<dyn Above> = Box::new(memory);
    assert_eq!(object.blocking_get("a"), Ok("a".to_owned()));
}

#[test]
fn the_attribute_below() {
    let mut memory = Memory(4);
    let text = String::from("a");
    assert_eq!(BlockingBelow::blocking_generic(&mut memory, &text, 5), ("a", 5));
    let object: &dyn BlockingBelow = &memory;
    assert_eq!(object.blocking_get("a"), Ok(&4));
    assert_eq!(object.blocking_get(""), Err("empty".to_owned()));
    // The twin of the method in the impl.
    assert_eq!(memory.blocking_get("a"), Ok(&4));
}
