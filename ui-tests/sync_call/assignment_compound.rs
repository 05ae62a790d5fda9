use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let mut count = 0;
    sync_call!(count += std::future::ready(1));
    drop(count);
}
