use bridgehead::sync_call;

fn main() {
    let (sender, receiver) = tokio::sync::mpsc::channel::<u32>(1);
    drop(sender);
    let _ = sync_call!(receiver);
}
