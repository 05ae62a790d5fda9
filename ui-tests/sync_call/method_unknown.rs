use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

struct Client;

impl Client {
    async fn fetch(&self) {}
}

fn main() {
    let client = Client;
    let _ = sync_call!(client.fetsh());
}
