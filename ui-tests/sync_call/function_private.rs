use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

mod client {
    async fn fetch() {}
}

fn main() {
    let _ = sync_call!(client::fetch());
}
