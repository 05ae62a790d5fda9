use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

struct Client;

impl Client {
    async fn fetch(&self) -> u32 {
        4
    }
}

fn main() {
    let _ = sync_call!(Client::fetch);
}
