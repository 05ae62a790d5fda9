use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let mut result = Ok(String::new());
    sync_call!(result = fetch(1).await);
    drop(result);
}
