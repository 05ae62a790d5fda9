struct Client;

#[bridgehead::blocking(prefix = "")]
impl Client {
    async fn get(&self) {}
}

fn main() {}
