#[bridgehead::blocking(type = BlockingClient)]
struct Client;

#[bridgehead::blocking(type = BlockingClient)]
impl Client {
    #[blocking(forward)]
    async fn get(&self) {}
}

fn main() {}
