struct Client;

#[bridgehead::blocking]
impl Client {
    async fn fetch(&self) -> u32 {
        4
    }

    async fn twice(&self) -> u32 {
        2 * bridgehead::sync_call!(self.fetch())
    }
}

fn main() {}
