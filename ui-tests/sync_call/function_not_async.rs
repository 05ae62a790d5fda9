use bridgehead::sync_call;

fn main() {
    let _ = sync_call!(std::fs::read("file"));
}
