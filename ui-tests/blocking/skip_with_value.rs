struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(skip = true)]
    async fn get(&self) {}

    async fn set(&self) {}
}

fn main() {}
