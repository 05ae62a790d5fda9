// errors: 3 because there are as many faults
struct Client;

#[bridgehead::blocking]
impl Client {
    #[blocking(prefix = "sync_", type = BlockingClient, crate = bridgehead)]
    async fn get(&self) {}
}

fn main() {}
