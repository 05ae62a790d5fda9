struct Client;

struct BlockingClient;

#[bridgehead::blocking(twins(Client = BlockingClient))]
async fn connect() -> Client {
    Client
}

fn main() {}
