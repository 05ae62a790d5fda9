use bridgehead::try_sync_call;

fn main() {
    let mut future = async { 4 };
    let _ = try_sync_call!(&mut future);
}
