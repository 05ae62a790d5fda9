struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(timeout)]
    fn all(&self) -> impl futures_util::Stream<Item = u32> {
        futures_util::stream::empty()
    }
}

fn main() {}
