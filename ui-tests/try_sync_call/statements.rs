use bridgehead::try_sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let _ = try_sync_call!(let id = 1; fetch(id));
}
