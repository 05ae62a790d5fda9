struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(skip)]
    fn is_closed(&self) {}

    async fn get(&self) {}
}

fn main() {}
