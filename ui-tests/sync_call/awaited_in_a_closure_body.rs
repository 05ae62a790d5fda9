use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let _ = sync_call!(Some(1).map(|id| fetch(id).await).unwrap());
}
