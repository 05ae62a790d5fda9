use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let text: Result<String, String> = sync_call!(async { fetch(1) });
    drop(text);
}
