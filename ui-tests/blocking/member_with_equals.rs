struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking = "get_sync"]
    async fn get(&self) {}
}

fn main() {}
