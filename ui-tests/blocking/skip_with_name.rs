struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(skip, name = "get_sync")]
    async fn get(&self) {}

    async fn set(&self) {}
}

fn main() {}
