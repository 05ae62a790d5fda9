struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(forward)]
    fn is_closed(&self) {}

    async fn get(&self) {}
}

fn main() {}
