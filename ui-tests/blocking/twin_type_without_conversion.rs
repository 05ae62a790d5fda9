struct Client;

struct BlockingClient(Client);

#[bridgehead::blocking(type = BlockingClient)]
impl Client {
    async fn get(&self) -> u32 {
        4
    }
}

fn main() {}
