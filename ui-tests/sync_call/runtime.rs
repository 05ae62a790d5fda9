use bridgehead::sync_call;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _ = sync_call!(runtime);
}
