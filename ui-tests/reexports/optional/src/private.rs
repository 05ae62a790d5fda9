use crate::Store;

/// A client.
#[cfg_attr(feature = "blocking", bridge::blocking(type = BlockingClient))]
#[derive(Debug)]
pub struct Client<'a>(pub &'a str);

#[cfg(not(feature = "blocking"))]
/// Nothing.
#[derive(Debug)]
pub struct BlockingClient;

#[cfg_attr(feature = "blocking", bridge::blocking(type = BlockingClient))]
impl<'a> Client<'a> {
    /// Asks.
    pub async fn ask(&self) -> &'a str {
        self.0
    }
}

#[cfg_attr(feature = "blocking", bridge::blocking(type = BlockingClient))]
impl Store<u32> for Client<'_> {
    type Error = ();

    /// Gets from it.
    async fn get(&self, key: u32) -> Result<u32, ()> {
        Ok(key)
    }
}
