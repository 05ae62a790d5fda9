struct Client;

#[bridgehead::blocking(type = BlockingClient)]
impl Client {
    async fn get(&self) {}

    async fn set(&self) {}
}

fn main() {}
