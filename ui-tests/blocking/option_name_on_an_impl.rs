struct Client;

#[bridgehead::blocking(name = "get_sync")]
impl Client {
    async fn get(&self) {}
}

fn main() {}
