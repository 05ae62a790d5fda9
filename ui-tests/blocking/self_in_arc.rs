#[bridgehead::blocking(type = BlockingClient)]
struct Client;

#[bridgehead::blocking(type = BlockingClient)]
impl Client {
    async fn get(self: std::sync::Arc<Self>) {}
}

fn main() {}
