use bridgehead::sync_call;

fn main() {
    let mut interval = tokio::time::interval(std::time::Duration::from_secs(1));
    let _ = sync_call!(interval);
}
