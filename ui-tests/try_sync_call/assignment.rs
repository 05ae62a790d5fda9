use bridgehead::try_sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let mut result = Ok(Ok(String::new()));
    try_sync_call!(result = fetch(1));
    drop(result);
}
