struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(name = "get_sync")]
    #[blocking(timeout)]
    async fn get(&self) {}
}

fn main() {}
