struct Client;

#[bridgehead::blocking(twins(Client = BlockingClient))]
async fn connect() -> Option<Client> {
    None
}

fn main() {}
