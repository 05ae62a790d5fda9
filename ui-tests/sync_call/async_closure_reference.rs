use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let start = async || fetch(1).await;
    let _ = sync_call!(&start);
}
