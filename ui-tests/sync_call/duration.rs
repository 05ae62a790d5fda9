use bridgehead::sync_call;

fn main() {
    let _ = sync_call!(std::time::Duration::from_secs(1));
}
