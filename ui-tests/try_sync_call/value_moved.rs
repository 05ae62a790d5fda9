use bridgehead::try_sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let future = fetch(1);
    drop(future);
    let _ = try_sync_call!(future);
}
