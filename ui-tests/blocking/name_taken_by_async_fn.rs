struct Client;

#[bridgehead::blocking]
impl Client {
    async fn get(&self) {}

    async fn blocking_get(&self) {}
}

fn main() {}
