use bridgehead::try_sync_call;

fn main() {
    let _ = try_sync_call!(4);
}
