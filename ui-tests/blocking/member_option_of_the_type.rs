struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(type = BlockingClient)]
    async fn get(&self) {}
}

fn main() {}
