struct Client;

#[bridgehead::blocking]
impl Client {
    #[bridgehead::blocking]
    async fn get(&self) {}
}

fn main() {}
