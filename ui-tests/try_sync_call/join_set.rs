use bridgehead::try_sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let mut set = tokio::task::JoinSet::new();
    set.spawn(fetch(1));
    let _ = try_sync_call!(set);
}
