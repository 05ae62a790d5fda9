use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let _ = sync_call!(if fetch(1).await.is_ok() { fetch(2) } else { fetch(3) });
}
