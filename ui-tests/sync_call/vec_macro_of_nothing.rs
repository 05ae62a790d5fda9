use bridgehead::sync_call;

fn main() {
    let _ = sync_call!(vec![]);
}
