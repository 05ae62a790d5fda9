mod client {
    pub struct Client;

    #[bridgehead::blocking]
    impl Client {
        async fn fetch(&self) -> u32 {
            4
        }
    }
}

fn main() {
    client::Client.blocking_fetch();
}
