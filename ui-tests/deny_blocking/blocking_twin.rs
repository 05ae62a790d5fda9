struct Client;

#[bridgehead::blocking]
impl Client {
    async fn fetch(&self) -> u32 {
        4
    }
}

#[bridgehead::deny_blocking]
async fn start() -> u32 {
    Client.blocking_fetch()
}

fn main() {}
