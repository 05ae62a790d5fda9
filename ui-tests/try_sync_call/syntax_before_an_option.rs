use bridgehead::try_sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let _ = try_sync_call!(fetch(1) +, timeout = "5s");
}
