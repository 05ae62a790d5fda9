struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(prefix = "sync_")]
    async fn get(&self) {}
}

fn main() {}
