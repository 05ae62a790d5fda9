use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

async fn start() {}

fn main() {
    let _ = sync_call!(start);
}
