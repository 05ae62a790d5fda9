struct Client;

#[bridgehead::blocking(timeout)]
impl Client {
    async fn get(&self) {}

    async fn get_timeout(&self) {}
}

fn main() {}
