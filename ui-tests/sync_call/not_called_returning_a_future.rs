use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn start() -> impl Future<Output = u32> {
    std::future::ready(4)
}

fn main() {
    let _ = sync_call!(start);
}
