use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let futures = [fetch(1), fetch(2)];
    let _ = sync_call!(&futures[..]);
}
