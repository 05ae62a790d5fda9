struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(name = "closed")]
    fn is_closed(&self) {}

    async fn get(&self) {}
}

fn main() {}
