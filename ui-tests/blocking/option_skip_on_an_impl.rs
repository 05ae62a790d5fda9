struct Client;

#[bridgehead::blocking(skip)]
impl Client {
    async fn get(&self) {}
}

fn main() {}
