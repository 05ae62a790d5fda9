#[bridgehead::blocking(type = BlockingClient)]
struct Client;

#[bridgehead::blocking(type = BlockingClient)]
impl Client {
    async fn get() -> std::sync::Arc<Self> {
        std::sync::Arc::new(Self)
    }
}

fn main() {}
