use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    struct Client {
        last: u32,
    }

    let mut client = Client { last: 0 };
    sync_call!(client.last = std::future::ready(1));
    drop(client.last);
}
