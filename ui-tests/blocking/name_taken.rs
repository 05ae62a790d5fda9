struct Client;

#[bridgehead::blocking]
impl Client {
    async fn get(&self) {}

    fn blocking_get(&self) {}
}

fn main() {}
