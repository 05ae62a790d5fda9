struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(skp)]
    async fn get(&self) {}
}

fn main() {}
