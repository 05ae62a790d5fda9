struct Client<T>(T);

#[bridgehead::blocking]
async fn fetch(client: Client) {
    drop(client);
}

fn main() {}
