use bridgehead::sync_call;

async fn fetch(id: u32) -> Result<String, String> {
    Ok(id.to_string())
}

fn main() {
    let mut set = tokio::task::JoinSet::new();
    set.spawn(fetch(1));
    let _ = sync_call!(&mut set);
}
