use bridgehead::sync_call;

fn main() {
    let (sender, receiver) = std::sync::mpsc::channel::<u32>();
    drop(sender);
    let _ = sync_call!(receiver);
}
